import type { Origin } from "../../gate/event.ts";
import type { PolicyText } from "../../gate/facts.ts";
import { freezesAt, freezeText } from "../../policy/freezes.ts";
import { type Known, known } from "../../policy/known.ts";
import { Problem } from "../../problem.ts";
import { withAffected } from "../../rollout/affected.ts";
import { begin } from "../../rollout/begin.ts";
import { capacityFaults } from "../../rollout/capacity.ts";
import type { Effect } from "../../rollout/effects.ts";
import { mayBeginAnew } from "../../rollout/lane-changes.ts";
import { seat } from "../../rollout/members.ts";
import type { LaneSeen } from "../../rollout/observation.ts";
import { laneSight, type LaneSight, type Sight, withTroubles } from "../../rollout/sight.ts";
import type { Rollout } from "../../rollout/state.ts";
import { step, type Governing } from "../../rollout/step.ts";
import type { Forge } from "../ports/forge.ts";
import type { Lease } from "../ports/lease.ts";
import { readBranches, type Branches, type RolloutMirror } from "./branches.ts";
import type { Ear } from "./ear.ts";
import { afterHalts } from "./halting.ts";
import { nodesDraft } from "./drafts.ts";
import { keep } from "./keep.ts";
import { asKnown, observe } from "./observe.ts";
import { learner } from "./line-steps.ts";
import { type Given, prepare, type PrepareAround, type PreparePorts, watchedOf } from "./prepare.ts";
import { bucketsNow, keptShares } from "./shares.ts";
import type { RolloutSite } from "../ports/rollout.ts";

export interface RollPorts extends PreparePorts {
  openMirror: (origin: Origin) => Promise<RolloutMirror>;
  site: RolloutSite;
  forge: Pick<Forge, "pullsOf" | "labelsOf">;
  organisationPolicy: (origin: Origin) => Promise<Known<PolicyText | null>>;
  /** Hears what people say while something is done; missing: nobody can say anything. */
  ear?: Ear;
}

/** Why nothing could be looked at, or what was. */
export type Rolled =
  | { kind: "no-lanes" }
  | { kind: "waits"; why: string; hint: string | null }
  /** `isDone`: something was done, all of it well, so that another look now would see more. */
  | { kind: "looked"; rollout: Rollout; held: readonly string[]; isDone: boolean };

/**
 * One look at a repository's rollout, and what is to be done by it. The decision is kept before anything is done, and what is done is found again by the
 * next look, whoever makes it: a branch moves from where it is expected or not at all, and a deploy counts once every compiler proves it.
 */
export async function roll(ports: RollPorts, origin: Origin, lease: Lease, signal: AbortSignal): Promise<Rolled> {
  const organisation = await ports.organisationPolicy(origin);
  if (!organisation.known) return waits(`whether the organisation has a policy can't be told now: ${organisation.reason}`);
  const mirror = await ports.openMirror(origin);
  try {
    return await rollOn(ports, { origin, lease, signal, mirror, organisation: organisation.value });
  } catch (error) {
    if (error instanceof Problem && !signal.aborted) return waits(error.text, error.hint);
    throw error;
  } finally {
    await mirror.close();
  }
}

const waits = (why: string, hint: string | null = null): Rolled => ({ kind: "waits", why, hint });

interface Around extends PrepareAround {
  mirror: RolloutMirror;
}

