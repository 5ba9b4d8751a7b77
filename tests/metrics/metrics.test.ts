import { describe, expect, it } from "vitest";
import { createMetrics, type Reading } from "../../src/metrics/metrics.ts";
import { counters, gauges, histograms } from "../../src/metrics/names.ts";
import type { Told } from "../../src/engine/ports/told.ts";
import { parseExposition, valueOf, type Sample } from "./exposition.ts";

const now = 1_800_000_000_000;

async function shown(told: readonly Told[], read: () => Promise<readonly Reading[]> = async () => []): Promise<Sample[]> {
  const metrics = createMetrics({ read, own: () => [["sandboxes", [], 2]], now: () => now });
  told.forEach((one) => metrics.tell(one));
  return parseExposition((await metrics.expose()).text);
}

/** What may be a label: none names a change, a node or a person, of which there are ever more. */
const bounded = new Set(
  "event outcome queue state repository rule standing kind effect lane why place method status limit version part verdict resource".split(
    " ",
  ),
);

describe("names", () => {
  it.each(Object.entries(counters))("counter %s ends in _total and has few labels", (name, [help, labels]) => {
    expect(name).toMatch(/^[a-z_]+_total$/u);
    expect(help).toMatch(/\.$/u);
    expect(labels.filter((one) => !bounded.has(one))).toEqual([]);
  });
  it.each(Object.entries(histograms))("histogram %s has its unit", (name, [, , buckets]) => {
    expect(name).toMatch(/_seconds$/u);
    expect([...buckets].sort((one, other) => one - other)).toEqual(buckets);
  });
  it.each(Object.entries(gauges))("gauge %s is no counter's name, and has few labels", (name, [, labels]) => {
    expect(name).not.toMatch(/_(?:total|count|sum|bucket|minutes|ms)$/u);
    expect(labels.filter((one) => !bounded.has(one))).toEqual([]);
  });
});

describe("what is told", () => {
  const cases: [told: Told, name: string, labels: Record<string, string>, value: number][] = [
    [{ kind: "delivery", event: "push", outcome: "news" }, "deliveries_total", { event: "push", outcome: "news" }, 1],
    [{ kind: "answered", event: "push", outcome: "refused", seconds: 0.1 }, "deliveries_total", { event: "push", outcome: "refused" }, 1],
    [{ kind: "answered", event: "push", outcome: "taken", seconds: 0.1 }, "delivery_duration_seconds_count", { outcome: "taken" }, 1],
    [{ kind: "late", seconds: 40 }, "delivery_lag_seconds_sum", {}, 40],
    [{ kind: "redelivery" }, "redeliveries_total", {}, 1],
    [{ kind: "job", queue: "roll", outcome: "done", seconds: 4, waited: 2 }, "job_wait_seconds_sum", { queue: "roll" }, 2],
    [{ kind: "job", queue: "roll", outcome: "fault", seconds: 4, waited: 2 }, "jobs_total", { queue: "roll", outcome: "fault" }, 1],
    [{ kind: "checked", repository: "a/b", outcome: "failed", seconds: 70 }, "check_duration_seconds_sum", { outcome: "failed" }, 70],
    [{ kind: "checked", repository: "a/b", outcome: "done", seconds: 7 }, "checks_total", { repository: "a/b", outcome: "done" }, 1],
    [{ kind: "decided", repository: "a/b", standing: "pass" }, "decisions_total", { standing: "pass" }, 1],
    [{ kind: "stands", repository: "a/b", standing: "pass" }, "verdicts_total", { standing: "pass" }, 1],
    [{ kind: "waited", repository: "a/b", standing: "waiting", seconds: 90 }, "waited_seconds_total", { standing: "waiting" }, 90],
    [{ kind: "effect", effect: "labels", outcome: "failed" }, "effects_total", { effect: "labels", outcome: "failed" }, 1],
    [{ kind: "entry", repository: "a/b", entry: "landed" }, "landings_total", { repository: "a/b", outcome: "landed" }, 1],
    [{ kind: "entry", repository: "a/b", entry: "direct-push" }, "landings_total", { outcome: "pushed" }, 1],
    [{ kind: "entry", repository: "a/b", entry: "wish" }, "entries_total", { kind: "wish" }, 1],
    [
      { kind: "rollout", repository: "a/b", lane: "canary", event: "halted", why: "verdict" },
      "rollout_halts_total",
      { repository: "a/b", lane: "canary", why: "verdict" },
      1,
    ],
    [{ kind: "rollout", repository: "a/b", lane: null, event: "done", why: null }, "rollout_events_total", { lane: "", event: "done" }, 1],
    [{ kind: "heard", place: "comment", news: 3, lost: 1 }, "news_total", { place: "comment", outcome: "lost" }, 1],
    [{ kind: "github", method: "GET", status: 0, limited: null, seconds: 1 }, "github_requests_total", { method: "GET", status: "0" }, 1],
    [{ kind: "github", method: "GET", status: 403, limited: "secondary", seconds: 1 }, "github_limited_total", { limit: "secondary" }, 1],
  ];
  it.each(cases)("%j", async (told, name, labels, value) => {
    expect(valueOf(await shown([told]), `puppet_gate_${name}`, labels)).toBe(value);
  });

  it("the account that is nearest to its limit is the one that is shown, until its window ends", async () => {
    const limit = { kind: "github-limit", resource: "core", limit: 5000 } as const;
    const soon = now / 1000 + 60;
    const samples = await shown([
      { ...limit, remaining: 10, reset: now / 1000 - 1 },
      { ...limit, remaining: 4000, reset: soon },
      { ...limit, remaining: 300, reset: soon + 7 },
      { ...limit, remaining: 299, reset: soon + 7 },
    ]);
    expect(valueOf(samples, "puppet_gate_github_limit_remaining", { resource: "core" })).toBe(299);
  });
});

