import { describe, expect, it } from "vitest";
import { NodeQueue } from "../../src/engine/node-queue.ts";
import { node } from "./night/world.ts";

const take = async (queue: NodeQueue): Promise<string[]> => {
  const names: string[] = [];
  for await (const { certname } of queue) names.push(certname);
  return names;
};

describe("nodes that wait", () => {
  it("go to those who take them, each once, until nothing more comes", async () => {
    const queue = new NodeQueue([node("a")]);
    const both = Promise.all([take(queue), take(queue)]);
    queue.push(node("b"));
    await new Promise((resolve) => setImmediate(resolve));
    queue.push(node("c"));
    queue.end();
    expect((await both).flat().sort()).toEqual(["a", "b", "c"]);
    expect(queue.size).toBe(0);
  });

  it("are still taken after the end, and none comes then", async () => {
    const queue = new NodeQueue([node("a")]);
    queue.end();
    expect(() => queue.push(node("b"))).toThrow(/has ended/u);
    expect(await take(queue)).toEqual(["a"]);
  });

  it("are some, or none, which may take a while to tell", async () => {
    expect(await new NodeQueue([node("a")]).some()).toBe(true);
    const [full, empty] = [new NodeQueue(), new NodeQueue()];
    const told = [full.some(), empty.some()];
    full.push(node("a"));
    empty.end();
    expect(await Promise.all(told)).toEqual([true, false]);
    expect(await empty.some()).toBe(false);
  });
});
