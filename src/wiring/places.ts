import type { Config } from "../config.ts";
import type { Origin } from "../gate/event.ts";
import type { LaneState } from "../rollout/state.ts";
import type { Forge, Log } from "../engine/gate-ports.ts";
import type { Place } from "../engine/rollout/news-ports.ts";
import type { RolloutSite } from "../engine/rollout/rollout-ports.ts";
import type { AppIdentity, Authenticate } from "../github/api.ts";
import { createDeployments } from "../github/deployments.ts";
import type { Store } from "../store/records.ts";

/** What places are made of; each takes what it needs. */
export interface PlacesAround {
  config: Config;
  site: RolloutSite;
  store: Store;
  forge: Forge;
  authenticate: Authenticate;
  app: AppIdentity;
  now: () => Date;
  log: Log;
}

/** Where it is told what happens to releases: all that this server was set up with. */
export function placesOf({ config, store, authenticate, app }: PlacesAround): readonly Place[] {
  const lanesOf = async (repository: number): Promise<readonly LaneState[]> =>
    (await store.records.rolloutOf(repository))?.rollout.lanes ?? [];
  const { url, pages } = config;
  const pageOf = ({ repository: { owner, name } }: Origin): string | null =>
    url === undefined || pages === undefined ? null : `${url}/${owner}/${name}`;
  return [createDeployments({ authenticate, app, lanesOf, pageOf })];
}
