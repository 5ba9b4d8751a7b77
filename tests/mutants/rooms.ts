/** Which tests know a room best, in the order in which they are tried; each a folder of tests/ or a file of it. */
export interface Room {
  tests: readonly string[];
  /** Tests in which each start of a server, a database or git costs much: they are tried with what the others left. */
  stories: readonly string[];
}

const words = ["cli/policy.test.ts", "cli/terminal.test.ts", "cli/words.test.ts", "web/report.test.ts"];

const stories = [
  ...["story", "landing", "exact", "events", "down", "content", "bound", "promises", "night"].map((name) => `engine-gate/${name}`),
  "check/verdicts",
];

export const rooms: Readonly<Record<string, Room>> = {
  policy: { tests: ["policy", "policies.test.ts", "gate", "cli/policy.test.ts", "catalog/ignored.test.ts"], stories: [] },
  gate: { tests: ["gate", "policy", "policies.test.ts", ...words, "github/words.test.ts", "github/inbound.test.ts"], stories: [] },
  rollout: { tests: ["rollout"], stories: [] },
  engine: {
    tests: ["engine", "engine/kept", "engine/night", "engine/rollout"],
    stories: ["engine/besides", ...stories].map((name) => `${name}.test.ts`),
  },
};
