import type { Origin } from "../gate/event.ts";
import { Problem } from "../problem.ts";
import type { Event } from "../rollout/effects.ts";
import type { AppIdentity, Authenticate, Place } from "./api.ts";
import { everyPage, ownLogin, placeOf } from "./api.ts";
import { limitOf, messageOf, statusOf } from "./failure.ts";
import { replaced, statusAfter, type Status } from "./words-rollout.ts";

/**
 * Where each release is, as GitHub's deployments: one for each time that a release comes to a lane, in the environment of the lane. They show; nothing
 * depends on them. https://docs.github.com/en/rest/deployments
 */
export interface Deployments {
  name: string;
  /** Makes GitHub show what happened; any number of times is the same as once. */
  tell(origin: Origin, news: { seq: number; event: Event }): Promise<void>;
}

export interface DeploymentsPorts {
  authenticate: Authenticate;
  app: AppIdentity;
  /** The lanes of a repository in their order. */
  lanesOf(repository: number): Promise<readonly { lane: string; environment: string }[]>;
  /** Where to read on; null where people reach no page of this server. */
  pageOf(origin: Origin): string | null;
}

/** Tells ours from what others deploy. */
const task = "deploy:puppet-gate";
/** Earlier deployments of an environment that are looked at, to end those that were left open. */
const mostEarlier = 20;

interface Found {
  id: number;
  sha: string;
  /** The number of the news that it was made for. */
  news: number;
}

export function createDeployments(ports: DeploymentsPorts): Deployments {
  return {
    name: "deployments",
    tell: async (origin, { seq, event }) => {
      const status = statusAfter(event);
      if (status === null || !("lane" in event) || event.lane === null) return;
      const lanes = await ports.lanesOf(origin.repository.id);
      const lane = lanes.find((one) => one.lane === event.lane);
      // A lane that is gone has no environment any more.
      if (lane === undefined) return;
      const shown: Shown = {
        place: await placeOf(ports.authenticate, origin),
        app: ports.app,
        page: ports.pageOf(origin),
        environment: lane.environment,
        lane: lane.lane,
        isProduction: lane === lanes.at(-1),
        seq,
      };
      try {
        await show(shown, event, status);
      } catch (error) {
        throw statusOf(error) === 403 && limitOf(error) === null ? refusal(error) : error;
      }
    },
  };
}

interface Shown {
  place: Place;
  app: AppIdentity;
  page: string | null;
  environment: string;
  lane: string;
  isProduction: boolean;
  seq: number;
}

async function show(shown: Shown, event: Event, status: Status): Promise<void> {
  const release = "release" in event ? event.release : null;
  const ours = await deploymentsOf(shown, release);
  const found = await theOne(shown, event, ours, release);
  if (found === null) return;
  const [newest] = await statusesOf(shown, found.id);
  // Said by a person already that it is good; and what went on without having failed goes on as it is.
  const isSaid =
    (event.kind === "passed" && newest?.state === "success") ||
    (event.kind === "resumed" && newest?.state !== "failure") ||
    (newest?.state === status.state && newest.description === status.description);
  if (!isSaid) await say(shown, found.id, status);
  if (status.state === "success") await endEarlier(shown, found, ["success", "queued", "in_progress"]);
  if (event.kind === "returning") await endEarlier(shown, found, ["queued", "in_progress"]);
}

/** The deployment that an event is about, made where there is none; null where GitHub does not have the commit, or there is nothing to go on. */
async function theOne(shown: Shown, event: Event, ours: readonly Found[], release: string | null): Promise<Found | null> {
  const { seq } = shown;
  const begins = event.kind === "entered" || event.kind === "returning";
  const found = begins
    ? ours.find(({ news }) => news === seq)
    : ours.filter(({ news }) => news <= seq).toSorted((a, b) => b.news - a.news)[0];
  if (found !== undefined) return found;
  return release === null ? null : create(shown, release);
}

