import type { NotedLanes, Step } from "../ports/lanes.ts";
import { type FoundRepository, isUnmoved, type Plan } from "./plan.ts";

/**
 * What the notes say was done, backwards. Nothing is undone where something moved on since: commits that only the merge branch has would be lost, or a
 * pull request closed by the removal of its branch. What is undone already is found so.
 */
export function planUndo(found: FoundRepository, noted: NotedLanes): Plan {
  const { production, mergeBranch } = noted;
  const tipOf = (branch: string): string | null => found.tips.get(branch) ?? null;
  const moved = noted.branches.find(({ branch }) => tipOf(branch) !== null && !isUnmoved(noted.branches, branch, tipOf(branch)));
  if (moved !== undefined) return movedOn(moved, found, noted);
  const own = new Set(noted.branches.map(({ branch }) => branch));
  const inTheWay = found.pulls?.find(({ base, head }) => (head !== null && own.has(head)) || (own.has(base) && base !== mergeBranch));
  if (inTheWay !== undefined) {
    const { number, base, head } = inTheWay;
    const text = `Pull request #${number} (${head ?? "another repository's branch"} into ${base}) would be closed by the removal of ${own.has(base) && base !== mergeBranch ? base : (head ?? base)}.`;
    return { ok: false, text, hint: "Close it or give it another base, then run this again." };
  }
  const isHome = found.defaultBranch === mergeBranch;
  if (!isHome && found.defaultBranch !== production.branch)
    return {
      ok: false,
      text: `The default branch is ${found.defaultBranch}, which was not made so here.`,
      hint: `Make it ${mergeBranch} or ${production.branch}, then run this again.`,
    };
  if (isHome && !noted.isDefault)
    return {
      ok: false,
      text: `${mergeBranch} was the default branch before lanes were set up, and stays it.`,
      hint: "Remove lane branches and rulesets by hand.",
    };
  const mine = new Set(noted.pulls);
  const goesAway = own.has(mergeBranch);
  // A pull request that somebody opened since has nowhere else to go once the merge branch is gone.
  const back = (found.pulls ?? []).filter(({ base, number }) => base === mergeBranch && (goesAway || mine.has(number)));
  const gone = [...mine].filter((number) => found.pulls?.every((pull) => pull.number !== number || pull.base !== mergeBranch) ?? false);
  const steps: Step[] = [
    ...noted.rulesets.filter((name) => found.rulesets?.includes(name) ?? true).map((name): Step => ({ kind: "delete-ruleset", name })),
    ...(isHome ? [{ kind: "default-branch", from: mergeBranch, to: production.branch } as const] : []),
    ...back.map(({ number, title }): Step => ({ kind: "retarget", number, title, from: mergeBranch, to: production.branch })),
    ...(found.pulls === null ? [{ kind: "retarget-all", from: mergeBranch, to: production.branch } as const] : []),
    // The merge branch last: until then there is something to go back from.
    ...[...noted.branches]
      .sort((a, b) => Number(a.branch === mergeBranch) - Number(b.branch === mergeBranch))
      .flatMap(({ branch }): Step[] => {
        const commit = tipOf(branch);
        return commit === null ? [] : [{ kind: "delete-branch", branch, commit }];
      }),
  ];
  const others = back.filter(({ number }) => !mine.has(number)).map(({ number }) => `#${number}`);
  return {
    ok: true,
    plan: {
      steps,
      done: gone.map((number) => `pull request #${number} is closed, or its base is ${production.branch} or another`),
      left: others.length === 0 ? [] : [`opened since, and retargeted too because ${mergeBranch} goes away: ${others.join(", ")}`],
    },
  };
}

function movedOn(
  { branch, commit }: { branch: string; commit: string },
  { tips }: FoundRepository,
  { production, mergeBranch }: NotedLanes,
): Plan {
  const at = tips.get(branch) ?? "nowhere";
  const text = `${branch} was made at ${commit} and is at ${at} now: removing it could lose what came to it since.`;
  const hint =
    branch === mergeBranch
      ? `Bring ${production.branch} to what was merged, or take it back, then make ${production.branch} the default branch and remove ${branch} by hand.`
      : `A release is in that lane. Let the rollout end, or have it return, and take \`lanes\` out of the policy; then remove ${branch} by hand.`;
  return { ok: false, text, hint };
}
