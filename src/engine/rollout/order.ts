import type { Origin } from "../../gate/event.ts";
import { obey, type RolloutCommand, type Sayer } from "../../rollout/obey.ts";
import { type Obeyed, refused } from "../../rollout/obeyed.ts";
import type { Lease } from "../ports.ts";
import { readBranches } from "./branches.ts";
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
  const last = kept?.rollout.lanes.at(-1);
  if (kept === null || last === undefined)
    return refused("nothing is rolled out here", "Name `lanes` in the policy, and PUPPET_GATE_ROLLOUT for the server.");
  const mirror = await openMirror(origin);
  try {
    const base = (await mirror.heads([])).defaultBranch.replace(/^refs\/heads\//u, "");
    const lanes = kept.rollout.lanes.map(({ lane, environment }) => ({ name: lane, environment }));
    const branches = await readBranches(mirror, { base, from: last.verified, lanes }, learner({ store, forge, now }, origin, base));
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
