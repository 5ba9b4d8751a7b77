import type { Event, InstallationEvent, Origin, ReceivedReview, RepositoryEvent } from "../gate/event.ts";
import type { Draft } from "../ledger/entry.ts";
import { bindingOf } from "./binding-of.ts";
import { backDrafts, lostDrafts } from "./eyes.ts";
import { rewrittenDraft } from "./explain-branch.ts";
import type { ChangeKey } from "./ports/changes.ts";
import type { Inbox } from "./ports/store.ts";
import type { Records } from "./ports/records.ts";

/** A webhook as it came in, its payload translated: null when it means nothing to us. */
export interface Delivery {
  id: string;
  name: string;
  event: Event | null;
  receivedAt: Date;
}

/** What became of a delivery. */
export interface Accepted {
  /** False for one that is known already. */
  isNews: boolean;
  /** Repositories that the gate lost with it. */
  gone: readonly Origin[];
  /** Repositories that came back with it, and since when nothing was heard of them. */
  back: readonly { origin: Origin; since: Date }[];
}

const nothing = { gone: [], back: [] };

/**
 * Takes a delivery in: it is kept and the changes it is about get a turn, in one transaction. Once this returns, GitHub can be answered:
 * nothing of the delivery can be lost any more.
 */
export async function accept(inbox: Inbox, delivery: Delivery): Promise<Accepted> {
  const { event, receivedAt } = delivery;
  if (event === null) return { isNews: await inbox.records.addDelivery(delivery), ...nothing };
  const touch = touchOf(event);
  if (touch !== null) {
    const taken = await inbox.records.addTouch({ ...delivery, event }, touch);
    if (taken !== "repository-unknown") return { isNews: taken === "news", ...nothing };
  }
  return inbox.transaction(async (records) => {
    if (!(await records.addDelivery(delivery))) return { isNews: false, ...nothing };
    if ("repository" in event) return { isNews: true, gone: [], back: await takeIn(records, event, receivedAt) };
    return { isNews: true, ...nothing, ...(await takeInstallation(records, event, receivedAt)) };
  });
}

/** What an event asks for when that is turns and nothing else, and null for any other: then one statement takes it in. */
function touchOf(event: Event): Parameters<Records["addTouch"]>[1] | null {
  if (!("repository" in event)) return null;
  const origin = { installation: event.installation, repository: event.repository };
  if (event.kind === "head-touched") return { origin, numbers: [], head: event.head, push: null };
  if (event.kind !== "change-touched" || event.review?.state === "approved" || event.edited !== undefined) return null;
  return { origin, numbers: [event.number], head: null, push: event.push };
}

async function takeIn(records: Records, event: RepositoryEvent, at: Date): Promise<Accepted["back"]> {
  const since = await records.saveRepository(event);
  if (since !== null) await catchUp(records, event.repository.id);
  await takeEvent(records, event, at);
  if (since !== null) await records.appendEntries(0, backDrafts([{ id: event.repository.id, since }], at), at);
  return since === null ? [] : [{ origin: { installation: event.installation, repository: event.repository }, since }];
}

async function takeEvent(records: Records, event: RepositoryEvent, at: Date): Promise<void> {
  const repository = event.repository.id;
  if (event.kind === "change-touched") {
    if (event.push !== null) await records.addPush(repository, event.push);
    if (event.edited !== undefined) await records.addEdit(repository, event.edited.comment, event.edited.by, at);
    await records.wake({ repository, number: event.number });
    if (event.review?.state === "approved") await receive(records, { repository, number: event.number }, event.review, at);
  } else if (event.kind === "branch-pushed") await takePush(records, event, at);
  else if (event.kind === "repository-touched") await wakeOpen(records, repository);
  else if (event.kind === "merge-group") await records.addMergeGroup(repository, event.head, at);
  else {
    const found = (await records.openChangesAt(repository, event.head)).map(({ number }) => ({ repository, number }));
    if (event.kind === "recheck-asked") for (const change of found) await records.forgetChecks(change);
    await records.wakeAll(found);
  }
}

/**
 * Who pushed is kept, and the changes that go into the branch or whose head this is get a turn. Where changes go into it, the push tells
 * where the branch was before: a first look begins there, so that this very push is accounted for; and that history was rewritten is
 * known only now, if the branch is brought back before anybody looks.
 */
