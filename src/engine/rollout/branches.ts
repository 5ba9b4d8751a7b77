import { type Known, known, unknown } from "../../policy/known.ts";
import type { Lane } from "../../policy/lanes-schema.ts";
import type { Line, LineStep } from "../../rollout/line.ts";
import { doesAgain, type Fingerprint } from "../../rollout/copies.ts";
import type { GateMirror } from "../ports/mirror.ts";
import type { SuspectMirror } from "./suspects.ts";
import type { Learnt } from "./line-steps.ts";

/** A copy of a repository, as far as a rollout needs it. */
export interface RolloutMirror extends Pick<GateMirror, "close" | "lineOf" | "push" | "revertsOf" | "tipOf">, SuspectMirror {
  /** The default branch as a full ref, with its tip; null for a branch that is not there. One question to the remote. */
  heads(branches: readonly string[]): Promise<Heads>;
  /** What a commit of the line does, to tell another that does the same; null for one that nobody has any more. */
  fingerprint(commit: string): Promise<Fingerprint | null>;
}

/** Where branches were when the remote was asked. */
export interface Heads {
  defaultBranch: string;
  tip: string;
  tips: ReadonlyMap<string, string | null>;
}

export interface Branches {
  /** By lane; null where its branch is gone. */
  tips: ReadonlyMap<string, string | null>;
  line: Line;
  /** Why nothing is known yet of the last commits of the line; null where all of them are. */
  unlearnt: string | null;
}

export interface Asked {
  base: string;
  from: string | null;
  lanes: readonly Pick<Lane, "name" | "environment">[];
  /** Commits that no release may bring along, whoever does them again. */
  quarantined: readonly string[];
  /** What the remote said already; branches of lanes that are not in it are asked for. */
  heads: Heads;
}

/**
 * Where the lanes are, and the base branch's own line since what the last of them had when it was good: null for what it has now. Unknown where that
 * line can't be had.
 */
export async function readBranches(
  mirror: RolloutMirror,
  { base, from, lanes, quarantined, heads }: Asked,
  learn: (shas: readonly string[]) => Promise<Learnt>,
): Promise<Known<Branches>> {
  const environments = lanes.map(({ environment }) => environment);
  const { tips } = environments.every((branch) => heads.tips.has(branch)) ? heads : await mirror.heads(environments);
  const last = lanes.at(-1)?.environment ?? "";
  const oldest = from ?? tips.get(last) ?? null;
  if (oldest === null) return unknown(`the branch ${last} is gone: put it back at the commit that its nodes have`);
  const { steps } = await mirror.lineOf(base, oldest, heads.tip);
  if (steps === null) return unknown(`${base} does not lead to ${oldest}, where ${last} is: nothing moves until it does`);
  const learnt = await learn(steps.map(({ sha }) => sha));
  return known({
    tips: new Map(lanes.map(({ name, environment }) => [name, tips.get(environment) ?? null])),
    line: await withCopies(mirror, await lineOf(mirror, oldest, steps, learnt), quarantined),
    unlearnt: learnt.why,
  });
}

async function lineOf(
  mirror: RolloutMirror,
  first: string,
  steps: readonly { sha: string; parents: string[] }[],
  { of }: Learnt,
): Promise<Line> {
  const line: LineStep[] = [{ sha: first, number: null, solo: false, reverts: null }];
  /** A revert names a commit of a pull request, or the merge that landed it: both are known by the step of the line that has them. */
  const own = new Set([first, ...steps.map(({ sha }) => sha)]);
  for (const one of steps) {
    const reverted = await mirror.revertsOf(one);
    const { number = null, solo = null } = of.get(one.sha) ?? {};
    const older = reverted.filter((sha) => !own.has(sha));
    const reverts = reverted.find((sha) => own.has(sha)) ?? null;
    line.push({ sha: one.sha, number, solo, reverts, ...(reverts === null && older.length > 0 && { older }) });
  }
  return line;
}

/** Those put into quarantine last: what landed longer ago than so many is compared with nothing. */
const mostQuarantined = 100;

/** Says of each step whether it does again what is in quarantine. Of what was there before that, nothing is asked: it was there. */
async function withCopies(mirror: RolloutMirror, line: Line, quarantined: readonly string[]): Promise<Line> {
  const bad = new Map<string, Fingerprint>();
  for (const commit of quarantined.slice(-mostQuarantined)) {
    const of = await mirror.fingerprint(commit);
    // One that nobody has any more (the base branch was rebuilt) can't be compared with, and can't be picked either.
    if (of !== null) bad.set(commit, of);
  }
  if (bad.size === 0) return line;
  const placed = new Map(line.map(({ sha }, at) => [sha, at]));
  const steps: LineStep[] = [];
  for (const [at, step] of line.entries()) {
    const earlier = [...bad].filter(([commit]) => at > 0 && at > (placed.get(commit) ?? -1));
    const own = earlier.length === 0 ? null : await mirror.fingerprint(step.sha);
    const again = own === null ? undefined : earlier.find(([commit, of]) => commit !== step.sha && doesAgain(own, of));
    steps.push(again === undefined ? step : { ...step, copies: again[0] });
  }
  return steps;
}
