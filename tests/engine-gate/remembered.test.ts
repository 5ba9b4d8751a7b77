import { expect, it } from "vitest";
import type { GateMirror } from "../../src/engine/ports/mirror.ts";
import { remembered, type MemoryPorts } from "../../src/engine/remembered.ts";
import { Problem } from "../../src/problem.ts";
import * as w from "../gate/world.ts";

/** What is fetched in a repository's lane, while its other changes wait. */
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
const approval = w.receipt(w.review(w.bob), { commit: w.older });

function ports(mirror: Partial<GateMirror>): MemoryPorts {
  const records = {
    receiptsOf: async () => [approval],
    findCarry: async () => null,
    trustOf: async () => null,
    wishOf: async () => null,
    glassOf: async () => null,
    debtsOf: async () => [],
    frozenOf: async () => null,
  };
  const openMirror = async (): Promise<GateMirror> => ({ close: async () => undefined, ...mirror }) as unknown as GateMirror;
  return { store: { records }, openMirror, now: () => new Date(0) } as unknown as MemoryPorts;
}

it("gives a fetch little time, and does not know what became of an approval when that was not enough", async () => {
  const given: (number | undefined)[] = [];
  const keep: GateMirror["keep"] = async (_number, _commits, seconds) => {
    given.push(seconds);
    throw new Problem({ code: "too-slow", text: "git fetch took too long.", hint: "Try again." });
  };
  const { receipts } = await remembered(ports({ keep }), origin, { repository: 5, number: 7 }, w.facts(), { state: "impossible" });
  expect(given).toEqual([20]);
  expect(receipts.map(({ carry }) => carry)).toEqual([{ known: false, reason: "git fetch took too long." }]);
});

it("fetches nothing of a fork that nobody has let run", async () => {
  const keep = (): never => {
    throw new Error("fetched");
  };
  const { receipts } = await remembered(ports({ keep }), origin, { repository: 5, number: 7 }, w.facts(), { state: "untrusted" });
  expect(receipts.map(({ carry }) => carry)).toMatchObject([{ known: true, value: { kind: "changed" } }]);
});
