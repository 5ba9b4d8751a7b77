import type { Config } from "../config.ts";
import type { Forge, Log } from "../engine/gate-ports.ts";
import type { Place } from "../engine/rollout/news-ports.ts";
import type { RolloutSite } from "../engine/rollout/rollout-ports.ts";
import type { Authenticate } from "../github/api.ts";
import type { Store } from "../store/records.ts";

/** What places are made of; each takes what it needs. */
export interface PlacesAround {
  config: Config;
  site: RolloutSite;
  store: Store;
  forge: Forge;
  authenticate: Authenticate;
  now: () => Date;
  log: Log;
}

/** Where it is told what happens to releases: all that this server was set up with. */
export const placesOf = (_: PlacesAround): readonly Place[] => [];
