import type { Config } from "../config.ts";
import type { Origin } from "../gate/event.ts";
import type { Receiver } from "../rollout/announcement.ts";
import type { LaneState } from "../rollout/state.ts";
import { announcePlaces } from "../engine/rollout/announce.ts";
import type { Forge } from "../engine/ports/forge.ts";
import type { Log } from "../engine/ports/log.ts";
import { changesIn } from "../engine/rollout/changes-in.ts";
import type { Place } from "../engine/ports/news.ts";
import { createReverts } from "../engine/rollout/reverts.ts";
import type { RolloutJudge, RolloutSite } from "../engine/ports/rollout.ts";
import { createCommentPlace } from "../engine/rollout/comment-place.ts";
import { type AppIdentity, type Authenticate, placeOf } from "../github/api.ts";
import { showStanding } from "../github/standing-part.ts";
import { createCalls } from "../github/calls.ts";
import { createDeployments } from "../github/deployments.ts";
import type { RevertPulls } from "../github/reverts.ts";
import type { Store } from "../store/records.ts";
import type { Drafts } from "./drafts.ts";
import { rolloutMirrorsOf } from "./judging.ts";

/** What places are made of; each takes what it needs. */
export interface PlacesAround {
  config: Config;
  site: RolloutSite;
  judge: RolloutJudge;
  /** Channels of the site. */
  receivers: readonly Receiver[];
  store: Store;
  forge: Forge;
  authenticate: Authenticate;
  app: AppIdentity;
  /** Pull requests that take something back. */
  pulls: RevertPulls;
  drafts: Drafts;
  now: () => Date;
  log: Log;
}

/** Where it is told what happens to releases: all that this server was set up with. */
export function placesOf({
  config,
  judge,
  receivers,
  store,
  forge,
  authenticate,
  app,
  pulls,
  drafts,
  now,
  log,
}: PlacesAround): readonly Place[] {
  const lanesOf = async (repository: number): Promise<readonly LaneState[]> =>
    (await store.records.rolloutOf(repository))?.rollout.lanes ?? [];
  const { url, pages } = config;
  const pageOf = ({ repository: { owner, name } }: Origin): string | null =>
    url === undefined || pages === undefined ? null : `${url}/${owner}/${name}/rollout`;
  const announcements = announcePlaces({
    receivers,
    store,
    judge,
    organisationPolicy: (origin) => forge.organisationPolicy(origin),
    openMirror: rolloutMirrorsOf(config, authenticate),
    html: config.github.html,
    pageOf,
    now,
    log,
  });
  const calls = createCalls({ authenticate, app, changesIn: (...of) => changesIn(store.records, ...of), drafts });
  const reverts = createReverts({
    forge: pulls,
    draft: (...halt) => drafts.of(...halt),
    openMirror: rolloutMirrorsOf(config, authenticate),
    records: store.records,
    log,
  });
  const comment = createCommentPlace({
    records: store.records,
    show: async (origin, ...what) => showStanding(await placeOf(authenticate, origin), app, ...what),
    explain: (error) => forge.explain(error),
    now,
    log,
  });
  return [createDeployments({ authenticate, app, lanesOf, pageOf }), calls, comment, reverts, ...announcements];
}