async function takePush(records: Records, event: RepositoryEvent & { kind: "branch-pushed" }, at: Date): Promise<void> {
  const { branch, push, before, forced } = event;
  const repository = event.repository.id;
  await records.addPush(repository, push);
  const moved = await records.openChangesMoved(repository, { branch, sha: push.sha });
  const isWatched =
    moved.some(({ into }) => into) &&
    typeof before === "string" &&
    (await records.beginExplaining(repository, { branch, tip: before }, at));
  await records.wakeAll(moved.map(({ number }) => ({ repository, number })));
  if (isWatched && forced === true)
    await records.appendEntries(repository, [rewrittenDraft(branch, before, push.sha, push.by?.id ?? null)], at);
}

async function takeInstallation(records: Records, event: InstallationEvent, at: Date): Promise<Partial<Pick<Accepted, "gone" | "back">>> {
  const { installation } = event;
  if (event.kind === "people-changed") {
    // Of every installation: a rule may name a team of another organisation, and nothing says here who is asked about where. By the next
    // sweep, which is asked for now: an organisation that is put in order sends hundreds of these, and they are one turn for each change.
    await records.setAllDue(at);
    await records.askSweep();
    return {};
  }
  if (event.state !== "active") {
    const lost = await records.dropInstallation(installation, at);
    await tellSight(records, { gone: lost, back: [] }, at);
    return { gone: lost };
  }
  const back: { origin: Origin; since: Date }[] = [];
  for (const repository of event.added) {
    const origin = { installation, repository };
    const since = await records.saveRepository(origin);
    if (since === null) continue;
    await catchUp(records, repository.id);
    back.push({ origin, since });
  }
  const gone = await records.dropRepositories(event.removed, at);
  // Where the payload names none, they are asked for. Where it does, GitHub's list may lag behind it, and so must not be asked right now.
  if (event.added.length === 0 && event.removed.length === 0) await records.askDiscovery();
  // An organisation's policy may have come into sight, or back.
  if (event.added.some(({ name }) => name === policyHome)) await records.setAllDue(at);
  // Changes may be open that nobody told of.
  await records.askSweep();
  await tellSight(records, { gone, back }, at);
  return { gone, back };
}

/** The ledger knows of what the gate can't see, and since when it sees it again. */
async function tellSight(records: Records, { gone, back }: Pick<Accepted, "gone" | "back">, at: Date): Promise<void> {
  const lost = gone.map(({ repository }) => repository.id);
  const again = back.map(({ origin, since }) => ({ id: origin.repository.id, since }));
  const drafts = [...backDrafts(again, at), ...lostDrafts(lost, at)];
  if (drafts.length > 0) await records.appendEntries(0, drafts, at);
}

/** The repository that holds an organisation's policy. */
const policyHome = ".github";

/** What was decided before nothing was heard any more may be otherwise now. */
async function catchUp(records: Records, repository: number): Promise<void> {
  await wakeOpen(records, repository);
  await records.askSweep();
}

async function wakeOpen(records: Records, repository: number): Promise<void> {
  await records.wakeAll((await records.openChangesOf(repository)).map((number) => ({ repository, number })));
}

/** Which head was reviewed is known for sure only now: GitHub has been seen to move a review to a newer one. */
async function receive(records: Records, change: ChangeKey, review: ReceivedReview, at: Date): Promise<void> {
  const { id, reviewer, commit, submittedAt } = review;
  const record = await records.findChange(change);
  const { pair = null, baseRef = null } = record ?? {};
  const shown = pair === null || baseRef === null ? null : { base: pair.base, baseRef };
  const isNew = await records.addReceipt(change, { review: id, reviewer, commit, source: "delivery", submittedAt, shown });
  const subject = `pull/${change.number}`;
  const evidence = [JSON.stringify({ commit, review: id, submittedAt })];
  const drafts: Draft[] = [{ kind: "approval-received", subject, actor: reviewer, evidence, key: `approval-received:${id}` }];
  // Now, before anything moves: it was given for what was shown. One that was read before is of what was shown then.
  const binding = isNew && shown !== null && pair?.head === commit ? await bindingOf(records, change, pair, shown.baseRef) : null;
  if (binding !== null) {
    await records.bindReceipt(change.repository, id, binding);
    const bound = [JSON.stringify({ review: id, commit, source: "delivery", binding })];
    drafts.push({ kind: "approval-bound", subject, actor: reviewer, evidence: bound, key: `approval-bound:${subject}:${id}` });
  }
  await records.appendEntries(change.repository, drafts, at);
}
