import type { Origin } from "../gate/event.ts";
import type { Draft } from "../ledger/entry.ts";
import { Problem } from "../problem.ts";
import { revertedBy, revertedDraft, revertingSteps } from "./expect/reverted.ts";
import { withMirror } from "./with-mirror.ts";
import type { OpenMirror } from "./ports/mirror.ts";
import type { Forge } from "./ports/forge.ts";
import type { IntendedMerge } from "./ports/change-records.ts";
import type { Records } from "./ports/records.ts";
import type { Log } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import { keepLanded } from "./landed.ts";
import { outsideDraft } from "./landing-drafts.ts";

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
 * only begins: what was there before the gate is nobody's doing. A landing of ours that nobody knew of, because its answer was lost and its
 * change was pushed to at that moment, is kept here. Gives the changes of such landings.
 */
export async function explainBranch(ports: ExplainPorts, origin: Origin, branch: string, tip: string): Promise<readonly number[]> {
  const repository = origin.repository.id;
  const after = await ports.store.records.explainedTip(repository, branch);
  if (after === tip) return [];
  if (after === null) {
    await ports.store.records.saveExplainedTip(repository, { branch, tip }, ports.now());
    return [];
  }
  try {
    const { line, looked, reverts } = await withMirror(ports.openMirror, origin, async (mirror) => {
      const found = await mirror.lineOf(branch, after);
      const some = found.steps?.slice(0, mostAtOnce) ?? [];
      return { line: found, looked: some, reverts: await revertingSteps(mirror, some) };
    });
    const upTo = looked.at(-1)?.sha ?? line.tip;
    const account =
      line.steps === null
        ? { ...nothing, drafts: [rewrittenDraft(branch, after, line.tip, null)] }
        : await accountFor(ports, origin, branch, looked);
    if (account === null) return [];
    const reverted = await revertedBy(ports, origin, branch, reverts);
    const { drafts, merged, found } = account;
    for (const { kind, subject, key } of drafts)
      ports.log.warn({ repository: origin.repository, kind, subject, key }, "landed around the gate");
    await ports.store.transaction(async (records) => {
      const at = ports.now();
      await records.saveExplainedTip(repository, { branch, tip: upTo }, at);
      await records.addReverts(repository, reverted.reverts, at);
      await records.addUnnamedReverts(repository, reverted.unnamed, at);
      const kept: Awaited<ReturnType<typeof keepLanded>>[] = [];
      for (const { number, merge, sha } of found)
        kept.push(await keepLanded(records, { change: { repository, number }, merge, who: null, sha }, at));
      await records.wakeAll([...merged.map((number) => ({ repository, number })), ...kept.flatMap(({ wake }) => wake)]);
      await records.appendEntries(
        repository,
        [...drafts, ...kept.flatMap((one) => one.drafts), ...reverted.reverts.map(revertedDraft)],
        at,
      );
    });
    return found.map(({ number }) => number);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    ports.log.warn({ repository: origin.repository, branch, after, tip }, `what came into the branch can't be told now: ${error.text}`);
    return [];
  }
}

/** What came into a branch. */
interface Account {
  drafts: readonly Draft[];
  /** Changes whose own turn says so in the pull request. */
  merged: readonly number[];
  /** Landings of ours that nobody knew of. */
  found: readonly { number: number; merge: IntendedMerge; sha: string }[];
}

const nothing: Account = { drafts: [], merged: [], found: [] };

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
): Promise<Account | null> {
  const { records } = store;
  const repository = origin.repository.id;
  const landings = await records.landingsAt(
    repository,
    steps.map(({ sha }) => sha),
  );
  const ours = new Map(landings.map((landing) => [landing.sha, landing]));
  const drafts: Draft[] = [];
  const merged: number[] = [];
  const found: { number: number; merge: IntendedMerge; sha: string }[] = [];
  for (const { sha, parents } of steps) {
    const our = ours.get(sha);
    if (our !== undefined) {
      const intentions = our.landed ? [] : await records.landingsOf({ repository, number: our.number });
      const merge = intentions.find((one) => one.merge?.commit === sha)?.merge ?? null;
      if (merge !== null) found.push({ number: our.number, merge, sha });
      continue;
    }
    const pulls = await forge.pullsOf(origin, sha);
    if (!pulls.known) {
      log.warn({ repository: origin.repository, sha }, `to which pull request a commit belongs can't be told now: ${pulls.reason}`);
      return null;
    }
    const pull = pulls.value.find((one) => one.merged && one.base === branch);
    const evidence = { branch, commit: sha, parents, pull: pull?.number ?? null };
    if (pull === undefined) {
      const [pusher] = await records.pushersOf(repository, [sha]);
      drafts.push({
        kind: "direct-push",
        subject: `branch/${branch}`,
        actor: pusher?.id ?? null,
        evidence: [JSON.stringify(evidence)],
        key: `direct-push:${branch}:${sha}`,
      });
      continue;
    }
    const whose = await whoseMerge(records, repository, pull.number);
    if (whose === "others") {
      const merger = await forge.mergerOf(origin, pull.number);
      if (!merger.known) {
        log.warn({ repository: origin.repository, pull: pull.number }, `who merged it can't be told now: ${merger.reason}`);
        return null;
      }
      drafts.push(outsideDraft(pull.number, merger.value, evidence));
    }
    if (whose !== "ours") merged.push(pull.number);
  }
  return { drafts, merged, found };
}

/**
 * Whose a merge is that made commits of no landing: where GitHub makes them at our word, a rebase has several, and an answer may have been
 * lost. Of one that was refused its own turn finds out.
 */
async function whoseMerge(records: Records, repository: number, number: number): Promise<"ours" | "others" | "unclear"> {
  const asked = (await records.landingsOf({ repository, number })).filter(({ merge }) => merge?.landing === "api");
  if (asked.some(({ state }) => state === "landed" || state === "intended")) return "ours";
  return asked.length === 0 ? "others" : "unclear";
}
