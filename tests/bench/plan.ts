import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { packTraces } from "../../src/plan/pack.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { median, ofRuns, seconds, type Section } from "./table.ts";

const nodes = 10_000;
const runs = 5;
const roles = 60;
/** What a node of the measured fleets reads, of each kind. */
const sizes = { manifests: 1_000, functions: 300, types: 150, files: 600, keys: 400, dataFiles: 5, keysOfFile: 300, absent: 15 };
const root = "/etc/puppetlabs/code/environments/production";

/** From stored traces to whom a change reaches, in a process of its own: reading and planning, of a fleet of which no two nodes read the same. */
export async function sectionOfPlan(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-"));
  try {
    const bytes = packTraces(fleet());
    const path = join(folder, "traces");
    await writeFile(path, bytes);
    const measured: Measured[] = [];
    for (let run = 0; run < runs; run += 1) measured.push(await measure(path));
    const [first] = measured;
    if (first === undefined || measured.some(({ reached }) => reached === 0 || reached === nodes))
      throw new Error("the plan is all or nothing");
    const inputs = Math.round(first.inputs / nodes);
    return {
      rows: [
        {
          what: `a plan for ${nodes.toLocaleString("en")} nodes of ${inputs.toLocaleString("en")} inputs each, 20 files changed`,
          measured: `${ofRuns(measured.map(({ milliseconds }) => milliseconds))}, of which ${seconds(median(measured.map(({ cpuMilliseconds }) => cpuMilliseconds)))} of a processor, ${Math.max(...measured.map(({ mib }) => mib))} MiB, ${first.reached.toLocaleString("en")} reached`,
          promised: "2 s, 500 MB",
          instead: "",
        },
      ],
      about: `A plan is reading the stored traces (${Math.round(bytes.length / 2 ** 20)} MiB), comparing two listings of 20,000 files, and asking every node's inputs, of which ${sizes.dataFiles * sizes.keysOfFile} are pairs of a data file and a key. The memory is all of the process's, at its largest.`,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Measured {
  milliseconds: number;
  cpuMilliseconds: number;
  mib: number;
  reached: number;
  inputs: number;
}

async function measure(path: string): Promise<Measured> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.resolve("./plan-once.ts")), path]);
  return JSON.parse(stdout) as Measured;
}

/** Nodes of a role read the same but for a twentieth, which each has with some of another role. */
function* fleet(): Generator<[string, Trace]> {
  const random = randomFrom(1);
  for (let node = 0; node < nodes; node += 1) {
    const role = node % roles;
    const pick = (kind: string, count: number): string[] =>
      Array.from({ length: count }, (_, at) => {
        // A third is everybody's.
        const of = at % 3 === 0 ? "all" : random() < 0.05 ? Math.floor(random() * roles) : role;
        return `${kind}_${of}::item_${at}`;
      });
    const paths = (kind: string, count: number): string[] => pick(kind, count).map((name) => `${root}/site/${name.replaceAll("::", "/")}`);
    yield [
      `node${node}.example.com`,
      {
        manifests: pick("class", sizes.manifests),
        functions: pick("function", sizes.functions),
        types: pick("type", sizes.types),
        files: paths("template", sizes.files),
        folders: [],
        data: Array.from({ length: sizes.dataFiles }, (_, at) => ({
          path: `${root}/data/${at === 0 ? "common" : `level${at}/${role}`}.yaml`,
          keys: pick("key", sizes.keysOfFile),
        })),
        absent: Array.from({ length: sizes.absent }, (_, at) => `${root}/data/nodes/${node}/${at}.yaml`),
        keys: pick("key", sizes.keys),
        node: "default",
        outside: false,
        impure: [],
      },
    ];
  }
}

/** The same numbers in every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
