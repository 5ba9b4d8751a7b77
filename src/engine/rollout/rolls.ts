import type { Origin } from "../../gate/event.ts";
import { Problem } from "../../problem.ts";
import type { Forge } from "../ports/forge.ts";
import type { Job } from "../ports/jobs.ts";
import type { JobEnd } from "../ports/store.ts";
import { inUse } from "../../rollout/in-use.ts";
import { earOf } from "./ear.ts";
import { hearOrders, refuseOrders } from "./orders.ts";
import { roll, type Rolled, type RollPorts } from "./roll.ts";
import type { RollJob, RolloutSite } from "../ports/rollout.ts";

/** Rollouts of all repositories, each a job of its own once a minute, because a deploy takes long. */
export interface Rolls {
  ask(): Promise<void>;
  perform(job: Job<RollJob>, signal: AbortSignal): Promise<JobEnd>;
}

export interface RollsPorts extends Omit<RollPorts, "site" | "forge" | "organisationPolicy" | "ear"> {
  /** Null: this server rolls nothing out. */
  site: RolloutSite | null;
  forge: Pick<Forge, "explain" | "organisationPolicy" | "pullsOf" | "labelsOf" | "contributionsTo">;
}

/** As GitHub compares names. */
export const isServed = ({ repository }: RolloutSite, { repository: { owner, name } }: Origin): boolean =>
  repository.toLowerCase() === `${owner}/${name}`.toLowerCase();

const day = 86_400_000;
/** How long it is kept what happened to releases, after nothing of them is in use: what waiting is measured by (ninety days), and some. The ledger has it for ever. */
export const keptDays = 100;

/** Intended, moved, deployed, watched: more follows from nothing that one job did. */
const mostLooks = 4;

export function createRolls(ports: RollsPorts): Rolls {
  const { site, store, forge, log } = ports;
  /** When it was done last, by repository: once a day and after a start. */
  const forgotten = new Map<number, number>();
  const forget = async ({ repository: { id } }: Origin, { lease }: Job<RollJob>): Promise<void> => {
    const now = ports.now().getTime();
    if (now - (forgotten.get(id) ?? Number.NEGATIVE_INFINITY) < day) return;
    const kept = await store.records.rolloutOf(id);
    if (kept !== null)
      await store.held(lease, async (records) => {
        const used = inUse(kept.rollout);
        await records.forgetRollout(id, new Date(now - keptDays * day), used);
        await records.forgetBuckets(id, keptDays, used.baselines);
      });
    forgotten.set(id, now);
  };
  return {
    ask: async () => {
      if (site === null) return;
      const origins = (await store.records.allOrigins()).filter((origin) => isServed(site, origin));
      await store.transaction((records) => records.askRolls(origins.map(({ repository: { id } }) => id)));
    },
    perform: async (job, signal) => {
      const origin = await store.records.originOf(job.data.repository);
      if (site === null || origin === null || !isServed(site, origin)) {
        await refuseOrders(ports, job.data.repository, job.lease);
        return ended(job, new Set());
      }
      const tried = new Set<string>();
      const fields = { repository: origin.repository };
      try {
        const organisationPolicy = (of: typeof origin): ReturnType<Forge["organisationPolicy"]> => forge.organisationPolicy(of);
        const hear = (): Promise<boolean> => hearOrders(ports, origin, job.lease, tried);
        const look = async (): Promise<Rolled> => {
          await hear();
          return roll({ ...ports, site, organisationPolicy, ear: earOf(hear) }, origin, job.lease, signal);
        };
        let rolled = await look();
        // A branch that was moved is deployed, and what was deployed is watched, without waiting for the next minute.
        for (let looks = 1; looks < mostLooks && rolled.kind === "looked" && rolled.isDone; looks += 1) rolled = await look();
        if (rolled.kind === "waits") {
          const { why, hint } = rolled;
          log.warn({ ...fields, hint }, `the rollout waits: ${why}`);
          const sight = (await store.records.sightOf(origin.repository.id))?.sight ?? { held: [], advice: [], lanes: {}, manual: [] };
          await store.records.saveSight(origin.repository.id, { ...sight, waits: { why, hint } }, ports.now());
        }
        await forget(origin, job);
        if (rolled.kind === "looked" && rolled.held.length > 0) log.warn({ ...fields, held: rolled.held }, "nothing enters a lane now");
      } catch (error) {
        if (signal.aborted) return (records) => records.again(job);
        const why = error instanceof Problem ? error.text : forge.explain(error)?.text;
        if (why === undefined) log.error({ ...fields, err: error }, "a rollout failed over a fault of the gate");
        else log.warn(fields, `the rollout waits: ${why}`);
      }
      return ended(job, tried);
    },
  };
}

/**
 * A look that is asked for while one is under way is none: what was said since then is found here. First the end, then the question: who asks between the two
 * waits for this transaction, and is asked for anew.
 */
const ended =
  (job: Job<RollJob>, tried: ReadonlySet<string>): JobEnd =>
  async (records) => {
    await records.endJob(job);
    const { repository } = job.data;
    if ((await records.openOrders(repository)).some(({ key }) => !tried.has(key))) await records.askRolls([repository]);
  };
