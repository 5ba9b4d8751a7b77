import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** Changes from forks: nothing of them runs before somebody with write access vouches for exactly that head, and then they land like any other. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  stage.github.user("stranger", { emails: ["stranger@acme.example"] });
});
beforeEach(async () => {
  await stage.begin();
  stage.github.collaborator(stage.name, "stranger", "read");
});
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const said = (number: number): string => stage.comments(number)[0] ?? "";
const say = async (login: string, number: number, text: string): Promise<void> => {
  stage.tick(); // GitHub's times are whole seconds, and a command of a push's own second is refused
  await as(login).comment(stage.name, number, text);
  await stage.quiet();
};
const judged = (head: string): boolean => stage.judged.some((pair) => pair.endsWith(head));

async function propose(): Promise<{ number: number; head: string; fork: string }> {
  await stage.github.fork(stage.name, "stranger");
  const fork = `stranger/${stage.repo.name}`;
  const head = await as("stranger").commit(fork, { branch: "foreign", files: { "f.pp": "class f { }\n" }, message: "foreign" });
  const { number } = await as("stranger").openPull(stage.name, { head: "stranger:foreign", title: "foreign" });
  await stage.quiet();
  return { number, head, fork };
}

it("case 58: asks for somebody with write access and for exactly this head, and says so of every /ok-to-test that is not that", async () => {
  const { number, head, fork } = await propose();
  expect(stage.checkRun(head)).toMatchObject({ conclusion: "action_required", output: { title: "Waiting for /ok-to-test +1" } });
  expect(said(number)).toContain(`- somebody with write access: read it, and say /ok-to-test ${head.slice(0, 10)}`);
  await say("stranger", number, `/ok-to-test ${head}`);
  expect(said(number)).toMatch(/refused: this needs write access, and stranger has (?:read|none)/u);
  await say("bob", number, `/ok-to-test ${head.slice(0, 6)}`);
  expect(said(number)).toContain("refused: this is no command here");
  await say("bob", number, `/ok-to-test ${"0".repeat(10)}`);
  expect(said(number)).toContain(
    `refused: the head is ${head.slice(0, 10)} by now: read that one, and say /ok-to-test ${head.slice(0, 10)}`,
  );
  await say("bob", number, "/recheck");
  expect(said(number)).toContain("refused: nothing of this fork was run yet");
  await say("stranger", number, "/merge when ready");
  await as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  expect(judged(head)).toBe(false);
  expect(stage.repo.pulls.get(number)?.merged).toBeNull();
  await say("bob", number, `/ok-to-test ${head.slice(0, 7)}`);
  expect(judged(head)).toBe(true);
  // The wish was for this head, and nothing is in its way any more.
  const landed = stage.repo.pulls.get(number)?.merged;
  expect(said(number)).toContain(`### Landed as ${landed?.sha}`);
  expect(stage.repo.refs.get("main")).toBe(landed?.sha);
  expect(fork).toBe(`stranger/${stage.repo.name}`);
});

it("case 58: a later push needs it again, and then approval and /merge land it", async () => {
  const { number, fork } = await propose();
  await say("bob", number, `/ok-to-test ${stage.repo.pulls.get(number)?.head.sha}`);
  const next = await as("stranger").commit(fork, { branch: "foreign", files: { "g.pp": "" }, message: "more" });
  await as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  await say("stranger", number, "/merge");
  expect(judged(next)).toBe(false);
  expect(said(number)).toContain(
    `**pending** checks: this comes from a fork, and nothing of it was run: somebody with write access has to read it and say /ok-to-test ${next.slice(0, 10)}`,
  );
  await say("carol", number, `/ok-to-test ${next}`);
  expect(stage.checkRun(next)?.output.title).toBe("Ready: stranger can say /merge");
  await say("stranger", number, "/merge");
  expect(said(number)).toContain("What landed is what was checked, to the byte");
});