async function deploymentsOf({ place: { api, repo }, app, environment }: Shown, sha: string | null): Promise<Found[]> {
  const own = await ownLogin(app);
  const asked = { ...repo, environment, task, ...(sha === null ? {} : { sha }) };
  const all =
    sha === null
      ? (await api.rest.repos.listDeployments({ ...asked, per_page: 100 })).data
      : await everyPage({ what: "deployments of one commit" }, (page) => api.rest.repos.listDeployments({ ...asked, ...page }));
  return all.flatMap(({ id, sha: of, payload, creator, performed_via_github_app: via }) => {
    const news = newsOf(payload);
    const isOurs = via?.id === app.id || creator?.login === own;
    return news === null || !isOurs ? [] : [{ id, sha: of, news }];
  });
}

/** Payloads come back as they were given, or as their text. */
function newsOf(payload: unknown): number | null {
  if (typeof payload === "string" && payload.startsWith("{")) {
    try {
      return newsOf(JSON.parse(payload));
    } catch {
      // Whatever it is, it is none of ours.
      return null;
    }
  }
  const news: unknown = typeof payload === "object" && payload !== null ? Reflect.get(payload, "news") : null;
  return Number.isSafeInteger(news) ? (news as number) : null;
}

async function create({ place: { api, repo }, environment, lane, isProduction, seq }: Shown, release: string): Promise<Found | null> {
  try {
    const { data } = await api.rest.repos.createDeployment({
      ...repo,
      ref: release,
      task,
      environment,
      payload: { news: seq, lane },
      description: "A release on its way, lane by lane",
      // What had to be checked was checked before it was merged.
      required_contexts: [],
      auto_merge: false,
      transient_environment: false,
      production_environment: isProduction,
    });
    if (!("id" in data)) throw new Error(`GitHub made no deployment: ${data.message ?? "it does not say why"}`);
    return { id: data.id, sha: release, news: seq };
  } catch (error) {
    // The commit went with a branch that was forced elsewhere: there is nothing to show it at.
    if (statusOf(error) === 422 && /no ref found/iu.test(messageOf(error))) return null;
    throw error;
  }
}

/** The newest first: ids grow with time. */
async function statusesOf({ place: { api, repo } }: Shown, deployment: number): Promise<{ state: string; description: string }[]> {
  const all = await everyPage({ what: "statuses of one deployment" }, (page) =>
    api.rest.repos.listDeploymentStatuses({ ...repo, deployment_id: deployment, ...page }),
  );
  return all.toSorted((a, b) => b.id - a.id);
}

async function say({ place: { api, repo }, page }: Shown, deployment: number, { state, description }: Status): Promise<void> {
  await api.rest.repos.createDeploymentStatus({
    ...repo,
    deployment_id: deployment,
    state,
    description,
    // GitHub does that for some environments and not for production's; here it is said of each which one took its place.
    auto_inactive: false,
    ...(page === null ? {} : { log_url: page }),
  });
}

/** Earlier ones of the environment that nobody has ended: back to the last that was ever a success, which ended those before it. */
async function endEarlier(shown: Shown, { id, sha, news }: Found, states: readonly string[]): Promise<void> {
  const earlier = (await deploymentsOf(shown, null))
    .filter((one) => one.news < news && one.id !== id)
    .toSorted((a, b) => b.news - a.news)
    .slice(0, mostEarlier);
  for (const one of earlier) {
    const statuses = await statusesOf(shown, one.id);
    const [newest] = statuses;
    if (newest === undefined || states.includes(newest.state)) await say(shown, one.id, { state: "inactive", description: replaced(sha) });
    if (statuses.some(({ state }) => state === "success")) return;
  }
}

function refusal(cause: unknown): Problem {
  return new Problem(
    {
      code: "no-deployments",
      text: `GitHub does not let the App show deployments: ${messageOf(cause)}.`,
      hint: 'Accept the permission "Deployments: write" (app.yml) in the settings of the App\'s installation.',
    },
    { cause },
  );
}
