import { afterAll, beforeAll, expect, it } from "vitest";
import type { AdvancePorts } from "../../src/engine/advance.ts";
import { checkOf } from "../../src/engine/pair-check.ts";
import { unknown, type Snapshot } from "../../src/gate/facts.ts";
import { createStore, type Store } from "../../src/store/records.ts";
import * as w from "../gate/world.ts";
import { openTestDatabase } from "../store/open.ts";

/** A check that can't begin, over a real store. */
let store: Store;
beforeAll(async () => {
  store = await createStore(await openTestDatabase(), (error) => {
    throw error;
  });
});
afterAll(async () => store.close());

const change = { repository: 5, number: 7 };
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
const now = new Date("2026-03-01T12:00:00Z");

it("leaves a change alone that waits for the organisation's policy to come back, and has the sweep look at one that may be told", async () => {
  await store.records.saveRepository(origin);
  await store.transaction((records) => records.wake(change));
  const job = await store.take("advance", 30);
  if (job === null) throw new Error("nobody was woken");
  const ports = { store, now: () => now, edition: "one" } as unknown as AdvancePorts;
  const ask = (organisation: Snapshot["organisation"]): ReturnType<typeof checkOf> =>
    checkOf(ports, origin, { ...change, attempts: 0, lease: job.lease }, w.facts({ organisation }), null);
  const passing = await ask(unknown("GitHub answered 502"));
  expect(passing.state).toMatchObject({ state: "failed", final: false, problem: { hint: "It is asked again by itself." } });
  const verdict = { outcome: "blocked", reasons: [] } as const;
  const decided = { state: "open", baseRef: "main", base: w.base, head: w.head, verdict, standing: "unknown", answers: [] } as const;
  await store.records.saveDecision(change, decided, now);
  await store.held(job.lease, (records) => records.settleTurn(job));
  expect(await store.records.unfinished()).toEqual([change]);
  await store.transaction((records) => records.wake(change));
  const second = await store.take("advance", 30);
  if (second === null) throw new Error("nobody was woken");
  const lasting = await checkOf(
    ports,
    origin,
    { ...change, attempts: 0, lease: second.lease },
    w.facts({ organisation: unknown("it is hidden", "an owner of acme: show it") }),
    null,
  );
  expect(lasting).toEqual({
    state: {
      state: "failed",
      final: true,
      problem: {
        code: "organisation-policy",
        text: "Whether the organisation has a policy could not be learnt: it is hidden.",
        hint: "An owner of acme: show it.",
      },
    },
    outcome: null,
  });
  await store.held(second.lease, (records) => records.settleTurn(second));
  expect(await store.records.unfinished()).toEqual([]);
});
