import { describe, expect, it } from "vitest";
import { askPolicy } from "../../src/engine/head-policy.ts";
import type { Evaluator } from "../../src/engine/ports/evaluator.ts";
import { movesOf } from "../../src/engine/preconditions/moves.ts";
import { placedBy } from "../../src/engine/rollout/member-of.ts";
import { configFindings } from "../../src/engine/subject.ts";
import { policyChange } from "../../src/engine/layers.ts";
import { defaultPolicy } from "../../src/policy/schema.ts";
import { startEvaluator } from "../../src/wiring/expectations.ts";
import { apartHere } from "./stand-ins/apart.ts";
import { MemoryRepository } from "./stand-ins/repository.ts";

/** A policy that a change brings, and what it is read with. Nothing of it is read, or evaluated, where the gate itself does its work. */
const path = ".github/puppet-gate.yml";
const base = "version: 1\n";
const trusted = { authenticated: "remote", certname: "a", hostname: "a", domain: null, extensions: {}, external: {} } as const;
const nodes = [{ certname: "a", origin: "given", values: {}, trusted }] as const;

async function told(text: string, start: typeof startEvaluator | null) {
  const repository = new MemoryRepository({ commits: { main: { [path]: base }, change: { [path]: text } } });
  const tree = repository.tree("change");
  const changed = await repository.changes(repository.tree("main"), tree);
  const apart = { start, signal: undefined };
  const own = { path, text: base };
  return {
    problems: await configFindings(repository, tree, changed, { enc: null, standIns: null }, apart),
    moves: await movesOf({ repository, tree, policy: defaultPolicy, changed, organisation: null, tips: null, buckets: null, apart }, nodes),
    change: await policyChange(repository, tree, { policy: defaultPolicy, organisation: null, own, apart }),
  };
}

/** One that comes to this, whatever it is asked. */
const ending =
  (answer: Awaited<ReturnType<Evaluator["ask"]>>): typeof startEvaluator =>
  () => ({ ask: async () => answer, at: () => -1, alive: false, end: async () => undefined });

describe("a policy that a change brings", () => {
  const lanes = "version: 1\nlanes: [{name: few, members: {match: 'certname == \"a\"'}}, {name: rest}]\n";

  it("is read on a thread", async () => {
    const after = { organisation: null, own: { path, text: lanes } };
    const seats = await askPolicy(
      { start: startEvaluator, signal: undefined },
      { kind: "policy", ask: "seats", after, nodes: nodes.map(placedBy), buckets: new Map() },
    );
    expect(seats.known && seats.value?.places).toEqual(new Map([["a", { lane: "few", environment: "production_few" }]]));
  });

  it("is told with what becomes of it", async () => {
    const { problems, moves, change } = await told(lanes, apartHere.start);
    expect(problems).toMatchObject([{ severity: "notice", code: "policy-of-base" }]);
    expect(moves).toMatchObject([
      { code: "lane-moves" },
      { code: "lane-fault", message: expect.stringContaining("the lane rest has no node") as string },
    ]);
    expect(change).toBe("loosens");
    const bad = await told("version: 1\nlans: []\n", apartHere.start);
    expect(bad.problems).toMatchObject([{ severity: "error", code: "bad-policy", line: 2, onChangedLine: true }]);
    expect(bad).toMatchObject({ moves: [], change: "loosens" });
  });

  it.each([
    [ending({ kind: "timeout" }), "it takes longer than 20 seconds: write it simpler"],
    [ending({ kind: "memory" }), "it takes more than 512 MiB of memory: write it simpler"],
    [null, "this process has nothing to read it with: run the check as `puppet-gate` does"],
  ])("blocks where it goes over a limit, and counts as one that loosens: %#", async (start, why) => {
    const { problems, moves, change } = await told("version: 1\nlanes: [{name: a}]\n", start);
    expect(problems).toMatchObject([
      { check: "config", severity: "error", code: "bad-policy", message: `the policy can't be read: ${why}` },
    ]);
    expect(moves).toMatchObject([{ check: "config", severity: "error", code: "bad-policy", line: 2 }]);
    expect(moves[0]?.message).toBe(`which node is in which lane by this policy can't be told: ${why}`);
    expect(change).toBe("loosens");
  });

  it("ends with the check that reads it, and tells what ended its thread", async () => {
    const question = { kind: "policy", ask: "problems", text: base, path } as const;
    const stopped = AbortSignal.abort(new Error("the check was stopped"));
    await expect(askPolicy({ start: ending({ kind: "aborted" }), signal: stopped }, question)).rejects.toThrow("the check was stopped");
    const crash = ending({ kind: "crash", error: new Error("it fell over") });
    await expect(askPolicy({ start: crash, signal: undefined }, question)).rejects.toThrow("it fell over");
  });
});
