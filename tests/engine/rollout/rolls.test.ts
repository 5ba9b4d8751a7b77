import { describe, expect, it } from "vitest";
import type { HeldRecords } from "../../../src/engine/ports/records.ts";
import type { Job } from "../../../src/engine/ports/jobs.ts";
import { createRolls, type Rolls, type RollsPorts } from "../../../src/engine/rollout/rolls.ts";
import type { RollJob } from "../../../src/engine/ports/rollout.ts";
import { known, unknown } from "../../../src/policy/known.ts";
import { Problem } from "../../../src/problem.ts";
import { lease, origin, rolloutOf, RollWorld, stepOf } from "./world.ts";

const job: Job<RollJob> = { queue: "roll", id: "1", data: { repository: 5 }, lease };

function rollsOf(world: RollWorld, more: Partial<RollsPorts> = {}): Rolls {
  const forge: RollsPorts["forge"] = { ...world.ports().forge, explain: () => null, organisationPolicy: async () => world.organisation };
  return createRolls({ ...world.ports(), forge, ...more });
}
const siteFor = (world: RollWorld, repository: string) => ({ site: { ...world.ports().site, repository } });

/** How a job ended. */
async function performed(rolls: Rolls, signal = new AbortController().signal): Promise<string[]> {
  const ended: string[] = [];
  const end = await rolls.perform(job, signal);
  const noted = (how: string) => async (of: unknown) => void ended.push(of === job ? how : "another job");
  await end({ endJob: noted("ended"), again: noted("again"), openOrders: async () => [] } as unknown as HeldRecords);
  return ended;
}
function resting(): RollWorld {
  const world = new RollWorld();
  world.kept = { rollout: rolloutOf(null) };
  return world;
}

describe("looks", () => {
  const other = { installation: 1, repository: { id: 6, owner: "acme", name: "other" } };
  it.each([
    ["acme/control", [5]],
    ["ACME/Control", [5]],
    ["acme/other", [6]],
    ["acme/third", []],
  ])("are asked for where the site serves %s", async (repository, ids) => {
    const world = resting();
    world.origins = [{ ...origin, repository: { id: 5, owner: "Acme", name: "control" } }, other];
    await rollsOf(world, siteFor(world, repository)).ask();
    expect(world.jobs).toEqual([ids]);
  });

  it("are asked for by no server that rolls nothing out", async () => {
    const world = resting();
    await rollsOf(world, { site: null }).ask();
    expect(world.jobs).toEqual([]);
  });

  it.each<[string, (world: RollWorld) => Partial<RollsPorts>]>([
    ["by a server that rolls nothing out", () => ({ site: null })],
    ["at a repository that is gone", (world) => ((world.origins = []), {})],
    ["at a repository that the site does not serve", (world) => siteFor(world, "acme/other")],
  ])("%s do nothing", async (_, change) => {
    const world = resting();
    const more = change(world);
    expect(await performed(rollsOf(world, more))).toEqual(["ended"]);
    expect([world.opened, world.log.lines()]).toEqual([0, []]);
  });
});

