import type { Delivery } from "./deliveries.ts";
import { must } from "./lookup.ts";
import { commonPart, pullPayload } from "./payloads.ts";
import type { App, Repo } from "./state.ts";
import type { World } from "./world.ts";

/** Many webhooks at a given rate, as GitHub sends them when much happens at once: it waits for no answer before the next. */

export interface BurstRequest {
  count: number;
  perSecond: number;
  /**
   * The nth event, from 0. Without it: `pull_request` with the action `edited` for each open pull request of the repository in turn,
   * as if its title had been changed to what it is.
   */
  events?: (n: number) => { event: string; payload: object };
}

export interface Acknowledgement {
  guid: string;
  /** From the request's start to the end of its answer. */
  ms: number;
  /** 0: no answer. */
  status: number;
}

/** Sends them, and gives each one's acknowledgement in the order of sending. Everything is written and signed before the first leaves. */
export async function sendBurst(world: World, app: App, repo: Repo, request: BurstRequest): Promise<Acknowledgement[]> {
  const { count, perSecond } = request;
  const events = request.events ?? (await edits(world, app, repo));
  const deliveries = Array.from({ length: count }, (_unused, n) => {
    const { event, payload } = events(n);
    return world.deliveries.prepare(app, event, payload);
  });
  await world.deliveries.burst(app, deliveries, perSecond);
  return deliveries.map(acknowledgement);
}

const acknowledgement = ({ guid, durationMs, status }: Delivery): Acknowledgement => ({ guid, ms: durationMs, status: status ?? 0 });

async function edits(world: World, app: App, repo: Repo): Promise<(n: number) => { event: string; payload: object }> {
  const { state } = world;
  const installation = [...state.installations.values()].find((entry) => entry.appId === app.id && entry.accountId === repo.ownerId);
  const open = [...repo.pulls.values()].filter((pull) => pull.state === "open");
  if (installation === undefined || open.length === 0) throw new Error("A burst needs an installed App and an open pull request.");
  const payloads: object[] = [];
  for (const pull of open) {
    const build = await pullPayload(world, pull, { action: "edited", changes: { title: { from: pull.title } } });
    payloads.push(build(commonPart(world, repo, must(state.accounts, pull.userId), installation)));
  }
  return (n) => ({ event: "pull_request", payload: payloads[n % payloads.length] ?? {} });
}
