import { describe, expect, it } from "vitest";
import { controlRequest, type ControlAnswer, type ControlRequest } from "../../src/cli/control.ts";
import { rolloutCommand, type RolloutOptions } from "../../src/cli/rollout-command.ts";

const key = "b3f1c1de-6f3b-4c43-9d8b-0a3f6f1f2a77";

async function run(
  answer: ControlAnswer,
  options: Partial<RolloutOptions> = {},
): Promise<{ code: number; out: string; asked: ControlRequest[] }> {
  const asked: ControlRequest[] = [];
  let out = "";
  const code = await rolloutCommand(
    { verb: "abort", words: ["canary", "odd graphs"], as: null, json: false, ...options },
    {
      ask: async (request) => {
        asked.push(request);
        return answer;
      },
      user: "anna",
      newKey: () => key,
      output: { write: (text) => (out += text) },
    },
  );
  return { code, out, asked };
}

describe("puppet-gate rollout", () => {
  it.each<[string, ControlAnswer, Partial<RolloutOptions>, { code: number; out: string }]>([
    ["what was done", { outcome: "done", text: "the pause is over", lines: [] }, {}, { code: 0, out: "The pause is over.\n" }],
    [
      "what was refused, with what to do",
      { outcome: "refused", text: "refused: it needs a reason", lines: ["Say `abort [LANE] REASON`."] },
      {},
      { code: 1, out: "Refused: it needs a reason.\n  Say `abort [LANE] REASON`.\n" },
    ],
    ["what waits", { outcome: "kept", text: "kept, and not done yet", lines: [] }, {}, { code: 2, out: "Kept, and not done yet.\n" }],
    [
      "nothing that a terminal would obey",
      { outcome: "done", text: "\u001b[2Jgone", lines: ["a\u202eb", "c\nd"] },
      {},
      { code: 0, out: "<U+001B>[2Jgone.\n  a<U+202E>b\n  c<U+000A>d\n" },
    ],
    [
      "how the words of a status are said here, where it has any",
      { outcome: "done", text: "where each release is", lines: ["canary: stands still. Next: say `return canary REASON`"] },
      { verb: "status", words: [] },
      {
        code: 0,
        out: "Where each release is.\n  canary: stands still. Next: say `return canary REASON`\n  Each of these words is said as `puppet-gate rollout WORDS --as LOGIN`, or in a pull request as `/rollout WORDS`.\n",
      },
    ],
    [
      "the same as JSON",
      { outcome: "done", text: "where each release is", lines: ["canary"], status: { lanes: [] } },
      { verb: "status", words: [], json: true },
      {
        code: 0,
        out: `${JSON.stringify({ schema: "puppet-gate/rollout@1", verb: "status", outcome: "done", text: "where each release is", lines: ["canary"], status: { lanes: [] } }, null, 2)}\n`,
      },
    ],
  ])("prints %s", async (_, answer, options, expected) => {
    expect(await run(answer, options)).toMatchObject(expected);
  });

  it("asks what the server understands", async () => {
    const { asked } = await run({ outcome: "done", text: "x", lines: [] }, { as: "@carol" });
    expect(asked).toEqual([{ verb: "abort", text: "canary odd graphs", as: "@carol", user: "anna", key }]);
    expect(controlRequest.safeParse(asked[0]).success).toBe(true);
  });

  it.each([{ verb: "jump" }, { as: "carol; rm" }, { key: "1" }, { text: "x".repeat(10_001) }, { user: "" }, { more: 1 }])(
    "is not understood with %j",
    (more) => {
      const request = { verb: "abort", text: "canary odd", as: null, user: "anna", key, ...more };
      expect(controlRequest.safeParse(request).success).toBe(false);
    },
  );
});
