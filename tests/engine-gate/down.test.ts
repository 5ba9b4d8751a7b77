import { afterAll, beforeAll, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** The drill of docs/when-the-gate-is-down.md: people land without the gate while it is down, and what they did is found when it is back. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);
const said = (number: number): string => stage.comments(number)[0] ?? "";

it("tells a merge by the bypass team from a push, puts both in the ledger, and judges what is open anew", async () => {
  const { github, name } = stage;
  github.user("olga", { emails: ["olga@acme.example"] });
  const onCall = github.team("acme/on-call", { members: ["olga"] });
  github.teamAccess("acme/on-call", name, "write");
  const urgent = await stage.propose("urgent");
  const waiting = await stage.propose("waiting");
  await as("bob").review(name, waiting.number, { event: "APPROVE" });
  await stage.quiet();
  expect(stage.checkRun(waiting.head)?.output.title).toBe("Ready: alice can say /merge");
  github.ruleset(name, {
    pullRequest: { approvals: 1 },
    checks: [{ name: "puppet-gate", appId: stage.app.id }],
    bypass: [{ who: stage.app }, { who: onCall, mode: "pull_request" }],
  });

  await stage.stopServer();
  await as("olga").comment(name, urgent.number, "the primary is down, and so is the gate");
  await expect(as("bob").merge(name, urgent.number)).rejects.toThrow("405");
  await as("olga").merge(name, urgent.number);
  const merge = stage.repo.pulls.get(urgent.number)?.merged?.sha;
  // Somebody whom no ruleset binds pushes past everything.
  for (const ruleset of stage.repo.rulesets.values()) ruleset.enforcement = "disabled";
  const pushed = await as("carol").commit(name, { branch: "main", files: { "direct.pp": "" }, message: "direct" });
  await github.settled();

  await stage.restart();
  await stage.quiet();
  expect(said(urgent.number)).toContain(`### Merged as ${merge} by olga, not by this gate`);
  expect(stage.judged).toContain(`${pushed}..${waiting.head}`);
  expect(said(waiting.number)).toContain("### Ready: alice can say /merge");
  expect(said(waiting.number)).toContain("bob approved");
  await as("alice").comment(name, waiting.number, "/merge");
  await stage.quiet();
  const landed = stage.repo.pulls.get(waiting.number)?.merged?.sha;
  expect(said(waiting.number)).toContain(`### Landed as ${landed}`);

  const { entries, evidence } = await stage.ledger();
  const around = entries.filter(({ kind }) => kind === "landed-outside" || kind === "direct-push" || kind === "landed");
  expect(around.map(({ kind, subject }) => `${kind} ${subject}`).sort()).toEqual([
    "direct-push branch/main",
    `landed pull/${waiting.number}`,
    `landed-outside pull/${urgent.number}`,
  ]);
  expect(around.every((entry) => entry.evidence.every((digest) => evidence.has(digest)))).toBe(true);
});
