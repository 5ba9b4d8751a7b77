import type { Origin } from "../../gate/event.ts";
import type { Known } from "../../policy/known.ts";
import { obey, type RolloutCommand, type Sayer } from "../../rollout/obey.ts";
import { type Obeyed, refused } from "../../rollout/obeyed.ts";
import type { Rollout } from "../../rollout/state.ts";
import type { Lease } from "../ports/lease.ts";
import { type Branches, readBranches, type RolloutMirror } from "./branches.ts";
import { learner } from "./line-steps.ts";
import { keep } from "./keep.ts";
import type { RollPorts } from "./roll.ts";

/** A person's word to a repository's rollout, kept with what happened by it; the next look does what follows. Under the lease of the rollout. */
export async function order(
  { store, forge, openMirror, now }: Pick<RollPorts, "store" | "forge" | "openMirror" | "now">,
  origin: Origin,
  lease: Lease,
  { command, sayer }: { command: RolloutCommand; sayer: Sayer },
): Promise<Obeyed> {
  const kept = await store.records.rolloutOf(origin.repository.id);
  if (kept === null || kept.rollout.lanes.length === 0)
    return refused("nothing is rolled out here", "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server.");
  const mirror = await openMirror(origin);
  try {
    const branches = await keptBranches({ store, forge, now }, origin, mirror, kept.rollout);
    if (!branches.known) return refused(branches.reason, "Mend that first.");
    const at = now();
    const obeyed = obey(kept.rollout, command, sayer, branches.value.line, at.getTime());
    if (!obeyed.ok) return obeyed;
    await keep(store, { origin, lease, at }, obeyed);
    return obeyed;
  } finally {
    await mirror.close();
  }
}

/** The line that the gate knows lanes on, and where their branches are. */
export async function keptBranches(
  ports: Pick<RollPorts, "store" | "forge" | "now">,
  origin: Origin,
  mirror: RolloutMirror,
  rollout: Rollout,
): Promise<Known<Branches>> {
  const lanes = rollout.lanes.map(({ lane, environment }) => ({ name: lane, environment }));
  const heads = await mirror.heads(lanes.map(({ environment }) => environment));
  const base = heads.defaultBranch.replace(/^refs\/heads\//u, "");
  return readBranches(
    mirror,
    { base, from: rollout.lanes.at(-1)?.verified ?? null, lanes, quarantined: rollout.quarantined.map(({ commit }) => commit), heads },
    learner(ports, origin, base),
  );
}
