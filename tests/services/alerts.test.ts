import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createMetrics } from "../../src/metrics/metrics.ts";
import { gauges } from "../../src/metrics/names.ts";

/** Prometheus' own program on the alerts that are shipped, and on what is exposed. */
const run = promisify(execFile);
const folder = join(import.meta.dirname, "..", "..", "docs", "prometheus");

it("the alerts are rules, and fire when they are to", async () => {
  expect((await run("promtool", ["check", "rules", join(folder, "alerts.yml")])).stdout).toContain("SUCCESS");
  expect((await run("promtool", ["test", "rules", join(folder, "alerts.test.yml")])).stdout).toContain("SUCCESS");
});

it("what is exposed is read, and its names are as Prometheus has them", async () => {
  const own = Object.entries(gauges).map(([name, [, labels]]) => [name as keyof typeof gauges, labels.map(() => 'a "b" \\ c'), 1] as const);
  const metrics = createMetrics({ read: async () => [], own: () => own, now: () => 0 });
  metrics.tell({ kind: "waited", repository: "acme/control", standing: "waiting", seconds: 7 });
  metrics.tell({ kind: "job", queue: "check", outcome: "done", seconds: 7, waited: 1 });
  const child = spawn("promtool", ["check", "metrics"], { stdio: ["pipe", "ignore", "pipe"] });
  const ended = once(child, "exit");
  child.stdin.end((await metrics.expose()).text);
  const complaints = (await text(child.stderr)).split("\n").filter((line) => line.includes("puppet_gate"));
  await ended;
  expect(complaints).toEqual([]);
});