describe("a job", () => {
  it("has what is old forgotten, once a day, but for what is in use", async () => {
    const world = resting();
    const rolls = rollsOf(world);
    await performed(rolls);
    await performed(rolls);
    expect(world.forgotten).toEqual([
      ["2026-08-14T12:00:00.000Z", "c0 c1", "c1@1795348800000"],
      ["buckets of 100 days", "c1@1795348800000"],
    ]);
    world.at = new Date(world.at.getTime() + 86_400_000);
    await performed(rolls);
    expect(world.forgotten.map(([what]) => what)).toEqual([
      "2026-08-14T12:00:00.000Z",
      "buckets of 100 days",
      "2026-08-15T12:00:00.000Z",
      "buckets of 100 days",
    ]);
  });

  it("looks again at once while all that was done went well", async () => {
    const world = resting();
    expect(await performed(rollsOf(world))).toEqual(["ended"]);
    // It entered and was moved; that it was is seen and deployed; that it is deployed is seen, and nothing is done by that.
    expect(world.opened).toBe(3);
    expect(world.log.lines().filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  it("does not where something did not go well", async () => {
    const world = resting();
    world.outcome = { kind: "unclear", text: "the line broke" };
    await performed(rollsOf(world));
    expect(world.opened).toBe(1);
  });

  it("looks four times and no more", async () => {
    const world = resting();
    world.served.set("production_canary", known([]));
    await performed(rollsOf(world));
    expect(world.opened).toBe(4);
    expect(world.deployed).toHaveLength(3);
  });

  it("says what is waited for", async () => {
    const world = resting();
    world.organisation = unknown("GitHub does not answer");
    expect(await performed(rollsOf(world))).toEqual(["ended"]);
    const text = "the rollout waits: whether the organisation has a policy can't be told now: GitHub does not answer";
    expect(world.log.said).toEqual([{ level: "warn", message: text, fields: { repository: origin.repository, hint: null } }]);
  });

  it("says what holds, and nothing where nothing does", async () => {
    const world = resting();
    world.members = world.members.slice(1);
    world.line = [stepOf("c0")];
    await performed(rollsOf(world));
    const fields = { repository: origin.repository, held: ["the lane canary has no node"] };
    expect(world.log.said).toEqual([{ level: "warn", message: "nothing enters a lane now", fields }]);
  });

  const away = new Error("connection reset");
  it.each<[string, Error, Partial<RollsPorts["forge"]>, object]>([
    [
      "a Problem",
      new Problem({ code: "git", text: "the remote is away", hint: "" }),
      {},
      { level: "warn", message: "the rollout waits: the remote is away", fields: { repository: origin.repository } },
    ],
    [
      "what the forge can explain",
      away,
      { explain: () => ({ kind: "down", text: "GitHub is down", retryAfter: 0 }) as unknown as ReturnType<RollsPorts["forge"]["explain"]> },
      { level: "warn", message: "the rollout waits: GitHub is down", fields: { repository: origin.repository } },
    ],
    [
      "a fault of the gate",
      away,
      {},
      { level: "error", message: "a rollout failed over a fault of the gate", fields: { repository: origin.repository, err: away } },
    ],
  ])("that fails over %s says so and ends", async (_, error, forge, said) => {
    const world = resting();
    const openMirror = async () => Promise.reject(error);
    const ports = { ...world.ports().forge, explain: () => null, organisationPolicy: async () => world.organisation, ...forge };
    expect(await performed(rollsOf(world, { openMirror, forge: ports }))).toEqual(["ended"]);
    expect(world.log.said).toEqual([said]);
  });

  it("that is ended is put back, and says nothing", async () => {
    const world = resting();
    world.prediction = async () => Promise.reject(new Error("never asked for"));
    expect(await performed(rollsOf(world), AbortSignal.abort(new Error("the server stops")))).toEqual(["again"]);
    expect(world.log.lines().filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  it.each([
    ["what was said since is asked for anew", true],
    ["what was heard and waits is not", false],
  ])("once it is ended, %s", async (_, isNew) => {
    const world = resting();
    const order = {
      key: "comment/1",
      number: null,
      verb: "abort" as const,
      text: "canary smoke",
      who: { id: 1, name: "sre" },
      via: "shell",
      at: "",
    };
    const waits = { ...order, verb: "promote" as const, at: world.at.toISOString() };
    const away = async (): Promise<never> => Promise.reject(new Problem({ code: "git", text: "the remote is away", hint: "" }));
    if (!isNew) world.orders.push({ order: waits, answer: null });
    const end = await rollsOf(world, { openMirror: away }).perform(job, new AbortController().signal);
    const asked: string[] = [];
    await end({
      endJob: async () => void asked.push("end"),
      openOrders: async () => [order],
      askRolls: async (ids: number[]) => void asked.push(`ask ${ids.join()}`),
    } as unknown as HeldRecords);
    expect(asked).toEqual(isNew ? ["end", "ask 5"] : ["end"]);
  });
});
