import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Catalog, Resource, Value } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { loadExpectation } from "../../src/catalog/expect/load.ts";
import type { Expectation } from "../../src/catalog/expect/schema.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { ExpectCourse, type Effects } from "../../src/engine/expect/course.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import { known } from "../../src/policy/known.ts";
import { startEvaluator } from "../../src/wiring/expectations.ts";
import { seconds, type Section } from "./table.ts";

/** How long 30 expectations take on the catalogs of 1,000 nodes of 400 resources: all of them at once, and after a change that reaches ten. */
const size = { nodes: 1_000, resources: 400, expectations: 30, reached: 10 };

export async function sectionOfExpect(): Promise<Section> {
  const expectations = manyExpectations();
  const cache = memoryCache(2 ** 28);
  const catalogs = Array.from({ length: size.nodes }, (_, at) => catalogOf(at, "0644"));
  const cold = await timed(expectations, cache, (course) => {
    for (const catalog of catalogs) course.pair(catalog.certname, sidesOf(catalog, catalog), nothing);
  });
  let looked = 0;
  const warm = await timed(expectations, cache, (course) => {
    for (const [at, before] of catalogs.entries()) {
      const { certname, classes } = before;
      if (at >= size.reached && !course.needs(certname, answerOf(before), classes)) course.same(certname, answerOf(before), classes);
      else {
        looked += 1;
        const after = at < size.reached ? catalogOf(at, "0666") : before;
        course.pair(certname, sidesOf(before, after), { changes: diffCatalogs(before, after), restarts: [] });
      }
    }
  });
  const what = `${size.expectations} expectations on ${size.nodes.toLocaleString("en")} catalogs of ${size.resources} resources`;
  return {
    rows: [
      { what: `${what}, nothing kept`, measured: seconds(cold), promised: "10 s", instead: "" },
      { what: `the same after a change of one file, ${looked} catalogs looked at`, measured: seconds(warm), promised: "1 s", instead: "" },
    ],
    about:
      "Expectations: the ten of policies/expectations three times over, on catalogs that are in memory, as a check has them when they were compiled or read; on a thread of its own, so that a check compiles meanwhile.",
  };
}

const nothing: Effects = { changes: [], restarts: [] };

async function timed(
  expectations: readonly Expectation[],
  cache: ReturnType<typeof memoryCache>,
  feed: (course: ExpectCourse) => void,
): Promise<number> {
  const course = new ExpectCourse({
    expectations: { base: expectations.map((expectation) => ({ expectation, origin: "base" })), head: [], findings: [], unread: [] },
    start: startEvaluator,
    nodeOf: (certname, classes) => ({
      certname,
      about: {
        certname,
        trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
        enc: null,
        classes,
        assumed: false,
      },
      services: known(["playlist"]),
      datacentre: known(["lon", "sto", "ash"][certname.length % 3] ?? "lon"),
    }),
    whole: true,
    now: () => performance.now(),
    signal: undefined,
  });
  const started = performance.now();
  await course.open(cache, "bench");
  feed(course);
  const { told } = await course.finish(() => nothing);
  await course.end();
  const took = performance.now() - started;
  if (told.length !== expectations.length) throw new Error("not all expectations came to something");
  return took;
}

function manyExpectations(): Expectation[] {
  const folder = join(import.meta.dirname, "..", "..", "policies", "expectations");
  const shipped = readdirSync(folder).map((name) => {
    const loaded = loadExpectation(readFileSync(join(folder, name), "utf8"), name);
    if (!loaded.ok) throw new Error(`${name} can't be read`);
    return loaded.expectation;
  });
  return Array.from({ length: size.expectations }, (_, at) => {
    const one = shipped[at % shipped.length];
    if (one === undefined) throw new Error("no expectation is shipped");
    // Three that differ are three to evaluate.
    const expect = at < shipped.length ? one.expect : `(${one.expect}) || ${at} == 0`;
    return { ...one, name: `${one.name}-${at}`, expect };
  });
}

const answerOf = ({ certname }: Catalog): string => `answer of ${certname}`;

function sidesOf(before: Catalog, after: Catalog): { base: CompileOutcome; merged: CompileOutcome; answer: string } {
  const outcome = (catalog: Catalog): CompileOutcome => ({ certname: catalog.certname, ok: true, catalog, taints: new Taints() });
  const base = outcome(before);
  return { base, merged: before === after ? base : outcome(after), answer: answerOf(before) };
}

const types = ["File", "File", "File", "File", "Package", "Service", "Exec", "User", "Firewall", "Profile::Unit"];

function catalogOf(node: number, mode: string): Catalog {
  const resources = Array.from({ length: size.resources }, (_, at): Resource => {
    const type = types[at % types.length] ?? "File";
    const title = type === "Service" && at === 5 ? "playlist" : `/etc/thing-${at}`;
    const parameters = new Map<string, Value>([
      ["ensure", type === "Service" ? "running" : type === "Package" ? "1.2.3" : "file"],
      ["owner", "root"],
      ["group", "root"],
      ["mode", at === 0 ? mode : "0644"],
      ["content", `line ${node} of ${at}\n`.repeat(10)],
      ["require", [`Package[/etc/thing-${(at + 4) % size.resources}]`]],
      ["tag", ["base", "profile"]],
    ]);
    return {
      type,
      title,
      key: title,
      parameters,
      exported: false,
      source: { path: "site/profile/manifests/init.pp", line: at + 1 },
      kind: "native",
    };
  });
  return { certname: `node${node}.example.com`, resources, contains: [], classes: ["apache", "role::database"] };
}