describe("readings", () => {
  it("are missing where they can't be had, and not 0", async () => {
    const samples = await shown([], () => Promise.reject(new Error("the database is away")));
    expect(valueOf(samples, "puppet_gate_readings_up")).toBe(0);
    expect(valueOf(samples, "puppet_gate_sandboxes")).toBe(2);
    expect(valueOf(samples, "puppet_gate_effects_outstanding")).toBeUndefined();
    expect(valueOf(samples, "puppet_gate_ledger_entries")).toBeUndefined();
    expect(valueOf(samples, "process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  it("that are gone are told no more, and hostile names break no line", async () => {
    const values: Reading[][] = [[["changes_open", ['acme/evil"\n\\}', "pass"], 1]], [["changes_open", ["acme/control", "waiting"], 3]]];
    let at = now;
    const metrics = createMetrics({ read: async () => values.shift() ?? [], own: () => [], now: () => at });
    const first = parseExposition((await metrics.expose()).text);
    expect(valueOf(first, "puppet_gate_changes_open", { repository: 'acme/evil\\"\\n\\\\}' })).toBe(1);
    at += 10_000;
    const open = parseExposition((await metrics.expose()).text).filter(({ name }) => name === "puppet_gate_changes_open");
    expect(open).toEqual([{ name: "puppet_gate_changes_open", labels: { repository: "acme/control", standing: "waiting" }, value: 3 }]);
  });

  it("that come too late are missing, and are asked for once", async () => {
    let [count, at] = [0, now];
    const never = (): Promise<never> => {
      count += 1;
      return new Promise(() => undefined);
    };
    const metrics = createMetrics({ read: never, own: () => [], now: () => at, patience: 10 });
    for (; at < now + 60_000; at += 20_000)
      expect(valueOf(parseExposition((await metrics.expose()).text), "puppet_gate_readings_up")).toBe(0);
    expect(count).toBe(1);
  });

  it("have counters of their repositories begin at 0, so that the first count is seen to grow", async () => {
    const samples = await shown([], async () => [["changes_open", ["acme/control", "pass"], 1]]);
    expect(valueOf(samples, "puppet_gate_landings_total", { repository: "acme/control", outcome: "pushed" })).toBe(0);
    expect(valueOf(samples, "puppet_gate_jobs_total", { queue: "roll", outcome: "fault" })).toBe(0);
  });

  it("are read once for all who ask within seconds", async () => {
    let count = 0;
    const read = async (): Promise<Reading[]> => {
      count += 1;
      return [];
    };
    const metrics = createMetrics({ read, own: () => [], now: () => now });
    await Promise.all([metrics.expose(), metrics.expose(), metrics.expose()]);
    expect(count).toBe(1);
  });
});