async function rollOn(ports: RollPorts, around: Around): Promise<Rolled> {
  const { store, now } = ports;
  const { origin, mirror, organisation, signal } = around;
  const kept = await store.records.rolloutOf(origin.repository.id);
  // One question, whose answer has all that a look at a resting rollout needs: lanes keep their branches but for a change of the policy.
  const heads = await mirror.heads(kept?.rollout.lanes.map(({ environment }) => environment) ?? []);
  const base = heads.defaultBranch.replace(/^refs\/heads\//u, "");
  const tip = await mirror.tipOf(base, heads.tip);
  const from = kept?.rollout.lanes.at(-1)?.verified ?? null;
  // What was carried out last governs: a change may not loosen its own rollout.
  const commit = from ?? tip;
  const { policy, policyDigest, members } = await ports.judge.survey({ origin, commit, organisation }, signal);
  // Lanes that go from the policy leave branches behind, and perhaps a release on its way: nobody may take that for the end of it.
  if (policy.lanes.length === 0)
    return kept === null || isThrough(kept.rollout)
      ? { kind: "no-lanes" }
      : waits("the policy has no lanes any more", "Put them back until all of them have the same release.");
  const quarantined = (kept?.rollout.quarantined ?? []).map(({ commit: bad }) => bad);
  const asked = { base, from, lanes: policy.lanes, quarantined, heads: { ...heads, tip } };
  const branches = await readBranches(mirror, asked, learner(ports, origin, base));
  if (!branches.known) return waits(branches.reason);
  const { tips, line, unlearnt } = branches.value;
  const earlier = kept?.rollout ?? null;
  const begun =
    earlier === null || mayBeginAnew(earlier, policy.lanes)
      ? begin(policy.lanes, knownTips(tips), line, earlier)
      : ({ ok: true, rollout: earlier } as const);
  if (!begun.ok) return waits(begun.text, begun.hint);
  const shares = bucketsNow(policy.lanes, members);
  if (shares.size > 0) await store.held(around.lease, (records) => records.keepBuckets(origin.repository.id, shares, now()));
  const { seated, faults } = seat(policy.lanes, members, await keptShares(store.records, origin.repository.id, policy.lanes, members));
  // Where one node's lane is a guess, all stay where they are.
  if (faults.length === 0) await ports.site.assign?.(seated);
  const freezes = freezesAt(policy.freezes, now().toISOString());
  const held = [...faults, ...capacityFaults(policy.services, seated, members)]
    .map(({ text }) => text)
    .concat(freezes.filter(({ freeze }) => freeze.binding).map(freezeText));
  const lanes = new Map<string, Awaited<ReturnType<typeof observe>>>();
  const said = (text: string, node: string): void => ports.log.warn({ repository: origin.repository, node }, text);
  for (const state of begun.rollout.lanes) {
    const watched = await watchedOf(ports, around, state, { policy, seated });
    lanes.set(state.lane, await observe(ports.site, state, known(tips.get(state.lane) ?? null), watched, said));
  }
  const governing: Governing = { lanes: policy.lanes, policy: policy.rollout, policyDigest, of: commit };
  const stepped = step(begun.rollout, { line, lanes, held }, governing, now().getTime());
  const certnamesOf = (lane: string): readonly string[] => seated.find((one) => one.lane.name === lane)?.certnames ?? [];
  const halting = { mirror, records: store.records, repository: origin.repository.id };
  const after = { ...stepped, ...(await afterHalts(halting, stepped, { line, seen: lanes, certnamesOf, now: now().getTime() })) };
  const next = {
    ...after,
    effects: after.effects.filter((effect) => isMeant(effect, after.rollout)),
    events: after.events.map((event) => withAffected(event, policy.services, members)),
  };
  const again = line.flatMap(({ sha, copies }) =>
    copies === undefined
      ? []
      : [`${sha} does again what ${copies} did, which is in quarantine: no release takes it along without what reverts it`],
  );
  const waiting = [...(unlearnt === null ? [] : [unlearnt]), ...again];
  const faultsNow = next.faults.map(({ text, hint }) => `${text}: ${hint}`);
  const sight: Sight = {
    held: [...held, ...faultsNow],
    advice: freezes.filter(({ freeze }) => !freeze.binding).map(freezeText),
    waits: unlearnt === null ? null : { why: unlearnt, hint: null },
    lanes: await sightsOf(store, origin, asStepped(begun.rollout, next.rollout), lanes),
    manual: policy.lanes.flatMap(({ name, gate }) => (gate === "manual" ? [name] : [])),
  };
  const at = now();
  const drafts = next.events.flatMap((event) => {
    const lane = "lane" in event ? event.lane : null;
    const stage = begun.rollout.lanes.find((one) => one.lane === lane)?.stage ?? null;
    return nodesDraft(event, stage, lane === null ? undefined : lanes.get(lane)?.fleet, at);
  });
  await keep(store, { origin, lease: around.lease, at }, { ...next, sight, line, drafts, freezes });
  for (const event of next.events) ports.log.info({ repository: origin.repository, ...event }, `rollout: ${event.kind}`);
  let isDone = next.effects.length > 0;
  for (const effect of next.effects) {
    // What was decided before somebody's word is decided anew.
    if ((await ports.ear?.now()) === true)
      return { kind: "looked", rollout: next.rollout, isDone: true, held: [...held, ...faultsNow, ...waiting] };
    const verified = next.rollout.lanes.find(({ lane }) => lane === effect.lane)?.verified ?? commit;
    const work = (): Promise<boolean> => perform(ports, around, { ...effect, verified }, { policy, seated });
    isDone = (await (ports.ear === undefined ? work() : ports.ear.during(work))) && isDone;
  }
  return { kind: "looked", rollout: next.rollout, isDone, held: [...held, ...faultsNow, ...waiting] };
}

/** The lanes that were looked at, with as many minutes as they were observed for by now. */
const asStepped = (before: Rollout, after: Rollout): Rollout => ({
  ...before,
  lanes: before.lanes.map((state) => {
    const stage = after.lanes.find(({ lane }) => lane === state.lane)?.stage;
    return stage !== undefined && stage !== null && stage.release === state.stage?.release ? { ...state, stage } : state;
  }),
});

/** A lane that stands still is not looked at: what was seen there last is what it stands still for. */
async function sightsOf(
  { records }: RollPorts["store"],
  origin: Origin,
  rollout: Rollout,
  seen: ReadonlyMap<string, LaneSeen>,
): Promise<Record<string, LaneSight>> {
  const earlier = await records.sightOf(origin.repository.id);
  return Object.fromEntries(
    rollout.lanes.flatMap((state) => {
      const own = seen.get(state.lane);
      const before = earlier?.sight.lanes[state.lane];
      if (state.stage === null || own === undefined) return [];
      return state.halt === null ? [[state.lane, laneSight(state, own, before)]] : before === undefined ? [] : [[state.lane, before]];
    }),
  );
}

/** A lane that goes back since is not moved forward before that. */
const isMeant = (effect: Effect, { lanes }: Rollout): boolean =>
  lanes.some(({ lane, stage }) => lane === effect.lane && stage?.release === (effect.kind === "move" ? effect.after : effect.release));

const isThrough = ({ lanes }: Rollout): boolean =>
  lanes.every(({ stage, halt, verified }) => stage === null && halt === null && verified === lanes[0]?.verified);

const knownTips = (tips: Branches["tips"]): Map<string, string> =>
  new Map([...tips].flatMap(([lane, tip]) => (tip === null ? [] : [[lane, tip] as const])));

/** For people who ask why the lane waits: until compilers serve the release, or another deploy ends well. */
async function noteTroubles(
  { store: { records }, now }: RollPorts,
  origin: Origin,
  lane: string,
  troubles: readonly string[],
): Promise<void> {
  const { id } = origin.repository;
  const sight = (await records.sightOf(id))?.sight;
  const own = sight?.lanes[lane];
  if (sight === undefined || own === undefined || (troubles.length === 0 && own.undeployed === undefined)) return;
  await records.saveSight(id, { ...sight, lanes: { ...sight.lanes, [lane]: withTroubles(own, troubles) } }, now());
}

/** Whether it went well. What can't be done now is said, and asked for again by the next look. */
async function perform(ports: RollPorts, around: Around, effect: Effect & { verified: string }, given: Given): Promise<boolean> {
  const { origin, signal } = around;
  const fields = { repository: origin.repository, lane: effect.lane };
  signal.throwIfAborted();
  if (effect.kind === "deploy") {
    const troubles = await ports.site.compilers.deploy(effect.environment, signal);
    for (const failed of troubles) ports.log.warn({ ...fields, environment: effect.environment }, `not deployed: ${failed}`);
    await noteTroubles(ports, origin, effect.lane, troubles);
    return troubles.length === 0;
  }
  const { lane, branch, before, after: release, way, baseline, verified } = effect;
  const ready = await asKnown(() =>
    prepare(ports, around, { lane, environment: branch, before, verified, release, way, baseline, readyAt: null }, given),
  );
  const why = ready.known ? ready.value : ready.reason;
  if (why !== null) {
    ports.log.warn(fields, `the lane's branch is not moved yet: ${why}`);
    return false;
  }
  // It took minutes, perhaps: whoever said `abort` meanwhile means that it is not moved.
  if ((await ports.ear?.now()) === true) return true;
  const outcome = await around.mirror.push({ branch, expected: before, commit: release });
  // Whatever was said of it: where the branch is then decides.
  if (outcome.kind !== "merged") ports.log.warn({ ...fields, outcome }, `the lane's branch may not have moved: ${outcome.text}`);
  return outcome.kind === "merged";
}
