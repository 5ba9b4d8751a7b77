import type { Origin } from "../../gate/event.ts";
import type { PolicyText } from "../../gate/facts.ts";
import { type Known, known, unknown } from "../../policy/known.ts";
import type { Policy } from "../../policy/schema.ts";
import { Problem } from "../../problem.ts";
import type { Told, What } from "../../rollout/announcement.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Heard } from "../../rollout/hears.ts";
import { type Member, seat } from "../../rollout/members.ts";
import type { News, NewsRecords } from "../ports/news.ts";
import { keptShares } from "./shares.ts";
import type { Prediction, RolloutJudge, RolloutRecords } from "../ports/rollout.ts";
import type { RolloutMirror } from "./branches.ts";

export interface AnnounceFactsPorts {
  store: { records: Pick<RolloutRecords, "rolloutOf" | "predictionOf" | "stepsOf" | "otherBuckets"> & Pick<NewsRecords, "newsAfter"> };
  judge: Pick<RolloutJudge, "survey">;
  organisationPolicy: (origin: Origin) => Promise<Known<PolicyText | null>>;
  openMirror: (origin: Origin) => Promise<Pick<RolloutMirror, "close" | "heads" | "lineOf">>;
  /** GitHub's pages, without a slash at the end. */
  html: string;
  /** Our own page of a repository; null where there are none. */
  pageOf: (origin: Origin) => string | null;
  now: () => Date;
}

/** What an announcement of something is made of, and who may hear it. */
export interface AnnounceFacts {
  told: Told;
  heard: Heard;
  policy: Pick<Policy, "announce" | "services" | "lanes">;
}

/** What was kept of a repository's news before this one, as far as anybody looks back for where a release came from. */
const mostBack = 1000;
/** Milliseconds after which it is said when something happened. */
const late = 15 * 60_000;

/** Null for what nobody announces. Throws a Problem where the policy can't be had now. */
export async function announceFacts(
  ports: AnnounceFactsPorts,
  origin: Origin,
  news: News,
  signal: AbortSignal,
): Promise<AnnounceFacts | null> {
  const { store, judge, now, html } = ports;
  const { id, owner, name } = origin.repository;
  const { event } = news;
  const kept = await store.records.rolloutOf(id);
  const commit = kept?.rollout.lanes.at(-1)?.verified;
  if (commit === undefined) return null;
  const organisation = await ports.organisationPolicy(origin);
  if (!organisation.known)
    throw new Problem({
      code: "no-policy",
      text: `Whether the organisation has a policy can't be told now: ${organisation.reason}.`,
      hint: "It is asked again.",
    });
  const { policy, members } = await judge.survey({ origin, commit, organisation: organisation.value }, signal);
  const lastLane = policy.lanes.at(-1)?.name;
  if (policy.announce.length === 0 || lastLane === undefined) return null;
  const earlier = await store.records.newsAfter(id, Math.max(0, news.seq - mostBack), mostBack);
  const arrival = arrivalOf(
    event,
    lastLane,
    earlier.filter(({ seq }) => seq <= news.seq),
  );
  const release = releaseOf(event);
  const services = await servicesOf(ports, id, { event, before: arrival.before, policy, members });
  const changes = release === null || arrival.before === null ? [] : await changesOf(ports, origin, arrival.before, release);
  const suspects = event.kind === "halted" ? suspectsOf(event) : [];
  const likeliest = suspects[0] ?? (changes.length === 1 ? changes[0] : undefined);
  const pull = likeliest === undefined ? null : `${html}/${owner}/${name}/pull/${likeliest}`;
  const page = ports.pageOf(origin);
  const commits = `${html}/${owner}/${name}${release === null ? "" : `/commit/${release}`}`;
  return {
    told: {
      kind: "told",
      repository: `${owner}/${name}`,
      lane: "lane" in event ? event.lane : null,
      release,
      changes,
      link: pull ?? (page === null ? commits : `${page}/rollout`),
      happenedAt: now().getTime() - news.at.getTime() > late ? news.at.getTime() : null,
      what: whatOf(event, arrival.by, suspects),
    },
    heard: { event, isForward: arrival.isForward, lastLane, services },
    policy,
  };
}

const releaseOf = (event: Event): string | null => ("release" in event ? event.release : null);

