import { describe, expect, it } from "vitest";
import { pushesOf, type PushPorts } from "../../src/engine/pushes.ts";
import { ofThisHead } from "../../src/gate/commands/standing.ts";
import type { Push } from "../../src/gate/event.ts";
import { known, type Snapshot } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";

/** Since when a head is there that no delivery told of: a fork's, of which GitHub keeps no record that could be read. */
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
const at = (second: number): string => `2026-03-01T12:30:0${second}.000Z`;
const command = w.comment(w.alice, "/merge", { createdAt: at(5) });

function ports(told: string | null): { given: PushPorts; kept: Push[] } {
  const kept: Push[] = [];
  const records = {
    pushedAt: async (_repository: number, sha: string) => (sha === w.head ? told : null),
    pushersOf: async () => [],
    addPush: async (_repository: number, push: Push) => void kept.push(push),
  };
  const forge = { pushesTo: async () => known([]) };
  return { given: { store: { records }, forge } as unknown as PushPorts, kept };
}

describe("a command that a head nobody told of is first read for", () => {
  it.each<[string, string | null, Partial<Snapshot>, string, boolean]>([
    ["counts where the last push into the fork came before it", null, { headPushedAt: at(2) }, at(2), true],
    ["is refused where one came in its own second", null, { headPushedAt: at(5) }, at(5), false],
    ["is refused where the fork is gone", null, {}, at(5), false],
    ["is not helped by a push after the change was touched last", null, { headPushedAt: at(9) }, at(5), false],
    ["is judged by what a delivery told, where one did", at(7), { headPushedAt: at(2) }, at(7), false],
  ])("%s", async (_name, told, snapshot, since, counts) => {
    const { given, kept } = ports(told);
    const facts = w.facts({ fork: true, updatedAt: at(5), ...snapshot });
    const { headSince } = await pushesOf(given, origin, facts);
    expect(headSince).toBe(since);
    expect(kept).toEqual(told === null ? [{ sha: w.head, by: null, at: since }] : []);
    expect(ofThisHead(command, { ...facts, headSince }) === null).toBe(counts);
  });
});
