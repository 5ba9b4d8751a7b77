import type { DraftTold } from "../../catalog/expect/draft-told.ts";
import type { Origin } from "../../gate/event.ts";
import { ownBranches } from "../../gate/own-branches.ts";
import { Problem } from "../../problem.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Line } from "../../rollout/line.ts";
import type { RevertTold } from "../../rollout/revert-told.ts";
import { clearSuspect, type Suspect } from "../../rollout/suspects.ts";
import { carriesBad } from "../../rollout/train.ts";
import type { Log } from "../ports/log.ts";
import type { GateMirror, Signature } from "../ports/mirror.ts";
import type { RolloutMirror } from "./branches.ts";
import type { News, Place } from "../ports/news.ts";
import type { RolloutRecords } from "../ports/rollout.ts";

/** A copy of a repository that can take a commit back. */
export interface RevertMirror extends Pick<GateMirror, "close" | "lineOf" | "push" | "revertsOf">, Pick<RolloutMirror, "heads"> {
  subjectOf(commit: string): Promise<string>;
  /** On top of `base`; `nothing` where that has none of it any more. */
  makeRevert(revert: {
    base: string;
    bad: string;
    message: string;
    signature: Signature;
    date: string;
  }): Promise<{ kind: "made"; commit: string } | { kind: "conflict"; paths: string[] } | { kind: "nothing" }>;
}

export interface RevertForge {
  /** As whom the gate commits: with the number of its account in the address, without which GitHub may know nobody by it. */
  signature(origin: Origin): Promise<Signature>;
  /** Open pull requests that take this one back, whoever opened them, and all that were ever opened from the branch. */
  revertsOf(origin: Origin, of: { branch: string; number: number | null }): Promise<readonly number[]>;
  openRevert(origin: Origin, pull: RevertTold & { branch: string; base: string }): Promise<number>;
  /** Says in the suspect's own pull request that it could not be taken back by itself; any number of times is the same as once. */
  sayConflict(origin: Origin, number: number, told: RevertTold & { paths: readonly string[]; base: string }): Promise<void>;
}

export interface RevertsPorts {
  forge: RevertForge;
  openMirror: (origin: Origin) => Promise<RevertMirror>;
  records: Pick<RolloutRecords, "rolloutOf">;
  /** The expectation that would have caught a change; null for none that anybody has to be told. */
  draft: (origin: Origin, number: number, event: Halted) => Promise<DraftTold | null>;
  log: Log;
}

type Halted = Extract<Event, { kind: "halted" }>;

/**
 * Where the fleet stops a lane and one commit is clearly suspected, the pull request that takes it back is there before anybody asks for it. It is checked and
 * landed like any other. Found again by its branch after a kill, and never opened where somebody has opened one, or landed it, or said that the release is good.
 */
export const createReverts = (ports: RevertsPorts): Place => ({
  name: "reverts",
  tell: async (origin, news, signal) => {
    const { event } = news;
    if (event.kind !== "halted" || event.halt.why.kind !== "verdict" || event.halt.why.verdict.kind !== "failed") return;
    const suspect = clearSuspect(event.suspects ?? []);
    if (suspect === null || (await wasTakenForGood(ports, origin, event))) return;
    const mirror = await ports.openMirror(origin);
    try {
      signal.throwIfAborted();
      await takeBack(ports, mirror, { origin, news, event, suspect });
    } finally {
      await mirror.close();
    }
  },
});

/** By somebody's word, since. */
async function wasTakenForGood({ records }: RevertsPorts, { repository }: Origin, { lane, release }: Halted): Promise<boolean> {
  const state = (await records.rolloutOf(repository.id))?.rollout.lanes.find((one) => one.lane === lane);
  return state !== undefined && state.verified === release;
}

