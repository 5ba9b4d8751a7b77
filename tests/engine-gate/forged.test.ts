import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createStage, type Stage } from "./stage.ts";

/** Case 24: what somebody else made of a comment is nothing that its author said. */
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(async () => stage.begin());
afterAll(async () => stage.close());

const shown = (number: number): string => stage.comments(number)[0] ?? "";
const isMerged = (number: number): boolean => stage.repo.pulls.get(number)?.merged !== null;

it("a /break-glass that was edited into somebody's comment within the second it was written lands nothing, and is an alarm", async () => {
  stage.policy = { breakGlass: { users: ["carol"], teams: [], hours: 4 } };
  const { number } = await stage.propose("glass");
  await stage.quiet();
  const { id } = await stage.github.as("carol").comment(stage.name, number, "I'll look at it this afternoon.");
  await stage.github.as("alice").editComment(stage.name, Number(id), "/break-glass the site is down, no time for a review");
  await stage.quiet();
  expect(isMerged(number)).toBe(false);
  expect(shown(number)).toContain("nothing that carol said");
  expect(shown(number)).toContain("[!CAUTION]");
  const { entries } = await stage.ledger();
  const kinds = entries.map(({ kind }) => kind);
  expect(kinds).toContain("command-forged");
  expect(kinds).not.toContain("break-glass");
});

it("a command waits while nobody can say whether it was edited, and is done once that is known", async () => {
  const { number } = await stage.propose("waits");
  await stage.github.as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  stage.github.faults.next({ kind: "error-before", route: "POST /graphql", status: 502, times: 5 });
  const { id } = await stage.github.as("alice").comment(stage.name, number, "/merge");
  await stage.quiet();
  expect(isMerged(number)).toBe(true);
  expect(stage.reactions(id)).toContain("rocket");
});

it("a wish ends when a delivery told that its comment was edited, whatever GitHub says of it later", async () => {
  const { number } = await stage.propose("second");
  const { id } = await stage.github.as("alice").comment(stage.name, number, "/merge when ready");
  await stage.quiet();
  await stage.github.as("alice").editComment(stage.name, Number(id), "/merge  when ready");
  const comment = stage.repo.comments.get(Number(id));
  if (comment === undefined) throw new Error("the comment is gone");
  Object.assign(comment, { edited: null, updatedAt: comment.createdAt });
  await stage.quiet();
  expect(shown(number)).toContain("the comment that asked for it was edited");
  await stage.github.as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  expect(isMerged(number)).toBe(false);
});

it("a wish ends when its comment is edited within the second it was written", async () => {
  const { number } = await stage.propose("wish");
  const { id } = await stage.github.as("alice").comment(stage.name, number, "/merge when ready");
  await stage.github.as("alice").editComment(stage.name, Number(id), "/merge  when ready");
  await stage.quiet();
  await stage.github.as("bob").review(stage.name, number, { event: "APPROVE" });
  await stage.quiet();
  expect(isMerged(number)).toBe(false);
});
