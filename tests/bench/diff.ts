import type { Catalog, Resource, Value } from "../../src/catalog/catalog.ts";
import { findCycles } from "../../src/catalog/cycles.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { forecastRestarts } from "../../src/catalog/restarts.ts";
import { ofRuns, type Row, type Section } from "./table.ts";

const runs = 5;

/** Comparing large catalogs: 20,000 resources with 20,000, and arrays of 17,000 items with one changed. */
export function sectionOfDiff(): Section {
  const items = Array.from({ length: 17_000 }, (_, at) => `item ${at}`);
  const list = (value: string[]): Catalog => catalogOf([file("/list", { content: value })]);
  return {
    rows: [
      row("a catalog of 20,000 resources compared with another", "2 s", () => [
        catalogOf(many("0644")),
        catalogOf(many("0600").toReversed()),
      ]),
      row("arrays of 17,000 items compared, one item changed", "1 s, 200 MiB", () => [list(items), list(items.with(9_000, "another"))]),
    ],
    about:
      "Comparing is differences, restarts and cycles of one node, without the compile; each of the 20,000 files changes and requires the one before it. The memory is how much the heap grew, at most.",
  };
}

function row(what: string, promised: string, make: () => [Catalog, Catalog]): Row {
  const times: number[] = [];
  let mib = 0;
  for (let run = 0; run < runs; run += 1) {
    const [before, after] = make();
    const inUse = process.memoryUsage().heapUsed;
    const start = performance.now();
    const changes = diffCatalogs(before, after);
    forecastRestarts(after, changes);
    findCycles(before, after);
    times.push(performance.now() - start);
    mib = Math.max(mib, (process.memoryUsage().heapUsed - inUse) / 2 ** 20);
    if (changes.length === 0) throw new Error(`${what}: nothing differs, so nothing was measured`);
  }
  return { what, measured: `${ofRuns(times)}, ${Math.round(mib)} MiB`, promised, instead: "" };
}

/** A chain of files, each of which requires the one before and notifies a service. */
const many = (mode: string): Resource[] => [
  { ...file("x", { ensure: "running" }), type: "Service" },
  ...Array.from({ length: 20_000 }, (_, at) =>
    file(`/srv/${at}`, {
      ensure: "file",
      mode,
      content: `content of ${at}`,
      notify: "Service[x]",
      ...(at === 0 ? {} : { require: `File[/srv/${at - 1}]` }),
    }),
  ),
];

const file = (title: string, parameters: Record<string, Value>): Resource => ({
  type: "File",
  title,
  key: title,
  parameters: new Map(Object.entries(parameters)),
  exported: false,
  source: null,
  kind: "native",
});

const catalogOf = (resources: Resource[]): Catalog => ({ certname: "web1", resources, contains: [], classes: [] });
