import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** What nothing told of is found by looking, at the lists of what is open and never at GitHub's search. */
const asked: string[] = [];
let stage: Stage;
beforeAll(async () => {
  stage = await createStage({}, (url) => asked.push(url));
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const as = (login: string): ReturnType<Stage["github"]["as"]> => stage.github.as(login);

it("case 79: an approval, a push and a merge that no delivery told of are found, and the search, whose index may be stale, is never asked", async () => {
  const approved = await stage.propose("approved");
  const pushed = await stage.propose("pushed");
  const taken = await stage.propose("taken");
  await stage.quiet();
  for (const event of ["pull_request_review", "pull_request", "push"]) stage.github.faults.next({ kind: "vanished", event, times: 9 });
  stage.tick();
  await as("bob").review(stage.name, approved.number, { event: "APPROVE" });
  const head = await as("alice").commit(stage.name, { branch: "pushed", files: { "more.pp": "" }, message: "more" });
  await as("carol").merge(stage.name, taken.number);
  const fresh = await stage.propose("fresh");
  await stage.quiet();
  expect(stage.checkRun(fresh.head)).toBeUndefined();
  await stage.restart();
  await stage.quiet();
  expect(stage.checkRun(approved.head)?.output.title).toBe("Ready: alice can say /merge");
  // Who pushed is learnt from the repository's activity, which GitHub keeps.
  for (const unseen of [head, fresh.head]) expect(stage.checkRun(unseen)?.output.title).toBe("Waiting for review: peer");
  expect(stage.comments(pushed.number)[0]).toContain("contributed by alice");
  expect(stage.comments(taken.number)[0]).toMatch(/### Merged as [0-9a-f]{40} by carol, not by this gate/u);
  expect(asked.length).toBeGreaterThan(20);
  expect(asked.filter((url) => /\/search\//u.test(url) || /search\s*\(/u.test(url))).toEqual([]);
});
