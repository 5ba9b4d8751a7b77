/** Cases that facts alone can't show, and the tests that do: with git, GitHub, or the engine and a database. */
export interface Elsewhere {
  case: number;
  title: string;
  files: readonly string[];
}

export const elsewhere: readonly Elsewhere[] = [
  { case: 26, title: "a review's text is changed after it was submitted", files: ["tests/github/inbound.test.ts"] },
  { case: 45, title: "a submodule is refused", files: ["tests/engine/links.test.ts"] },
  { case: 55, title: "a check's webhook names no pull request", files: ["tests/github/inbound.test.ts"] },
  { case: 56, title: "one head in two pull requests", files: ["tests/gate/decide.test.ts", "tests/engine-gate/story.test.ts"] },
  { case: 59, title: "compiling runs the pull request's code", files: ["tests/puppet/hostile.test.ts"] },
  { case: 62, title: "a 5xx at the merge is read before anything is asked again", files: ["tests/engine-gate/landing.test.ts"] },
  { case: 63, title: "somebody else merged", files: ["tests/engine-gate/landing.test.ts"] },
  { case: 64, title: "two that pass alone and break together", files: ["tests/engine-gate/real.test.ts"] },
  { case: 65, title: "a batch, which only a merge queue makes, is refused", files: ["tests/github/forge.test.ts"] },
  { case: 68, title: "the landed tree is not the checked one", files: ["tests/engine-gate/landing.test.ts"] },
  { case: 70, title: "its commits arrived by another way", files: ["tests/git/land.test.ts", "tests/engine-gate/exact.test.ts"] },
  { case: 71, title: "a delivery comes twice", files: ["tests/engine-gate/story.test.ts", "tests/gate/decide.test.ts"] },
  { case: 72, title: "deliveries come in the wrong order", files: ["tests/engine-gate/story.test.ts"] },
  { case: 73, title: "a delivery is lost", files: ["tests/engine-gate/story.test.ts"] },
  { case: 74, title: "two instances act", files: ["tests/services/two-processes.test.ts"] },
  { case: 78, title: "a check of our name by somebody else", files: ["tests/gate/decide.test.ts"] },
  { case: 79, title: "GitHub's search is stale, and never asked", files: ["tests/engine-gate/sweep.test.ts"] },
  { case: 80, title: "a merge group has no pull request", files: ["tests/github/inbound.test.ts", "tests/github/forge.test.ts"] },
];
