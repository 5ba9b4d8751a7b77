import { expect, it } from "vitest";
import { hurried, runKilled } from "./run.ts";

/** `node tests/services/killed/programs/main.ts --help` says how to kill more; KILLED_SEED is another run of the same length. */
const seed = Number(process.env["KILLED_SEED"] ?? 1);
const kills = 12;

it(`two servers that are killed ${kills} times keep the five rules and leave nothing (seed ${seed})`, { timeout: 600_000 }, async () => {
  const told: string[] = [];
  const postgres = process.env["PUPPET_GATE_TEST_POSTGRES"] ?? "";
  const { violations, counts } = await runKilled({
    seed,
    kills,
    repositories: 2,
    postgres,
    patches: hurried,
    say: (text) => told.push(text),
  });
  expect({ violations, told: violations.length > 0 ? told : [] }).toEqual({ violations: [], told: [] });
  expect(counts.kills).toBeGreaterThanOrEqual(kills);
  expect(counts.landings).toBeGreaterThan(0);
});
