import { accountByEmail } from "../../src/demo/github/lookup.ts";
import type { Repo } from "../../src/demo/github/state.ts";
import { commitsOf, mergeTrees, patchOf } from "./git/history.ts";
import { fileOf } from "./git/mirror.ts";
import { policyFile, policyOf } from "./policies.ts";
import type { Moment, PullMoment } from "./truth.ts";
import type { World } from "./world.ts";

/**
 * The safety rules as a model of their own: from what people truly did, and what git truly has, whether a change may land. It knows nothing
 * of `src/gate`. Between the gate's last reading and its push anything may happen on GitHub, and no client can see that: whatever was so at
 * some moment between the two counts as so.
 */
export interface Claim {
  repo: Repo;
  number: number;
  /** The base branch, where it was, and the head that lands in it. */
  branch: string;
  base: string;
  head: string;
  /** From the last reading to the landing, the oldest first. */
  window: readonly Moment[];
  /** The same from the beginning of the turn, in which teams are read. */
  turn: readonly Moment[];
}

/** Why a change must not land; empty where nothing is known against it. */
export function objectionsTo(world: World, claim: Claim): string[] {
  const { repo, number, branch, base, head } = claim;
  const { objects } = world;
  const key = `${repo.id}#${number}`;
  const asks = policyOf(fileOf(objects, base, policyFile)).asks;
  const seen = claim.window.flatMap((moment) => moment.pulls.get(key) ?? []);
  const once = (holds: (pull: PullMoment) => boolean): boolean => seen.some(holds);
  const found: string[] = [];
  if (!once((pull) => pull.open && !pull.draft)) found.push("it was not open and ready");
  if (!once((pull) => pull.head === head)) found.push("what landed was not its head");
  if (!once((pull) => pull.into === branch)) found.push("it was to go into another branch");
  const compiled = world.compile(base, head);
  if (compiled.outcome !== "pass") found.push(`the check of exactly this comes to ${compiled.outcome}`);
  const { contributors, strangers, hasOwnPart } = contributorsOf(world, claim);
  if (strangers > 0) found.push("a commit belongs to nobody that GitHub knows");
  if (asks.ci && !once(({ ci }) => ci === "success")) found.push("the required check ci was not green on its head");
  const brokeGlass = asks.glass.some((login) => once((pull) => saidGlass(world, pull, head, login)));
  if (brokeGlass) return found;
  if (!once((pull) => saidMerge(world, claim, pull))) found.push("its author did not ask for it");
  const writers = (user: number): boolean => claim.window.some((moment) => moment.writers.get(repo.id)?.has(user) === true);
  if (!hasOwnPart && !writers(repo.pulls.get(number)?.userId ?? 0)) found.push("whoever opened it has no part in it");
  const standing = (pull: PullMoment): boolean =>
    pull.objections.some(({ user, dismissedBy }) => writers(user) && (dismissedBy === null || contributors.has(dismissedBy)));
  if (!once((pull) => !standing(pull))) found.push("somebody requests changes");
  const approvers = new Set(
    seen
      .flatMap(({ approvals }) => approvals.filter(({ review }) => isFor(world, claim, review)).map(({ user }) => user))
      .filter((user) => writers(user) && !contributors.has(user)),
  );
  const some = (moments: readonly Moment[], has: (moment: Moment, user: number) => boolean): boolean =>
    [...approvers].some((user) => moments.some((moment) => has(moment, user)));
  if (approvers.size < asks.approvals) found.push(`${approvers.size} peers approved what landed, and ${asks.approvals} are asked for`);
  if (asks.admin && !some(claim.window, (moment, user) => moment.admins.get(repo.id)?.has(user) === true))
    found.push("no administrator approved it");
  if (asks.team && !some(claim.turn, ({ sre }, user) => sre.has(user))) found.push("nobody of acme/sre approved it");
  return found;
}

/** Whether a review was given for what lands: the same patch, doing the same to the catalogs, into the same branch or to the same tree. */
function isFor({ objects, truth, compile }: World, { base, head, branch }: Claim, review: number): boolean {
  const given = truth.reviews.get(review);
  if (given === undefined) return false;
  const now = compile(base, head);
  return [...given.bases].some((before) => {
    if (patchOf(objects, before, given.head) !== patchOf(objects, base, head)) return false;
    const then = compile(before, given.head);
    return then.effects.join("\n") === now.effects.join("\n") && (given.into === branch || then.tree === now.tree);
  });
}

/** Everybody whose own change this is: who opened it, wrote, committed or is named by its commits, and who pushed them as far as that was told. */
function contributorsOf(
  { github, objects, truth }: World,
  { repo, number, base, head }: Claim,
): { contributors: ReadonlySet<number>; strangers: number; hasOwnPart: boolean } {
  const found = new Set<number>();
  let strangers = 0;
  const opener = repo.pulls.get(number)?.userId ?? 0;
  for (const sha of commitsOf(objects, [head], [base])) {
    const { author, committer, message } = objects.commit(sha);
    const named = [...message.matchAll(/^Co-authored-by: .*<(.+)>$/gmu)].map((match) => match[1] ?? "");
    for (const email of [author.email, committer.email, ...named]) {
      if (email === "noreply@github.com") continue;
      const account = accountByEmail(github.state, email);
      if (account === undefined) strangers += 1;
      else found.add(account.id);
    }
    for (const user of truth.toldPushers.get(`${repo.id} ${sha}`) ?? []) found.add(user);
  }
  // Who pushed the head can be read, whether a webhook told of it or not; of a fork it can't.
  const pushed = truth.pushers.get(`${repo.id} ${head}`);
  if (pushed?.size === 1) for (const user of pushed) found.add(user);
  const hasOwnPart = found.has(opener);
  found.add(opener);
  return { contributors: found, strangers, hasOwnPart };
}

/** The author's own word for this head, not taken back. */
function saidMerge({ truth }: World, { repo, number, head }: Claim, pull: PullMoment): boolean {
  const opener = repo.pulls.get(number)?.userId;
  return pull.words.some(({ id, user, body, isSpent }) => {
    const said = truth.words.get(id);
    if (user !== opener || said?.head !== head || isSpent) return false;
    if (pull.words.some((word) => word.user === opener && word.body === "/cancel" && word.id > id)) return false;
    return body === "/merge" || body === "/merge when ready";
  });
}

function saidGlass({ github, truth }: World, pull: PullMoment, head: string, login: string): boolean {
  const { id: who } = github.as(login).account;
  return pull.words.some(({ id, user, body }) => {
    const said = truth.words.get(id);
    return user === who && said?.head === head && !said.isMail && /^\/break-glass .{10}/u.test(body);
  });
}

/** What is on a branch twice: a head that was merged again. */
export const isMergeOf = ({ objects }: World, commit: string, base: string, head: string): boolean => {
  const { parents, tree } = objects.commit(commit);
  return parents[0] === base && parents[1] === head && tree === mergeTrees(objects, base, head);
};
