import { expect, it } from "vitest";
import { NodeQueue } from "../../src/engine/node-queue.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { createCompiler } from "../../src/puppet/compiler.ts";
import type { Environment } from "../../src/puppet/environment.ts";
import type { Sandbox } from "../../src/puppet/sandbox.ts";

const assumed = inventory.assume(["web01.example.com"]);

/** A machine on which no sandbox starts. */
const sandbox: Sandbox = {
  run: () => Promise.reject(new Error("no sandbox here")),
  worker: () => {
    throw new Error("no sandbox here");
  },
};

it("ends a lane that waits for more nodes, where another one could not start its worker", async () => {
  const { limits } = defaultPolicy.compile;
  const compiler = createCompiler({ sandbox, environment: {} as Environment, limits, seal: (text) => text });
  // More may come for as long as this compile goes on: a queue ends when the check that fills it has heard of a failure.
  const nodes = new NodeQueue(assumed.nodes);
  await expect(compiler.compile(nodes, () => {}, { workers: 2 })).rejects.toThrow("no sandbox here");
  await compiler.close();
});