/** Of pull requests that something points to; that one is in the release is no reason to name it. */
const suspectsOf = ({ suspects = [] }: Extract<Event, { kind: "halted" }>): number[] =>
  suspects.flatMap(({ number, why }) => (number === null || why.every(({ how }) => how === "release") ? [] : [number]));

interface Arrival {
  /** What the lane had before; null where that is not known any more. */
  before: string | null;
  by: string | null;
  isForward: boolean;
}

/** How what it is about came to its lane, by the news before it. */
function arrivalOf(event: Event, lastLane: string, earlier: readonly News[]): Arrival {
  const lane = event.kind === "done" ? lastLane : "lane" in event ? event.lane : null;
  const turns = earlier.flatMap(({ event: one }) =>
    (one.kind === "entered" || one.kind === "returning") && one.lane === lane ? [one] : [],
  );
  if (event.kind === "returning") {
    const came = turns.findLast((one) => one.kind === "entered" && one.release === event.release);
    return { before: came?.before ?? null, by: null, isForward: false };
  }
  const last = turns.at(-1);
  if (last?.kind !== "entered") return { before: null, by: null, isForward: false };
  return { before: last.release === releaseOf(event) ? last.before : null, by: last.let?.name ?? null, isForward: true };
}

/** Of the nodes that the release changes where this is about, and of those that something is wrong with. */
async function servicesOf(
  { store }: AnnounceFactsPorts,
  repository: number,
  { event, before, policy, members }: { event: Event; before: string | null; policy: Policy; members: readonly Member[] },
): Promise<Known<ReadonlySet<string>>> {
  const release = releaseOf(event);
  if (release === null || before === null) return unknown("what it changes is not known");
  const prediction = (await store.records.predictionOf(repository, { before, release })) as Prediction | null;
  if (prediction === null) return unknown("what it changes was not kept");
  const { seated } = seat(policy.lanes, members, await keptShares(store.records, repository, policy.lanes, members));
  const inLane = "lane" in event && event.lane !== null ? new Set(seated.find(({ lane }) => lane.name === event.lane)?.certnames) : null;
  const troubled =
    event.kind === "halted" && event.halt.why.kind === "verdict" && event.halt.why.verdict.kind === "failed"
      ? event.halt.why.verdict.troubles.flatMap(({ certnames }) => certnames)
      : [];
  const changed = prediction.classes.flatMap(({ certnames }) => certnames).filter((certname) => inLane === null || inLane.has(certname));
  const byName = new Map(members.map((member) => [member.certname, member.services]));
  const found = new Set<string>();
  for (const certname of [...changed, ...troubled]) {
    const services = byName.get(certname) ?? unknown(`${certname} is gone`);
    if (!services.known) return services;
    for (const service of services.value) found.add(service);
  }
  return known(found);
}

/** Numbers of the pull requests between two commits of the base branch, as far as they were learnt. */
async function changesOf({ store, openMirror }: AnnounceFactsPorts, origin: Origin, before: string, release: string): Promise<number[]> {
  const mirror = await openMirror(origin);
  try {
    const base = (await mirror.heads([])).defaultBranch.replace(/^refs\/heads\//u, "");
    const { steps } = await mirror.lineOf(base, before);
    const shas = (steps ?? []).map(({ sha }) => sha);
    const upTo = shas.indexOf(release);
    if (upTo < 0) return [];
    const own = shas.slice(0, upTo + 1);
    const learnt = new Map((await store.records.stepsOf(origin.repository.id, own)).map(({ sha, number }) => [sha, number]));
    return [...new Set(own.flatMap((sha) => learnt.get(sha) ?? []))];
  } finally {
    await mirror.close();
  }
}

function whatOf(event: Event, letInBy: string | null, suspects: readonly number[]): What {
  if (event.kind === "halted") return { kind: "halted", why: event.halt.why, suspects };
  if (event.kind === "promoted") return { kind: "promoted", by: event.by.name, reason: event.reason };
  if (event.kind === "returning") return { kind: "returning", by: event.by?.name ?? null, reason: event.reason };
  if (event.kind === "paused") return { kind: "paused", by: event.by.name, reason: event.reason, until: event.until };
  if (event.kind === "resumed") return { kind: "resumed", by: event.by?.name ?? null };
  if (event.kind === "returned" || event.kind === "passed" || event.kind === "done") return { kind: event.kind };
  return { kind: "started", by: letInBy };
}
