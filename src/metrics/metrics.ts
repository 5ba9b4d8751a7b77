import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Tell, Told } from "../engine/ports/told.ts";
import { counters, gauges, histograms } from "./names.ts";
import { createLimits } from "./limits.ts";

const prefix = "puppet_gate_";

/** A number to be shown: a gauge's name, its labels in the order of `names.ts`, and its value. */
export type Reading = readonly [name: keyof typeof gauges, labels: readonly string[], value: number];

export interface MetricsPorts {
  /** Numbers of now. Rejects where they can't be had: then those of this process are told without them. */
  read: () => Promise<readonly Reading[]>;
  /** Numbers of this process, which are always there. */
  own: () => readonly Reading[];
  /** The present, in milliseconds since 1970. */
  now: () => number;
  /** Milliseconds that readings may take. */
  patience?: number;
}

export interface Metrics {
  tell: Tell;
  /** In Prometheus's text format. */
  expose(): Promise<{ type: string; text: string }>;
}

/** Milliseconds for which readings are shown again: who asks more often than that costs the database nothing. */
const fresh = 5_000;
/** Less than Prometheus waits for an answer: else a slow database looks like a server that is gone. */
const patienceOfReadings = 4_000;

/** Counts what is told, and shows it beside readings of now. */
export function createMetrics({ read, own, now, patience = patienceOfReadings }: MetricsPorts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const limits = createLimits(now);
  const counterOf = mapped(
    counters,
    ([help, labels], name) => new Counter({ name: prefix + name, help, labelNames: [...labels], registers: [registry] }),
  );
  const histogramOf = mapped(
    histograms,
    ([help, labels, buckets], name) =>
      new Histogram({ name: prefix + name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] }),
  );
  const gaugeOf = mapped(
    gauges,
    ([help, labels], name) => new Gauge({ name: prefix + name, help, labelNames: [...labels], registers: [registry] }),
  );
  const count = (name: keyof typeof counters, labels: readonly string[], by = 1): void => {
    if (by > 0) counterOf[name].labels(...labels).inc(by);
  };
  const time = (name: keyof typeof histograms, labels: readonly string[], seconds: number): void =>
    histogramOf[name].labels(...labels).observe(seconds);

  // What was never told by then would begin at its first count, and nobody who looks for growth would see that one.
  for (const [name, labels] of fromStart) counterOf[name].labels(...labels).inc(0);
  let kept: { at: number; isDone: boolean; readings: Promise<readonly Reading[] | null> } | null = null;
  const readings = async (): Promise<readonly Reading[] | null> => {
    // Those who ask at once, or soon after, share an answer; and while one is waited for, nothing more is asked of a database that is slow.
    if (kept === null || (kept.isDone && now() - kept.at >= fresh)) {
      const asked = { at: now(), isDone: false, readings: read().catch(() => null) };
      void asked.readings.finally(() => (asked.isDone = true));
      kept = asked;
    }
    const late = Promise.withResolvers<null>();
    const timer = setTimeout(() => late.resolve(null), patience);
    try {
      return await Promise.race([kept.readings, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    tell: (told) => hear(told, { count, time, limits }),
    expose: async () => {
      const read = await readings();
      // What is no more must not be told any longer.
      for (const gauge of Object.values(gaugeOf)) gauge.reset();
      const up: Reading = ["readings_up", [], read === null ? 0 : 1];
      const left = limits.left().flatMap(({ resource, limit, remaining }): Reading[] => [
        ["github_limit", [resource], limit],
        ["github_limit_remaining", [resource], remaining],
      ]);
      for (const [name, labels, value] of [up, ...own(), ...left, ...(read ?? [])]) gaugeOf[name].labels(...labels).set(value);
      for (const repository of repositoriesIn(read ?? []))
        for (const [name, outcomes] of ofRepositories) for (const outcome of outcomes) counterOf[name].labels(repository, outcome).inc(0);
      if (read === null) for (const name of unread) gaugeOf[name].remove();
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

const fromStart: readonly (readonly [keyof typeof counters, readonly string[]])[] = [
  ...["advance", "check", "night", "roll", "sweep", "tell"].flatMap((queue) =>
    ["done", "again", "lost", "fault"].map((outcome) => ["jobs_total", [queue, outcome]] as const),
  ),
  ["github_limited_total", ["primary"]],
  ["github_limited_total", ["secondary"]],
  ["deliveries_total", ["other", "refused"]],
  ["deliveries_total", ["other", "failed"]],
];

function repositoriesIn(readings: readonly Reading[]): Set<string> {
  return new Set(readings.flatMap(([name, labels]) => (gauges[name][1][0] === "repository" ? labels.slice(0, 1) : [])));
}

/** Those of this process. */
const always: ReadonlySet<string> = new Set(["readings_up", "migrations", "sandboxes"]);
/** Those without labels, which prom-client would show as 0: what could not be read is missing, and not nothing. */
const unread = Object.entries(gauges)
  .filter(([name, [, labels]]) => labels.length === 0 && !always.has(name))
  .map(([name]) => name as keyof typeof gauges);

interface Ears {
  count: (name: keyof typeof counters, labels: readonly string[], by?: number) => void;
  time: (name: keyof typeof histograms, labels: readonly string[], seconds: number) => void;
  limits: ReturnType<typeof createLimits>;
}

function hear(told: Told, { count, time, limits }: Ears): void {
  switch (told.kind) {
    case "delivery":
      return count("deliveries_total", [told.event, told.outcome]);
    case "late":
      return time("delivery_lag_seconds", [], told.seconds);
    case "answered":
      // What was taken is counted by what became of it, where it was kept.
      if (told.outcome !== "taken") count("deliveries_total", [told.event, told.outcome]);
      return time("delivery_duration_seconds", [told.outcome], told.seconds);
    case "redelivery":
      return count("redeliveries_total", []);
    case "job":
      count("jobs_total", [told.queue, told.outcome]);
      time("job_wait_seconds", [told.queue], told.waited);
      return time("job_duration_seconds", [told.queue], told.seconds);
    case "checked":
      count("checks_total", [told.repository, told.outcome]);
      return time("check_duration_seconds", [told.outcome], told.seconds);
    case "decided":
      return count("decisions_total", [told.repository, told.standing]);
    case "stands":
      return count("verdicts_total", [told.repository, told.standing]);
    case "waited":
      return count("waited_seconds_total", [told.repository, told.standing], told.seconds);
    case "effect":
      return count("effects_total", [told.effect, told.outcome]);
    case "entry": {
      count("entries_total", [told.entry]);
      const outcome = landings[told.entry];
      if (outcome !== undefined) count("landings_total", [told.repository, outcome]);
      return;
    }
    case "rollout":
      count("rollout_events_total", [told.repository, told.lane ?? "", told.event]);
      if (told.why !== null) count("rollout_halts_total", [told.repository, told.lane ?? "", told.why]);
      return;
    case "heard":
      count("news_total", [told.place, "heard"], told.news);
      return count("news_total", [told.place, "lost"], told.lost);
    case "github":
      count("github_requests_total", [told.method, String(told.status)]);
      if (told.limited !== null) count("github_limited_total", [told.limited]);
      return time("github_duration_seconds", [], told.seconds);
    case "github-limit":
      return limits.hear(told);
  }
}

/** Entries of the ledger that say what came into a base branch, or did not. */
const landings: Readonly<Record<string, string>> = {
  landed: "landed",
  "merge-refused": "refused",
  "tree-differs": "differs",
  "landed-outside": "outside",
  "direct-push": "pushed",
};

const ofRepositories = [
  ["landings_total", Object.values(landings)],
  ["checks_total", ["done", "failed"]],
] as const;

const mapped = <T, R, K extends string>(of: Readonly<Record<K, T>>, make: (one: T, name: string) => R): Record<K, R> =>
  Object.fromEntries(Object.entries<T>(of).map(([name, one]) => [name, make(one, name)])) as Record<K, R>;
