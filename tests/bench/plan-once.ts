import { readFile } from "node:fs/promises";
import { compare } from "../../src/plan/compare.ts";
import { listingOf, type ListingInput } from "../../src/plan/listing.ts";
import { planOf } from "../../src/plan/plan.ts";
import { readTraces } from "../../src/plan/unpack.ts";

// One plan in a process of its own, so that its memory is its own: `node tests/bench/plan-once.ts TRACES` prints what it took as JSON.
const [path = ""] = process.argv.slice(2);

const layout: ListingInput["layout"] = { name: "production", modulepath: [{ in: "tree", path: "site" }], manifest: "manifests" };
const plain = Array.from({ length: 20_000 }, (_, at) => ({
  path: `site/class_${at % 60}/manifests/item_${at}.pp`,
  mode: "100644",
  oid: `${at}`,
}));
const data = "key_all::item_0: 1\nkey_7::item_1: 1\nnobody: 1\n";
const contents = new Map([
  ["data", data],
  ["edited", data.replace("key_7::item_1: 1", "key_7::item_1: 2")],
]);
const before = [...plain, { path: "data/common.yaml", mode: "100644", oid: "data" }];
const after = before.map((entry, at) =>
  entry.oid === "data" ? { ...entry, oid: "edited" } : at % 1_000 === 60 ? { ...entry, oid: `edited ${at}` } : entry,
);

const start = performance.now();
const cpu = process.cpuUsage();
const packed = readTraces(await readFile(path));
const changed = await compare({
  before: listingOf({ layout, entries: before, provided: [] }),
  after: listingOf({ layout, entries: after, provided: [] }),
  read: async (oid) => contents.get(oid) ?? "class x {}\n",
});
const plan = planOf(packed, changed);
const milliseconds = performance.now() - start;
const used = process.cpuUsage(cpu);
const cpuMilliseconds = (used.user + used.system) / 1_000;
const mib = Math.round(process.resourceUsage().maxRSS / 1024);

let inputs = 0;
for (const certname of packed.certnames) {
  const trace = packed.trace(certname);
  for (const part of [trace?.manifests, trace?.functions, trace?.types, trace?.files, trace?.absent, trace?.keys])
    inputs += part?.length ?? 0;
  for (const { keys } of trace?.data ?? []) inputs += keys?.length ?? 0;
}
process.stdout.write(JSON.stringify({ milliseconds, cpuMilliseconds, mib, inputs, reached: plan.size }));
