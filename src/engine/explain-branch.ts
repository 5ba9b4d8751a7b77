import type { Origin } from "../gate/event.ts";
import type { Draft } from "../ledger/entry.ts";
import { Problem } from "../problem.ts";
import { withMirror, type OpenMirror } from "./gate-mirror.ts";
import type { Forge, Log, Records, Store } from "./gate-ports.ts";

export interface ExplainPorts {
  store: Store;
  forge: Pick<Forge, "pullsOf" | "mergerOf">;
  openMirror: OpenMirror;
  now: () => Date;
  log: Log;
}

/** Commits of one look, each a request: a push of thousands must not hold up a repository. The next look, a minute later at most, goes on. */
const mostAtOnce = 20;

/**
 * Accounts for every commit on a branch's own line since it was looked at last: a landing of ours, a pull request that somebody else merged,
 * or a push around the gate. What can't be learnt now is looked at the next time, from the same commit on. The first look at a branch
 * only begins: what was there before the gate is nobody's doing.
 */
export async function explainBranch(ports: ExplainPorts, origin: Origin, branch: string, tip: string): Promise<void> {
  const repository = origin.repository.id;
  const after = await ports.store.records.explainedTip(repository, branch);
  if (after === tip) return;
  if (after === null) return ports.store.records.saveExplainedTip(repository, { branch, tip }, ports.now());
  try {
    const line = await withMirror(ports.openMirror, origin, (mirror) => mirror.lineOf(branch, after));
    const looked = line.steps?.slice(0, mostAtOnce) ?? [];
    const upTo = looked.length < (line.steps?.length ?? 0) ? (looked.at(-1)?.sha ?? line.tip) : line.tip;
    const account =
      line.steps === null
        ? { drafts: [rewrittenDraft(branch, after, line.tip, null)], merged: [] }
        : await accountFor(ports, origin, branch, looked);
    if (account === null) return;
    const { drafts, merged } = account;
    for (const { kind, subject, key } of drafts)
      ports.log.warn({ repository: origin.repository, kind, subject, key }, "landed around the gate");
    await ports.store.transaction(async (records) => {
      await records.saveExplainedTip(repository, { branch, tip: upTo }, ports.now());
      for (const number of merged) await records.wake({ repository, number });
      await records.appendEntries(repository, drafts, ports.now());
    });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.warn({ repository: origin.repository, branch, after, tip }, `what came into the branch can't be told now: ${error.text}`);
  }
}

/**
 * The same for every branch that changes go into or went into, so that a push into one without open changes is found too. `tips` has those
 * that are known already; the others are asked of git.
 */
export async function explainBranches(ports: ExplainPorts, origin: Origin, tips: ReadonlyMap<string, string>): Promise<void> {
  for (const branch of await ports.store.records.watchedBranches(origin.repository.id)) {
    const tip = tips.get(branch) ?? (await tipOf(ports, origin, branch));
    if (tip !== null) await explainBranch(ports, origin, branch, tip);
  }
}

/** Null where it can't be told now: it is looked at the next time. */
async function tipOf({ openMirror, log }: ExplainPorts, origin: Origin, branch: string): Promise<string | null> {
  try {
    return await withMirror(openMirror, origin, (mirror) => mirror.tipOf(branch));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.warn({ repository: origin.repository, branch }, `where the branch is can't be told now: ${error.text}`);
    return null;
  }
}

/** Told by a push as by a later look: the first of them is kept. `actor`: who pushed, where that is known. */
export const rewrittenDraft = (branch: string, from: string, to: string, actor: number | null): Draft => ({
  kind: "history-rewritten",
  subject: `branch/${branch}`,
  actor,
  evidence: [JSON.stringify({ branch, from, to })],
  key: `history-rewritten:${branch}:${from}:${to}`,
});

/** Null where the forge would not say to which pull request a commit belongs. */
async function accountFor(
  { store, forge, log }: ExplainPorts,
  origin: Origin,
  branch: string,
  steps: readonly { sha: string; parents: readonly string[] }[],
): Promise<{ drafts: Draft[]; merged: readonly number[] } | null> {
  const { records } = store;
  const repository = origin.repository.id;
  const ours = new Set(
    (
      await records.landingsAt(
        repository,
        steps.map(({ sha }) => sha),
      )
    ).map(({ sha }) => sha),
  );
  const drafts: Draft[] = [];
  const merged: number[] = [];
  for (const { sha, parents } of steps) {
    if (ours.has(sha)) continue;
    const pulls = await forge.pullsOf(origin, sha);
    if (!pulls.known) {
      log.warn({ repository: origin.repository, sha }, `to which pull request a commit belongs can't be told now: ${pulls.reason}`);
      return null;
    }
    const pull = pulls.value.find((one) => one.merged && one.base === branch);
    const evidence = [JSON.stringify({ branch, commit: sha, parents, pull: pull?.number ?? null })];
    if (pull === undefined) {
      const [pusher] = await records.pushersOf(repository, [sha]);
      drafts.push({
        kind: "direct-push",
        subject: `branch/${branch}`,
        actor: pusher?.id ?? null,
        evidence,
        key: `direct-push:${branch}:${sha}`,
      });
    } else if (!(await isOurs(records, repository, pull.number))) {
      const merger = await forge.mergerOf(origin, pull.number);
      if (!merger.known) {
        log.warn({ repository: origin.repository, pull: pull.number }, `who merged it can't be told now: ${merger.reason}`);
        return null;
      }
      drafts.push({
        kind: "landed-outside",
        subject: `pull/${pull.number}`,
        actor: merger.value,
        evidence,
        key: `landed-outside:pull/${pull.number}`,
      });
      // Its own turn says so in the pull request.
      merged.push(pull.number);
    }
  }
  return { drafts, merged };
}

/** By the merge that was intended: a rebase of ours makes several commits, and an answer may have been lost. */
async function isOurs(records: Records, repository: number, number: number): Promise<boolean> {
  const landing = await records.findLanding({ repository, number });
  return landing === null ? (await records.intendedMerge({ repository, number })) !== null : landing.by === "gate";
}