async function takeBack(
  { forge, log, draft }: RevertsPorts,
  mirror: RevertMirror,
  { origin, news, event, suspect }: { origin: Origin; news: News; event: Halted; suspect: Suspect },
): Promise<void> {
  const { repository } = origin;
  const { commit: bad, number } = suspect;
  const fields = { repository, lane: event.lane, suspect: bad };
  const base = (await mirror.heads([])).defaultBranch.replace(/^refs\/heads\//u, "");
  const { tip, steps } = await mirror.lineOf(base, bad);
  if (steps === null || !(await isInEffect(mirror, bad, steps))) return;
  const branch = `${ownBranches}revert-${number ?? bad.slice(0, 12)}`;
  const [found] = await forge.revertsOf(origin, { branch, number });
  if (found !== undefined) {
    log.info({ ...fields, pull: found }, "what takes the suspect back is a pull request already");
    return;
  }
  const whole = await mirror.subjectOf(bad);
  const subject = number === null ? whole : whole.replace(` (#${number})`, "");
  const told: RevertTold = { lane: event.lane, suspect, subject, stays: event.halt.stays ?? null };
  const message = `Revert "${subject}"\n\nThis reverts commit ${bad}.`;
  const date = news.at.toISOString();
  const asked = { bad, message, signature: await forge.signature(origin), date };
  const made = await mirror.makeRevert({ base: tip, ...asked });
  if (made.kind === "nothing") return;
  if (made.kind === "conflict") {
    log.warn({ ...fields, paths: made.paths }, "the suspect can't be taken back by itself: something was built upon it");
    if (number !== null) await forge.sayConflict(origin, number, { ...told, paths: made.paths, base });
    return;
  }
  const pushed = await mirror.push({ branch, expected: nowhere, commit: made.commit });
  if (pushed.kind !== "merged") await expectOurs(mirror, branch, asked, pushed.text);
  const drafted = number === null ? null : await draft(origin, number, event);
  log.info(
    {
      ...fields,
      pull: await forge.openRevert(origin, { ...told, draft: drafted?.kind === "drafted" ? drafted.path : null, branch, base }),
    },
    "a pull request takes the suspect back",
  );
}

/** What git takes for "no such branch". */
const nowhere = "0".repeat(40);

/** The base branch has the commit, and nothing in effect there takes it back. */
async function isInEffect(mirror: RevertMirror, bad: string, steps: readonly { sha: string; parents: string[] }[]): Promise<boolean> {
  const line: Line[number][] = [{ sha: bad, number: null, solo: false, reverts: null }];
  for (const step of steps) {
    const own = new Set(line.map(({ sha }) => sha));
    const reverted = await mirror.revertsOf(step);
    line.push({ sha: step.sha, number: null, solo: false, reverts: reverted.find((sha) => own.has(sha)) ?? null });
  }
  return carriesBad(line, line.length - 1, [{ commit: bad }]);
}

/**
 * A branch that is there may be what this process pushed before it was killed: then the same revert, made on what it was built upon, is the same commit. Any
 * other is somebody's, whatever it says: nobody's work is put before reviewers as the gate's.
 */
async function expectOurs(
  mirror: RevertMirror,
  branch: string,
  asked: Omit<Parameters<RevertMirror["makeRevert"]>[0], "base">,
  said: string,
): Promise<void> {
  const there = (await mirror.heads([branch])).tips.get(branch) ?? null;
  if (there === null)
    throw new Problem({
      code: "revert-not-pushed",
      text: `The branch ${branch}, which takes the suspect of a halt back, could not be made: ${said}.`,
      hint: "Let the App make branches of this name (a ruleset may keep it from that); it is tried again.",
    });
  const { tip, steps } = await mirror.lineOf(branch, asked.bad);
  const base = steps?.find(({ sha }) => sha === tip)?.parents[0];
  const again = base === undefined ? null : await mirror.makeRevert({ base, ...asked });
  if (again?.kind === "made" && again.commit === tip) return;
  throw new Problem({
    code: "revert-branch-taken",
    text: `The branch ${branch} is somebody else's: it is not what takes ${asked.bad} back.`,
    hint: "Delete it, or take the suspect back yourself; it is tried again.",
  });
}
