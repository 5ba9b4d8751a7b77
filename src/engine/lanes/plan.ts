import type { Step, Planned, FoundPull, NotedLanes, RulesetToMake } from "../ports/lanes.ts";

/** A repository as it was found. */
export interface FoundRepository {
  defaultBranch: string;
  /** Commits by branch, of all that the plan is about; null for one that is not there. */
  tips: ReadonlyMap<string, string | null>;
  /** Null: nobody could be asked. */
  pulls: readonly FoundPull[] | null;
  /** Names; null: nobody could be asked. */
  rulesets: readonly string[] | null;
}

export interface Wanted {
  /** The branch that the last lane's nodes get. */
  production: string;
  mergeBranch: string;
  /** The other lanes' branches, the smallest lane's first. */
  lanes: readonly string[];
  /** Those to be made; empty where they are only proposed. */
  rulesets: readonly RulesetToMake[];
}

/** `problem`: why nothing may be done, and the way on. */
export type Plan = { ok: true; plan: Planned } | { ok: false; text: string; hint: string };

const refused = (text: string, hint: string): Plan => ({ ok: false, text, hint });

/**
 * What is missing of the wanted lanes. Every branch is made where production is, and production itself is in no step: no node's code changes.
 * A branch that is there and elsewhere is another's, unless the notes say that it was made here and nothing was merged into it since.
 */
export function planLanes(found: FoundRepository, wanted: Wanted, noted: NotedLanes | null): Plan {
  const { production, mergeBranch, lanes } = wanted;
  const objection = objectionTo(found, wanted);
  if (objection !== null) return objection;
  const commit = found.tips.get(production) ?? "";
  const isHome = found.defaultBranch === mergeBranch;
  const isAsMade = (branch: string): boolean => isUnmoved(noted?.branches ?? [], branch, found.tips.get(branch) ?? null);
  // Once something was merged, lanes follow releases, and only what is missing is put where production is.
  const isFresh = isAsMade(mergeBranch);
  const steps: Step[] = [];
  const done: string[] = [];
  for (const branch of [mergeBranch, ...lanes]) {
    const tip = found.tips.get(branch) ?? null;
    if (tip === null) steps.push({ kind: "create-branch", branch, commit });
    else if (tip === commit) done.push(`${branch} is at ${commit}, as ${production} is`);
    else if (isFresh && isAsMade(branch)) steps.push({ kind: "forward-branch", branch, from: tip, commit });
    else if (isHome) done.push(`${branch} is there, at ${tip}`);
    else return elsewhere(branch, tip, wanted, commit);
  }
  if (isHome) done.push(`${mergeBranch} is the default branch`);
  else steps.push({ kind: "default-branch", from: production, to: mergeBranch });
  const { retargets, left } = retargetsOf(found, wanted);
  const made = wanted.rulesets.filter(({ name }) => found.rulesets?.includes(name) !== true);
  for (const { name } of wanted.rulesets) if (found.rulesets?.includes(name) === true) done.push(`the ruleset "${name}" is there`);
  return {
    ok: true,
    plan: { steps: [...steps, ...retargets, ...made.map((ruleset): Step => ({ kind: "ruleset", ruleset }))], done, left },
  };
}

/** Whether a branch that the notes have is where it was put. */
export const isUnmoved = (branches: NotedLanes["branches"], branch: string, tip: string | null): boolean =>
  branches.some((each) => each.branch === branch && (tip === each.commit || (tip !== null && tip === each.before)));

function objectionTo({ defaultBranch, tips }: FoundRepository, { production, mergeBranch, lanes }: Wanted): Plan | null {
  if (mergeBranch === production)
    return refused(
      `The merge branch can't be ${production}, which is what the last lane's nodes get.`,
      "Name another one: --merge-branch main.",
    );
  if (lanes.includes(mergeBranch))
    return refused(`A lane has the environment ${mergeBranch}, which shall be the merge branch.`, "Name another one: --merge-branch NAME.");
  if ((tips.get(production) ?? null) === null)
    return refused(
      `There is no branch ${production}, which the last lane's nodes would get.`,
      "Name the branch of production as `compile.environment`, or as the last lane's `environment`, in .github/puppet-gate.yml.",
    );
  if (defaultBranch === production || defaultBranch === mergeBranch) return null;
  return refused(
    `The default branch is ${defaultBranch}; expected ${production}, or ${mergeBranch} where lanes were set up before.`,
    `If people merge into ${defaultBranch}, say --merge-branch ${defaultBranch}; if nodes get their code from it, name it as \`compile.environment\` in the policy.`,
  );
}

const elsewhere = (branch: string, tip: string, { mergeBranch, production }: Wanted, commit: string): Plan =>
  refused(
    `There is a branch ${branch} already, at ${tip}, and ${production} is at ${commit}: its nodes would get other code.`,
    branch === mergeBranch
      ? `Remove it or bring it to ${production}'s commit, or name another one: --merge-branch NAME.`
      : "Remove it, or give the lane another `environment` in the policy.",
  );

/** What comes from a branch of the plan's own is no change of somebody's, but a way of bringing one to the other. */
function retargetsOf({ pulls }: FoundRepository, { production, mergeBranch, lanes }: Wanted): { retargets: Step[]; left: string[] } {
  if (pulls === null) return { retargets: [{ kind: "retarget-all", from: production, to: mergeBranch }], left: [] };
  const own = new Set([mergeBranch, ...lanes]);
  const open = pulls.filter(({ base }) => base === production).sort((a, b) => a.number - b.number);
  const isOwn = ({ head }: FoundPull): boolean => head !== null && own.has(head);
  return {
    retargets: open
      .filter((pull) => !isOwn(pull))
      .map(({ number, title }): Step => ({ kind: "retarget", number, title, from: production, to: mergeBranch })),
    left: open
      .filter(isOwn)
      .map(({ number, head }) => `pull request #${number} asks to merge ${head ?? ""} into ${production}: close it, the lanes do that`),
  };
}

/** The notes with a step in them, as they are before it is done. */
export function withStep(noted: NotedLanes, step: Step): NotedLanes {
  switch (step.kind) {
    case "create-branch":
    case "forward-branch": {
      const others = noted.branches.filter(({ branch }) => branch !== step.branch);
      const before = step.kind === "forward-branch" ? { before: step.from } : {};
      return { ...noted, branches: [...others, { branch: step.branch, commit: step.commit, ...before }] };
    }
    case "default-branch":
      return { ...noted, isDefault: true };
    case "retarget":
      return { ...noted, pulls: [...new Set([...noted.pulls, step.number])] };
    case "ruleset":
      return { ...noted, rulesets: [...new Set([...noted.rulesets, step.ruleset.name])] };
    case "retarget-all":
    case "delete-ruleset":
    case "delete-branch":
      return noted;
  }
  return step satisfies never;
}
