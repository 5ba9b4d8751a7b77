import type { WeatherName } from "./faults.ts";

/**
 * Bugs to put into the gate: each is a text of a source file and what stands in its place. They are put in where modules are loaded, in the
 * simulation's own processes; nothing in the product knows of them. One whose text is not there exactly once is an error.
 */
export interface Patch {
  /** Below `src/`. */
  file: string;
  find: string;
  replace: string;
}

export interface Plant extends Patch {
  name: string;
  /** What is wrong with a gate that has it. */
  wrong: string;
  /** Where it shows soonest: the weather, and a seed that finds it. */
  weather: WeatherName;
  seed: number;
}

export const plants: readonly Plant[] = [
  {
    name: "stale-review",
    weather: "fair",
    seed: 5,
    wrong: "an approval of an earlier head counts, whatever was pushed since",
    file: "gate/content.ts",
    find: `if (carry.value.kind === "changed") return other(`,
    replace: `if (carry.value.kind === "changed") return { is: "same", commit, kept: null }; if (false) return other(`,
  },
  {
    name: "event-trusted",
    weather: "fair",
    seed: 5,
    wrong: "the commit that GitHub names with a review later is believed, and not the one that came with it",
    file: "gate/content.ts",
    find: "if (receipt !== undefined) return asReceived(review, receipt, facts);",
    replace: `if (review.commit === facts.head) return { is: "same", commit: facts.head, kept: null };
  if (receipt !== undefined) return asReceived(review, receipt, facts);`,
  },
  {
    name: "own-approval",
    weather: "fair",
    seed: 3,
    wrong: "whoever contributed to a change can approve it",
    file: "gate/approval.ts",
    find: "if (contributor !== undefined) return no(",
    replace: "if (contributor === null) return no(",
  },
  {
    name: "any-access",
    weather: "fair",
    seed: 9,
    wrong: "the approval of somebody who may only read counts",
    file: "gate/approval.ts",
    find: "if (!mayWrite(permission.value)) {",
    replace: "if (!mayWrite(permission.value) && permission.value === (null as never)) {",
  },
  {
    name: "policy-from-head",
    weather: "fair",
    seed: 5,
    wrong: "a change is judged by the policy that it brings",
    file: "engine/besides.ts",
    find: "const own = await readPolicyText(repository, baseTree);",
    replace: "const own = await readPolicyText(repository, report.tree ?? baseTree);",
  },
  {
    name: "failed-check",
    weather: "fair",
    seed: 34,
    wrong: "a required check that failed is as good as one that succeeded",
    file: "gate/checks.ts",
    find: "const accepts = ({ accept }: RequiredCheck, conclusion: string | null): boolean => accept",
    replace: `const accepts = ({ accept }: RequiredCheck, conclusion: string | null): boolean => conclusion === "failure" || accept`,
  },
  {
    name: "any-app",
    weather: "fair",
    seed: 28,
    wrong: "a required check counts whoever reported it",
    file: "gate/checks.ts",
    find: "const ofApp = named.filter(({ app }) => app === required.appId);",
    replace: "const ofApp = named.filter(() => true);",
  },
  {
    name: "anybody-merges",
    weather: "fair",
    seed: 2,
    wrong: "somebody else than its author lands a change",
    file: "gate/commands/merge.ts",
    find: "if (opener !== null && author.id !== facts.opener?.id) return opener.why;",
    replace: "if (opener !== null && author.id !== facts.opener?.id) return null;",
  },
  {
    name: "cancel-ignored",
    weather: "fair",
    seed: 3,
    wrong: "what its author called off lands all the same",
    file: "gate/commands/cancel.ts",
    find: "wish === null ? [] : [{",
    replace: "wish !== undefined ? [] : [{",
  },
  {
    name: "heard-again",
    weather: "fair",
    seed: 1,
    wrong: "a /merge that was refused lands the change later",
    file: "gate/hear.ts",
    find: "author === null || author.bot || memory.answered.has(comment.id) ? []",
    replace: "author === null || author.bot ? []",
  },
  {
    name: "edited-word",
    weather: "fair",
    seed: 52,
    wrong: "a wish stands although its comment was edited",
    file: "gate/wish.ts",
    find: `return edited.value === null ? { is: "there" } : gone;`,
    replace: `return { is: "there" };`,
  },
  {
    name: "objection-ignored",
    weather: "fair",
    seed: 2,
    wrong: "a request for changes keeps nothing from landing",
    file: "gate/objection.ts",
    find: "if (standing.length > 0) {",
    replace: "if (standing.length > 99) {",
  },
  {
    name: "not-read-again",
    weather: "meddled",
    seed: 1,
    wrong: "nothing is read again right before the push",
    file: "engine/land.ts",
    find: "if (moved !== null) return {",
    replace: "if (moved === null && merge.base === merge.head) return {",
  },
  {
    name: "base-unchecked",
    weather: "meddled",
    seed: 5,
    wrong: "the branch is moved from wherever it is, and not from the base that was checked",
    file: "engine/exact.ts",
    find: "return await mirror.push({ branch: baseRef, expected: base, commit });",
    replace: "return await mirror.push({ branch: baseRef, expected: await mirror.tipOf(baseRef), commit });",
  },
  {
    name: "no-sha",
    weather: "meddled",
    seed: 7,
    wrong: "GitHub is asked to merge whatever head is there",
    file: "github/merge.ts",
    find: "pull_number: number, sha: head, merge_method",
    replace: "pull_number: number, merge_method",
  },
  {
    name: "lands-twice",
    weather: "unanswered",
    seed: 10,
    wrong: "after an answer that was lost, the merge is made anew instead of being looked for",
    file: "engine/exact.ts",
    find: "const outcome = await pushed(mirror, merge, made.commit);",
    replace: `let outcome = await pushed(mirror, merge, made.commit);
    if (outcome.kind === "unclear") {
      const tip = await mirror.tipOf(merge.baseRef);
      const again = await mirror.makeMerge({ ...mergeCommit(merge, facts, committer, ports.noreply), base: tip });
      if (again !== null) outcome = await mirror.push({ branch: merge.baseRef, expected: tip, commit: again.commit });
    }`,
  },
  {
    name: "entry-lost",
    weather: "ill-timed",
    seed: 26,
    wrong: "a landing that is found on its branch has no entry in the ledger",
    file: "engine/explain-branch.ts",
    find: "[...drafts, ...kept.flatMap((one) => one.drafts), ...reverted.reverts.map(revertedDraft)]",
    replace: "[...drafts, ...reverted.reverts.map(revertedDraft)]",
  },
  {
    name: "entry-twice",
    weather: "fair",
    seed: 1,
    wrong: "a landing is recorded again once its tree was read",
    file: "engine/landed.ts",
    find: "if (!differs) return;",
    replace:
      "if (!differs) return void (await records.appendEntries(change.repository, landingDrafts(change.number, read, { ...merge, commit: at.toISOString() }), at));",
  },
  {
    name: "evidence-lost",
    weather: "fair",
    seed: 1,
    wrong: "an entry is kept without what it rests on",
    file: "store/statements/ledger.ts",
    find: "const blobs = prepared.flatMap(",
    replace: "const blobs = prepared.slice(1).flatMap(",
  },
  {
    name: "second-comment",
    weather: "fair",
    seed: 1,
    wrong: "the gate does not look for its comment before it writes one",
    file: "github/comments.ts",
    find: "comments.filter(await ownCommentTest(app));",
    replace: "comments.filter(await ownCommentTest(app)).slice(99);",
  },
  {
    name: "wake-lost",
    weather: "ill-timed",
    seed: 5,
    wrong: "the end of a check wakes nobody",
    file: "engine/judging.ts",
    find: "await records.wake(change);",
    replace: "await Promise.resolve(change);",
  },
  {
    name: "lease-ignored",
    weather: "ill-timed",
    seed: 15,
    wrong: "whoever lost a lease goes on writing under it",
    file: "store/statements/leases.ts",
    find: "if (rows.length === 0) throw new LeaseLost(name);",
    replace: "if (rows.length > 99) throw new LeaseLost(name);",
  },
];
