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
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as(login).comment(stage.name, number, text);
  await stage.quiet();
};
const merged = (number: number): boolean => stage.repo.pulls.get(number)?.merged !== null;
const said = (number: number): string => stage.comments(number)[0] ?? "";
/** From now on the change does something else to the catalogs, wherever its base is not the one now. */
const otherwiseElsewhere = (head: string, next: string): void => {
  stage.besides.set(`${next}..${head}`, { digest: "2".repeat(64) });
};
const moveMain = (): Promise<string> => as("carol").commit(stage.name, { branch: "main", files: { "other.pp": "" }, message: "other" });
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

  it("is no answer while the organisation's policy is out of sight, and neither is any other, until it is back", async () => {
    const { github, app } = stage;
    const before = await stage.propose("seen");
    await as("bob").review(stage.name, before.number, { event: "APPROVE" });
    await stage.quiet();
    const installation = [...github.state.installations.values()].find(({ appId }) => appId === app.id);
    if (installation === undefined) throw new Error("the App is not installed");
    github.removeRepositories(installation, ".github");
    await say("alice", before.number, "/merge");
    expect(merged(before.number)).toBe(false);
    const hidden = 'acme/.github had a policy, and GitHub answers "not found" to it now: it was deleted, or hidden from the App';
    expect(said(before.number)).toContain(hidden);
    const after = await stage.propose("unseen");
    await stage.quiet();
    expect(said(after.number)).toContain(hidden);
    expect(said(after.number)).toContain("an owner of acme: install the App on acme/.github or bring it back");
    expect(timesJudged(after.head)).toBe(0);
    github.addRepositories(installation, ".github");
    installation.repositories = "all";
    await stage.quiet();
    expect(timesJudged(after.head)).toBe(1);
    expect(stage.checkRun(before.head)?.output.title).toBe("Ready: alice can say /merge");
    expect(said(after.number)).not.toContain(hidden);
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

describe("an approval is of what was shown when it was given", () => {
  it("and of nothing that base became before the gate's next turn", async () => {
    const { number, head } = await stage.propose("late");
    await stage.quiet();
    await stage.stopServer();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    otherwiseElsewhere(head, await moveMain());
    await stage.restart();
    await stage.quiet();
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
    expect(said(number)).toMatch(/bob's approval was dropped because main moved to [0-9a-f]+: with that, the change does something else/u);
  });

  it("also where its delivery and base's come at once, and stands where the change does the same on both", async () => {
    const [other, same] = [await stage.propose("other"), await stage.propose("same")];
    await stage.quiet();
    for (const { number } of [other, same]) await as("bob").review(stage.name, number, { event: "APPROVE" });
    // No check on the new base is over before it is known what it says.
    const go = stage.hold();
    otherwiseElsewhere(other.head, await moveMain());
    go();
    await stage.quiet();
    await say("alice", other.number, "/merge");
    expect(merged(other.number)).toBe(false);
    await say("alice", same.number, "/merge");
    expect(merged(same.number)).toBe(true);
  });

  it("and of nothing where its check was not done and base moved since, whatever is checked later", async () => {
    const go = stage.hold();
    const { number, head } = await stage.propose("early");
    await stage.github.settled();
    await expect.poll(() => timesJudged(head)).toBe(1);
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.github.settled();
    await moveMain();
    go();
    await stage.quiet();
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(false);
    expect(said(number)).toContain(
      "bob's approval was dropped because it was given before its check was done, and main moved since: approve again",
    );
    stage.tick();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    await say("alice", number, "/merge");
    expect(merged(number)).toBe(true);
  });

  it("is bound in the transaction that takes it in", async () => {
    const { number } = await stage.propose("bound");
    await stage.quiet();
    await as("bob").review(stage.name, number, { event: "APPROVE" });
    await stage.quiet();
    const { entries } = await stage.ledger();
    const kinds = entries.filter(({ subject }) => subject === `pull/${number}`).map(({ kind, at }) => ({ kind, at }));
    const received = kinds.find(({ kind }) => kind === "approval-received");
    expect(kinds.filter(({ kind }) => kind === "approval-bound")).toEqual([{ kind: "approval-bound", at: received?.at }]);
  });
});
