import { isAncestor, lines, git } from "../git.ts";
import type { Actor } from "../http/actor.ts";
import { atLeast, fullName, must, permissionOf } from "../lookup.ts";
import type { MergeMethod, Pull, Repo } from "../state.ts";
import type { World } from "../world.ts";
import { bindingRules } from "./applying.ts";
import { missingChecks } from "./required-checks.ts";
import type { Rule } from "./ruleset.ts";

/** What a push or a merge does against the rules, in GitHub's words; nothing: it may go on. */

/** A ref that shall go from one commit to another; null: it does not exist, or is to go. The commits are in the repository already. */
export interface RefMove {
  ref: string;
  before: string | null;
  after: string | null;
}

/** What a move of a branch by other means than merging a pull request goes against. */
export async function pushViolations(world: World, repo: Repo, actor: Actor, move: RefMove): Promise<string[]> {
  const found: string[] = [];
  for (const rule of bindingRules(world, repo, move.ref, actor, false)) {
    const words = await pushViolation(world, repo, rule, move);
    if (words !== null) found.push(words);
  }
  return found;
}

async function pushViolation(world: World, repo: Repo, rule: Rule, { before, after }: RefMove): Promise<string | null> {
  if (after === null) return rule.type === "deletion" ? "Cannot delete this branch" : null;
  if (before === null && rule.type === "creation") return "Cannot create ref due to creations being restricted.";
  switch (rule.type) {
    case "non_fast_forward":
      return before === null || (await isAncestor(repo.folder, before, after)) ? null : "Cannot force-push to this branch";
    case "update":
      return before === null ? null : "Cannot update this protected ref.";
    case "pull_request":
      return before === null ? null : "Changes must be made through a pull request.";
    case "required_status_checks":
      return missingChecks(repo, after, rule.parameters.required_status_checks);
    case "required_linear_history":
      return listed("This branch must not contain merge commits.", await newCommits(repo, before, after, ["--merges"]));
    case "required_signatures": {
      const commits = await newCommits(repo, before, after, []);
      return listed(
        "Commits must have verified signatures.",
        commits.filter((sha) => !world.state.signed.has(sha)),
      );
    }
    case "creation":
    case "deletion":
      return null;
  }
  return rule satisfies never;
}

async function newCommits(repo: Repo, before: string | null, after: string, selection: readonly string[]): Promise<string[]> {
  return lines(await git(repo.folder, ["rev-list", ...selection, after, ...(before === null ? [] : [`^${before}`])]));
}

function listed(sentence: string, shas: readonly string[]): string | null {
  if (shas.length === 0) return null;
  return `${sentence}\nFound ${shas.length} violation${shas.length === 1 ? "" : "s"}:\n\n${shas.join("\n")}`;
}

/** What merging a pull request goes against; `method` null: by any method. */
export function mergeViolations(world: World, pull: Pull, actor: Actor, method: MergeMethod | null): string[] {
  const repo = must(world.state.repos, pull.repoId);
  return bindingRules(world, repo, `refs/heads/${pull.base.ref}`, actor, true)
    .map((rule) => mergeViolation(world, repo, pull, rule, method))
    .filter((words) => words !== null);
}

function mergeViolation(world: World, repo: Repo, pull: Pull, rule: Rule, method: MergeMethod | null): string | null {
  switch (rule.type) {
    case "update":
      return "Cannot update this protected ref.";
    case "required_linear_history":
      return method === "merge" ? "This branch must not contain merge commits." : null;
    case "required_status_checks":
      return missingChecks(repo, pull.head.sha, rule.parameters.required_status_checks);
    case "pull_request": {
      const { required_approving_review_count: count, allowed_merge_methods: methods } = rule.parameters;
      if (method !== null && !methods.includes(method)) return `Merge method ${method} is not allowed by the rules of this branch.`;
      return missingReviews(world, repo, pull, count);
    }
    case "creation":
    case "deletion":
    case "non_fast_forward":
    case "required_signatures":
      return null;
  }
  return rule satisfies never;
}

/** Whether a rule wants heads to contain the tip of base. */
export function mustBeUpToDate(world: World, pull: Pull, actor: Actor): boolean {
  const repo = must(world.state.repos, pull.repoId);
  return bindingRules(world, repo, `refs/heads/${pull.base.ref}`, actor, true).some(
    (rule) => rule.type === "required_status_checks" && rule.parameters.strict_required_status_checks_policy,
  );
}

/** The latest opinion of each reviewer with write access counts. */
function missingReviews(world: World, repo: Repo, pull: Pull, count: number): string | null {
  const latest = new Map(pull.reviews.filter(({ state }) => state !== "COMMENTED").map((review) => [review.userId, review.state]));
  const opinions = [...latest]
    .filter(([id]) => atLeast(permissionOf(world.state, repo, must(world.state.accounts, id)), "write"))
    .map(([, state]) => state);
  if (opinions.includes("CHANGES_REQUESTED")) return "Changes have been requested by reviewers with write access.";
  if (opinions.filter((state) => state === "APPROVED").length >= count) return null;
  return `At least ${count} approving review${count === 1 ? " is" : "s are"} required by reviewers with write access.`;
}

/** The violations as GitHub's API words them. */
export function ruleWords(found: readonly string[]): string {
  return `Repository rule violations found\n\n${found.join("\n\n")}\n\n`;
}

/** The violations as git's server words them to whoever pushes. */
export function rejection(world: World, repo: Repo, ref: string, found: readonly string[]): string {
  const page = `${world.urls.html}/${fullName(world.state, repo)}/rules?ref=${encodeURIComponent(ref)}`;
  const list = found.map((words) => `- ${words.replaceAll("\n", "\n  ")}\n\n`).join("");
  return `error: GH013: Repository rule violations found for ${ref}.\nReview all repository rules at ${page}\n\n${list}`;
}
