import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { counters, gauges, histograms } from "../../src/metrics/names.ts";

/** The alerts that are shipped rest on numbers that there are, and each is in the page for whoever is on call. That they fire, promtool tries (tests/services/alerts.test.ts). */
const docs = join(import.meta.dirname, "..", "..", "docs");
const rule = z.object({
  alert: z.string(),
  expr: z.string(),
  labels: z.object({ severity: z.enum(["page", "ticket"]) }),
  annotations: z.object({ summary: z.string() }),
});
const { groups } = z
  .object({ groups: z.array(z.object({ rules: z.array(rule) })) })
  .parse(parse(readFileSync(join(docs, "prometheus", "alerts.yml"), "utf8")));
const rules = groups.flatMap((group) => group.rules);
const page = readFileSync(join(docs, "operations.md"), "utf8");
const known = new Map<string, readonly string[]>([
  ...Object.entries({ ...counters, ...gauges }).map(([name, [, labels]]): [string, readonly string[]] => [name, labels]),
  ...Object.entries(histograms).map(([name, [, labels]]): [string, readonly string[]] => [`${name}_bucket`, [...labels, "le"]]),
]);

describe("alerts", () => {
  it.each(rules)("$alert is of numbers that there are, by labels that they have", ({ expr, annotations }) => {
    const used = [...expr.matchAll(/puppet_gate_(\w+)(?:\{([^}]*)\})?/gu)];
    for (const [, name = "", matchers = ""] of used) {
      expect(known.has(name)).toBe(true);
      for (const [, label = ""] of matchers.matchAll(/(\w+)\s*[=!]/gu)) expect(known.get(name)).toContain(label);
    }
    for (const [, label = ""] of annotations.summary.matchAll(/\$labels\.(\w+)/gu))
      expect(label === "instance" || used.some(([, name = ""]) => known.get(name)?.includes(label) === true)).toBe(true);
  });

  it.each(rules)("$alert is told what to do about", ({ alert }) => {
    expect(page).toMatch(new RegExp(`^\\| \`${alert}\` +\\| .+ \\| .+ \\|$`, "mu"));
  });

  it("are all that the page tells of", () => {
    const told = [...page.matchAll(/^\| `(PuppetGate\w+)`/gmu)].map(([, name]) => name);
    expect(told).toEqual(rules.map(({ alert }) => alert));
  });
});

describe("the page's numbers", () => {
  it("are those that there are", () => {
    const told = [...page.matchAll(/^\| `([a-z_]+)` +\| .* \| .+ \|$/gmu)].map(([, name]) => name);
    expect(told).toEqual([...Object.keys(counters), ...Object.keys(histograms), ...Object.keys(gauges)]);
  });
});
