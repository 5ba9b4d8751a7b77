import { expect, test } from "vitest";

import { inventoryOf, sampleNodes } from "../../src/demo/control-repo/fleet.ts";
import { ownTree, vendoredModules } from "../../src/demo/control-repo/sources.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { Trace } from "../../src/plan/trace.ts";
import { copyOf, limits, makeFolder, puppet } from "../puppet/fixtures.ts";

/** One node of each service, as the sample's inventory has it. */
function oneOfEach(): NodeFacts[] {
  const roles = new Map(sampleNodes().map((sample) => [sample.role, sample]));
  return [...roles.values()].map((sample) => {
    const { certname, facts } = inventoryOf(sample);
    const extensions = { pp_role: sample.role, pp_datacenter: sample.datacentre };
    const trusted = {
      authenticated: "remote" as const,
      certname,
      hostname: certname.split(".")[0] ?? "",
      domain: null,
      extensions,
      external: {},
    };
    return { certname, origin: "given" as const, values: facts, trusted };
  });
}

/** Traces of nodes that one process compiles in this order. */
async function traced(nodes: readonly NodeFacts[]): Promise<Map<string, Trace>> {
  const files = Object.fromEntries([...vendoredModules(), ...ownTree()].map(([path, { content }]) => [path, String(content)]));
  const { folder, remove } = await makeFolder(files);
  const traces = new Map<string, Trace>();
  const modulepath = ["site-modules", "modules"].map((path) => ({ in: "tree" as const, path }));
  const tree = await puppet.open({ write: copyOf(folder), layout: { name: "production", modulepath, manifest: "manifests" }, limits });
  try {
    await tree.compile(
      nodes,
      (outcome) => {
        if (!outcome.ok) throw new Error(`${outcome.certname}: ${outcome.error.message}`);
        if (outcome.reads?.trace) traces.set(outcome.certname, outcome.reads.trace);
      },
      { workers: 1, trace: true },
    );
  } finally {
    await tree.close();
    await remove();
  }
  return traces;
}

test("a node of the sample reads the same whether its process is fresh or warm", async () => {
  const nodes = oneOfEach();
  const [forth, back, ...alone] = await Promise.all([
    traced(nodes),
    traced(nodes.toReversed()),
    ...nodes.slice(3, 5).map((one) => traced([one])),
  ]);
  expect(forth.size).toBe(nodes.length);
  expect(back).toEqual(forth);
  for (const traces of alone) for (const [certname, trace] of traces) expect(trace).toEqual(forth.get(certname));
});
