import type { Activity, Repo } from "../../src/demo/github/state.ts";
import { isMergeOf, objectionsTo, type Claim } from "./model.ts";
import { momentOf, type Moment } from "./truth.ts";
import { policyFile, policyOf } from "./policies.ts";
import { fileOf } from "./git/mirror.ts";
import { branches, type World } from "./world.ts";

/** A landing of the gate, as it truly happened. */
export interface Landing {
  repo: Repo;
  number: number;
  branch: string;
  before: string;
  commit: string;
  head: string;
  how: "exact" | "api";
}

/** A rule of safety that was broken. */
export interface Violation {
  rule: 0 | 1 | 2 | 3 | 4 | 5;
  text: string;
  step: number;
}

export interface Watch {
  landings: readonly Landing[];
  moments: readonly Moment[];
  /** After each step: looks whether something landed, and whether it should have. */
  look(): void;
  /** After each deed of people. */
  remember(): void;
}

/** When a process read what, in steps. */
export interface Reads {
  /** The last reads of each pull request, the newest last, by `owner/name#number`. */
  reads: ReadonlyMap<string, readonly number[]>;
  /** When the old answers were first given that it got, with the step in which it got them. */
  staleReads: readonly { at: number; from: number }[];
}

/** @param mover who did what was done last in a repository */
export function createWatch(
  world: World,
  violate: (violation: Omit<Violation, "step">) => void,
  mover: (repo: Repo) => Reads | null,
): Watch {
  const { github, repos, app, objects } = world;
  const landings: Landing[] = [];
  const moments: Moment[] = [momentOf(world)];
  const seen = new Map<number, number>();

  const landed = (repo: Repo, { branch, before, after, type }: Activity): void => {
    if (before === null || after === null) return;
    const merged = [...repo.pulls.values()].find((pull) => pull.merged?.sha === after);
    const told = /\(#(?<number>\d+)\)$/u.exec(objects.commit(after).message.split("\n")[0] ?? "")?.groups?.["number"];
    const [, head = ""] = objects.commit(after).parents;
    const number = merged?.number ?? Number(told ?? 0);
    const landing: Landing = { repo, number, branch, before, commit: after, head, how: type === "pr_merge" ? "api" : "exact" };
    const twice = landings.find((one) => one.repo === repo && one.number === number && one.head === head && one.branch === branch);
    if (twice !== undefined) violate({ rule: 3, text: `#${number} landed twice: ${twice.commit} and ${after}` });
    landings.push(landing);
    const name = `${github.state.accounts.get(repo.ownerId)?.login ?? ""}/${repo.name}#${number}`;
    const objections = worstOf(world, landing, windowOf(mover(repo), name));
    if (!isMergeOf(world, after, before, head)) objections.push("what landed is not the merge of base and head");
    if (objections.length > 0) violate({ rule: 1, text: `#${number} landed as ${after.slice(0, 10)}: ${objections.join("; ")}` });
  };
  /** What was so between the last reading and now, and from the beginning of the turn; an old answer makes both as old as itself. */
  const windowOf = (life: Reads | null, name: string): Pick<Claim, "window" | "turn"> => {
    const reads = life?.reads.get(name) ?? [];
    const since = (step: number): Moment[] => {
      const stale = (life?.staleReads ?? []).filter(({ at }) => at >= step).map(({ from }) => from);
      const from = Math.min(step, ...stale);
      const first = moments.findLastIndex((moment) => moment.step <= from);
      return moments.slice(Math.max(first, 0));
    };
    return { window: since(reads.at(-1) ?? 0), turn: since(reads.at(-2) ?? reads.at(-1) ?? 0) };
  };
  return {
    landings,
    moments,
    look: () => {
      for (const { repo } of repos) {
        const from = seen.get(repo.id) ?? 0;
        if (repo.activities.length === from) continue;
        seen.set(repo.id, repo.activities.length);
        for (const activity of repo.activities.slice(from))
          if (activity.actorId === app.botId && branches.some((branch) => branch === activity.branch)) landed(repo, activity);
        moments.push(momentOf(world));
      }
    },
    remember: () => moments.push(momentOf(world)),
  };
}

/**
 * Where GitHub makes the merge, it looks at the head alone: base may have moved after it was checked, and somebody may have given the change another
 * one. The gate tells of that afterwards; whatever base and branch it could have read last counts.
 */
function worstOf(world: World, landing: Landing, windows: Pick<Claim, "window" | "turn">): string[] {
  const { repo, number, branch, before, head, how } = landing;
  const claim = (into: string, base: string): Claim => ({ repo, number, branch: into, base, head, ...windows });
  const first = objectionsTo(world, claim(branch, before));
  const asked = policyOf(fileOf(world.objects, before, policyFile)).asks.landing;
  if (how === "exact") return asked === "exact" ? first : [...first, "base's policy has GitHub make the merge"];
  const isAllowed = windows.window.some(({ tips, pulls }) =>
    [branch, pulls.get(`${repo.id}#${number}`)?.into].some((into) => {
      const base = into === undefined ? undefined : tips.get(`${repo.id} ${into}`);
      return into !== undefined && base !== undefined && objectionsTo(world, claim(into, base)).length === 0;
    }),
  );
  return isAllowed ? [] : first;
}
