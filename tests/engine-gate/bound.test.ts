import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** What a check and an approval were of: the pair, the policies and the programs; each is no answer to anything else. */
let stage: Stage;
let edition = "one";
beforeAll(async () => {
  stage = await createStage({
    get edition() {
      return edition;
    },
  });
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const say = async (login: string, number: number, text: string): Promise<void> => {
  await as(login).comment(stage.name, number, text);
  await stage.quiet();
};
const timesJudged = (head: string): number => stage.judged.filter((pair) => pair.endsWith(head)).length;

describe("a check that was kept", () => {
  it("is no answer once the organisation has another policy, and is made once more", async () => {
    const { number, head } = await stage.propose("organisation");
    await stage.quiet();
    expect(timesJudged(head)).toBe(1);
    await stage.github.repository("acme/.github");
    stage.github.collaborator("acme/.github", "carol", "write");
    const files = { ".github/puppet-gate.yml": "version: 1\n" };
    await as("carol").commit("acme/.github", { branch: "main", files, message: "policy" });
    await say("alice", number, "/why");
    expect(timesJudged(head)).toBe(2);
    await say("alice", number, "/why");
    expect(timesJudged(head)).toBe(2);
  });

  it("is no answer once other programs would make it", async () => {
    const { number, head } = await stage.propose("upgraded");
    await stage.quiet();
    await stage.restart();
    await say("alice", number, "/why");
    expect(timesJudged(head)).toBe(1);
    edition = "two";
    await stage.restart();
    await say("alice", number, "/why");
    expect(timesJudged(head)).toBe(2);
  });
});
