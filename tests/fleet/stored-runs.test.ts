import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readReportText } from "../../src/fleet/report-text.ts";
import { createStoredReports } from "../../src/fleet/stored-reports.ts";
import { openSandbox } from "../../src/puppet/sandbox.ts";
import type { Run } from "../../src/rollout/runs.ts";
import { agentRuns, secret } from "./agent-runs.ts";

/** The agent is a real one; only the connection between it and the server's compiler and reports is left out. */
describe("what Puppet stores of an agent's run", () => {
  const names = Object.keys(agentRuns);
  const at = (index: number): number => Date.UTC(2026, 0, 1, 0, index);
  let folder = "";
  let runs: readonly Run[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "puppet-gate-reports-"));
    const sandbox = await openSandbox([]);
    const program = readFileSync(join(import.meta.dirname, "programs", "runs.rb"), "utf8");
    const input = JSON.stringify(agentRuns);
    const command = ["ruby", "/srv/runs.rb"];
    const done = await sandbox.run({ command, files: { "/srv/runs.rb": program }, input, seconds: 100, outputBytes: 8 * 2 ** 20 });
    if (!done.ok) throw new Error(JSON.stringify(done));
    const kept = JSON.parse(
      done.stdout
        .toString()
        .split("\n")
        .findLast((line) => line.startsWith("{")) ?? "",
    ) as Record<string, string>;
    mkdirSync(join(folder, "web01.example.com"));
    for (const [index, name] of names.entries())
      writeFileSync(join(folder, "web01.example.com", `2026010100${String(index).padStart(2, "0")}.yaml`), kept[name] ?? "");
    const told = await createStoredReports(folder).since("production", at(-1));
    if (!told.known) throw new Error(told.reason);
    ({ runs } = told.value);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(names.map((name, index) => ({ name, index })))("is understood: $name", ({ name, index }) => {
    const run = runs.find(({ producedAt }) => producedAt === at(index));
    expect(run).toMatchObject(agentRuns[name]?.expected ?? {});
    expect(run?.took).toBeGreaterThan(0);
    expect(run?.took).toBeLessThan(60_000);
  });

  it("tells where resources are declared that failed or changed", () => {
    const failing = runs.find(({ producedAt }) => producedAt === at(names.indexOf("resources that fail, and one that waits for them")));
    expect(failing?.places).toEqual([
      { resource: "Exec[fails]", path: "manifests/site.pp", line: 1 },
      { resource: "File[/tmp/home/none/e]", path: "manifests/site.pp", line: 2 },
    ]);
  });

  it("is kept without messages and values", () => {
    expect(JSON.stringify(runs)).not.toContain(secret);
  });
});

const text = fc.oneof(
  fc.string({ maxLength: 200, unit: "grapheme" }),
  fc.string({ maxLength: 30, unit: "binary" }),
  fc
    .array(
      fc.constantFrom(
        "failed: true",
        "    failed: true",
        "- audited: false",
        "? x",
        ": y",
        "...",
        "---",
        "",
        "  ",
        "status: success",
        "é",
        "'",
        '"',
        "\t",
        "#",
      ),
      { maxLength: 40 },
    )
    .map((lines) => lines.join("\n")),
  fc.constantFrom("", "true", "null", "~", "1e3", "0x1f", "12:30", "2026-01-01", ":sym", "=", "<<", "y", "no", "1_000", "a".repeat(300)),
);
const value = fc.oneof(text, fc.constant(null), fc.array(text, { maxLength: 3 }), fc.dictionary(text, text, { maxKeys: 3 }), fc.integer());
const time = "2026-01-01T00:00:00.000000000+00:00";
const events = fc.array(
  fc.record({
    audited: fc.boolean(),
    property: fc.oneof(text, fc.constant(null)),
    previous_value: value,
    desired_value: value,
    historical_value: value,
    message: text,
    name: text,
    status: fc.constantFrom("noop", "success", "failure", "audit"),
  }),
  { maxLength: 3 },
);
const statuses = fc.uniqueArray(
  fc.record({
    resource: text,
    title: text,
    failed: fc.boolean(),
    failed_to_restart: fc.boolean(),
    tags: fc.array(text, { maxLength: 3 }),
    containment_path: fc.array(text, { maxLength: 3 }),
    events,
  }),
  { maxLength: 4, selector: ({ resource }) => resource },
);
const reports = fc.record({ version: text, messages: fc.array(text, { maxLength: 3 }), statuses });

describe("a report of any texts", () => {
  it("is read as what Puppet wrote it from", async () => {
    const given = fc.sample(reports, { numRuns: 400, seed: 7 });
    const data = given.map(({ version, messages, statuses }) => ({
      host: "web01",
      time,
      configuration_version: version,
      report_format: 12,
      status: "changed",
      noop: false,
      noop_pending: false,
      environment: "production",
      logs: messages.map((message) => ({ level: "notice", message, source: message, tags: [], time, file: null, line: null })),
      metrics: { time: { name: "time", label: "Time", values: [["total", "Total", 1.5e-5]] } },
      resource_statuses: Object.fromEntries(
        statuses.map((status) => [status.resource, { ...status, time, events: status.events.map((event) => ({ ...event, time })) }]),
      ),
      cached_catalog_status: "not_used",
    }));
    const program =
      "require 'puppet'; puts JSON.generate(JSON.parse($stdin.read).map { |data| Puppet::Transaction::Report.from_data_hash(data).to_yaml })";
    const sandbox = await openSandbox([]);
    const done = await sandbox.run({
      command: ["ruby", "-e", program],
      input: JSON.stringify(data),
      seconds: 100,
      outputBytes: 64 * 2 ** 20,
    });
    if (!done.ok) throw new Error(JSON.stringify(done));
    const written = JSON.parse(done.stdout.toString()) as string[];
    for (const [index, { version, statuses }] of given.entries()) {
      const failed = statuses.filter(
        (status) => status.failed || status.failed_to_restart || status.events.some((event) => event.status === "failure"),
      );
      const changed = statuses.flatMap(({ resource, events }) =>
        events.filter((event) => event.status === "success").map(({ property, name }) => ({ resource, property: property ?? name })),
      );
      const unique = [...new Map(changed.map((each) => [JSON.stringify(each), each])).values()];
      const read = readReportText(written[index] ?? "");
      expect(read).toMatchObject({
        ok: true,
        report: { total: 1.5e-5, failed: failed.map(({ resource }) => resource), changed: unique },
      });
      expect(read.ok && read.report.fields.get("configuration_version")).toBe(version);
    }
  });
});
