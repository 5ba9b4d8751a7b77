import { Deferred, Secret, type Catalog, type Resource, type Value } from "../catalog.ts";
import { withConcerns } from "../concerns.ts";
import { diffCatalogs } from "../diff.ts";
import { known } from "../../policy/known.ts";
import { forecastRestarts } from "../restarts.ts";
import { holds, judgeChange, judgeFleet, Side, type Judged } from "./evaluate.ts";
import type { ExpectNode, FleetNode } from "./node-view.ts";
import type { Example, ExampleCatalog, ExampleResult, Expectation } from "./schema.ts";
import { typeName } from "./view.ts";
import { toWire, toWireChange } from "./wire.ts";

/** An example that does not come out as its file says it does, or an expectation that its examples prove nothing of. */
export interface ExampleFault {
  example: string;
  expected: ExampleResult;
  got: ExampleResult;
  /** Why, where it is unknown. */
  reason: string | null;
}

/** What came out otherwise than it should. Evaluates what the file says: whoever does not trust that does it apart, with limits. */
export function faultsOfExamples(expectation: Expectation): ExampleFault[] {
  return expectation.examples.flatMap((example) => {
    const judged = judgeExample(expectation, example);
    const got = results[judged.is];
    return got === example.result
      ? []
      : [{ example: example.name, expected: example.result, got, reason: judged.is === "unknown" ? judged.reason : null }];
  });
}

const results: Readonly<Record<Judged["is"], ExampleResult>> = { holds: "pass", fails: "fail", unknown: "unknown" };

export function judgeExample({ scope, expect, each }: Pick<Expectation, "scope" | "expect" | "each">, example: Example): Judged {
  const { certname, services, datacentre } = example.node;
  const node = nodeOf(certname, services, datacentre);
  if (scope === "catalog") return new Side(node, toWire(catalogOf(certname, example.catalog ?? {}))).judge(expect);
  if (scope === "change") {
    const [before, after] = [catalogOf(certname, example.before ?? {}), catalogOf(certname, example.after ?? {})];
    const effects = effectsOf(before, after);
    // As in a check: what changes nothing breaks nothing.
    if (!effects.changed) return holds;
    return judgeChange(expect, { node, before: toWire(before), after: toWire(after), ...effects });
  }
  const nodes = Object.entries(example.nodes ?? {}).map(([name, said]): FleetNode => {
    const one = nodeOf(name, said.services, said.datacentre);
    const [before, after] = [said.before, said.after].map((side) => catalogOf(name, side ?? said.catalog ?? {})) as [Catalog, Catalog];
    const take = (catalog: Catalog): FleetNode["before"] => (each === null ? known(null) : new Side(one, toWire(catalog)).take(each));
    const { changed, restarts } = effectsOf(before, after);
    return { node: one, before: take(before), after: take(after), changed, restarts };
  });
  return judgeFleet(expect, nodes, "after");
}

function effectsOf(before: Catalog, after: Catalog): { changed: boolean; changes: ReturnType<typeof toWireChange>[]; restarts: string[] } {
  const changes = withConcerns(diffCatalogs(before, after), before, after);
  const restarts = forecastRestarts(after, changes).map(({ type, title }) => `${type}[${title}]`);
  return { changed: changes.length > 0, changes: changes.map(toWireChange), restarts };
}

const nodeOf = (certname: string, services: readonly string[], datacentre: string | null): ExpectNode => ({
  certname,
  about: {
    certname,
    trusted: {
      authenticated: "remote",
      certname,
      hostname: certname.split(".")[0] ?? certname,
      domain: null,
      extensions: {},
      external: {},
    },
    enc: null,
    classes: [],
    assumed: false,
  },
  services: known(services),
  datacentre: known(datacentre),
});

function catalogOf(certname: string, written: ExampleCatalog): Catalog {
  const resources = Object.entries(written).map(([reference, attributes]): Resource => {
    const exported = reference.startsWith("@@");
    const at = reference.indexOf("[");
    const type = typeName(reference.slice(exported ? 2 : 0, at));
    const title = reference.slice(at + 1, -1);
    const kind = type === "Class" ? "class" : type.includes("::") ? "define" : "native";
    const parameters = new Map(Object.entries(attributes ?? {}).map(([name, value]) => [name, valueOf(value)]));
    return { type, title, key: title, parameters, exported, source: null, kind };
  });
  const classes = resources.flatMap(({ kind, title }) => (kind === "class" ? [title.toLowerCase()] : []));
  return { certname, resources, contains: [], classes };
}

function valueOf(value: unknown): Value {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(valueOf);
  const hash = value as Record<string, unknown>;
  const [name, ...others] = Object.keys(hash);
  if (others.length === 0 && name === "$secret") return new Secret(String(hash[name]));
  if (others.length === 0 && name === "$deferred") return new Deferred(String(hash[name]), []);
  return Object.fromEntries(Object.entries(hash).map(([key, each]) => [key, valueOf(each)]));
}
