import type { WebhookRequest } from "../../src/demo/github/deliveries.ts";
import { deeds, habits, isRefusal, meddling, next, type Scene } from "./actors.ts";
import { createChance, type Chance } from "./chance.ts";
import type { Clock, Owner } from "./clock.ts";
import { running } from "./clock.ts";
import type { Disk } from "./database.ts";
import { calm, mishapOf, type LandingStep, type Mishap, type Weather } from "./faults.ts";
import { startLife, type Life, type ProcessPorts } from "./processes.ts";
import type { Landing, Operation, Steps } from "./steps.ts";
import type { Takeovers } from "./takeovers.ts";
import { notePusher, observe } from "./truth.ts";
import { openPulls, type SimulatedWorld } from "./world.ts";

/** One seed's storm: people, webhooks, processes that die, and time, one step after the other in an order that the seed decides. */
export interface Storm {
  world: SimulatedWorld;
  lives: readonly Life[];
  weather: Weather;
  /** Something happens. */
  step(): Promise<void>;
  /** Nothing goes wrong any more, and nobody does anything: until nothing is left to do, and so many sweeps have been. */
  calmDown(sweeps?: number): Promise<void>;
  /** Kills all processes. */
  end(): Promise<void>;
  /** Lets one deed be done now, whatever chance says. */
  act(run: (at: Scene) => Promise<unknown>, repo?: number, pull?: number): Promise<void>;
  counts: { steps: number; deeds: number; deliveries: number; kills: number; operations: number };
  trace: string[];
}

export interface StormPorts {
  world: SimulatedWorld;
  disk: Disk;
  steps: Steps;
  clock: Clock;
  seed: number;
  chance: Chance;
  weather: Weather;
  takeovers: Takeovers;
  /** Processes at once, on one database. */
  processes: number;
  /** Deeds that are not done at all: how a failing seed is made smaller. */
  skip: ReadonlySet<number>;
  /** Deeds after which people do nothing more. */
  mostDeeds: number;
  onFault: (message: string, error: unknown) => void;
  /** Looked at after each step. */
  onStep: () => void;
  /** Looked at after each deed of people. */
  onDeed: () => void;
}

export async function createStorm(ports: StormPorts): Promise<Storm> {
  const { world, disk, steps, clock, chance, takeovers } = ports;
  const { github, truth } = world;
  let weather = ports.weather;
  let numbers = 0;
  let begun = 0;
  const mail: (WebhookRequest & { guid: string })[] = [];
  const counts = { steps: 0, deeds: 0, deliveries: 0, kills: 0, operations: 0 };
  const trace: string[] = [];
  const lives: Life[] = [];
  /** What becomes of the step of a landing that is let go now. */
  let mishap: Mishap | null = null;
  /** Operations of which is settled already how they go wrong. */
  const drawn = new WeakSet<Operation>();
  /** After how many more operations a process dies. */
  const doomed = new Map<Owner, number>();
  /** Answers on their way. */
  const late: { owner: Owner; at: number; answer: () => void }[] = [];
  const step = (): number => counts.steps;
  const processPorts: ProcessPorts = {
    world,
    disk,
    steps,
    clock,
    chance,
    weather: () => weather,
    shared: ports.processes > 1,
    step,
    takeovers,
    mishap: () => mishap,
    onFault: ports.onFault,
  };
  github.webhooks(world.app, async (request) => {
    mail.push({ ...request, guid: request.headers["x-github-delivery"] ?? "" });
  });
  await github.settled();
  mail.length = 0;
  disk.tells = () => !chance.is(weather.notifications);

  const note = (what: string): void => {
    counts.steps += 1;
    truth.step = counts.steps;
    trace.push(what);
    observe(world);
    ports.onStep();
  };
  const start = (): void => {
    lives.push(startLife(processPorts, `process ${++begun}`));
  };
  const broken: Promise<void>[] = [];
  const kill = (owner: Owner): void => {
    const life = owner as Life;
    life.dead = true;
    steps.forget(life);
    broken.push(life.database.breakOff());
    lives.splice(lives.indexOf(life), 1);
    counts.kills += 1;
    trace.push(`  ${life.name} is killed`);
  };
  const settle = async (): Promise<void> => {
    await github.settled();
    while (broken.length > 0) await broken.pop();
    await steps.settle();
  };
  const fateOf = (owner: Owner): "before" | "after" | null => {
    const left = doomed.get(owner);
    if (left !== undefined) doomed.set(owner, left - 1);
    if (mishap === "dies before" || left === 1) return "before";
    if (mishap === "dies after") return "after";
    return chance.is(weather.kills) ? (chance.is(0.5) ? "before" : "after") : null;
  };
  const later =
    (owner: Owner) =>
    (answer: () => void): void =>
      void late.push({ owner, at: clock.time() + 1000 + chance.below(90_000), answer });
  /** Hands over the answers that took so long. */
  const answerLate = async (): Promise<boolean> => {
    const due = late.findIndex(({ at, owner }) => at <= clock.time() && !owner.stalled);
    const [one] = due < 0 ? [] : late.splice(due, 1);
    if (one === undefined) return false;
    if (!one.owner.dead) one.answer();
    await settle();
    note("an answer at last");
    return true;
  };
  const letGo = async (): Promise<boolean> => {
    if (await answerLate()) return true;
    const waiting = steps.waiting();
    const operation = chance.is(0.75) ? waiting[0] : waiting[chance.below(waiting.length)];
    if (operation === undefined) return false;
    const { owner, kind } = operation;
    const last = /^\s*select .* from frozen /u.test(operation.label) ? takeovers.landing(owner as Life, world.repos) : null;
    const landing = operation.landing ?? last;
    if (landing !== null && !drawn.has(operation)) {
      drawn.add(operation);
      const at: LandingStep = last !== null ? "looked" : kind === "database" ? "intended" : "asked";
      mishap = mishapOf(weather, chance, at);
      // What is done before everything is read again keeps most changes from landing at all.
      if (chance.is(at === "intended" ? weather.meddling * 0.4 : weather.meddling)) await act(meddling, landing);
      if (mishap === "stands still" && lives.length === 1) mishap = null;
      if (mishap === "stands still") {
        trace.push(`  ${(owner as Life).name} stands still`);
        stall(owner as Life, 60_000 + chance.below(60_000));
        return true;
      }
      if (!steps.waiting().includes(operation)) return true;
    } else mishap = null;
    counts.operations += 1;
    clock.pass(1);
    truth.mover = owner;
    if (landing !== null && landing.number !== null && landing !== last && kind === "database")
      takeovers.intend({ repo: landing.repo, number: landing.number }, owner as Life, counts.steps);
    if (mishap !== null) trace.push(`  ${mishap}`);
    if (mishap === "dies soon") doomed.set(owner, 1 + chance.below(12));
    await steps.letGo(operation, fateOf(owner), kill, mishap === "late" ? later(owner) : undefined);
    await settle();
    note(`${operation.kind} ${operation.label.slice(0, 60).replaceAll(/\s+/gu, " ")}`);
    if (chance.is(weather.stalls) && lives.length > 1) stall(chance.pick(lives), 20_000 + chance.below(60_000));
    return true;
  };
  const stall = (life: Life, milliseconds: number): void => {
    life.stalled = true;
    life.stalledUntil = clock.time() + milliseconds;
  };
  const deliver = async (): Promise<boolean> => {
    const able = lives.filter(({ gate, stalled }) => gate !== null && !stalled);
    const life = able[chance.below(able.length)];
    const at = chance.is(0.8) ? 0 : chance.below(mail.length);
    const request = mail[at];
    if (request === undefined) return false;
    const fate = chance.is(weather.webhooks) ? chance.pick(["failed", "vanished", "twice", "later"] as const) : "delivered";
    if (fate === "later") mail.push(request);
    if (fate !== "twice") mail.splice(at, 1);
    const record = github.deliveries().findLast(({ guid }) => guid === request.guid);
    counts.deliveries += 1;
    // Until there is an answer it counts as failed, as it does where the process dies over it; GitHub knows nothing of one that vanished.
    if (fate !== "vanished" && fate !== "later") Object.assign(record ?? {}, { status: 0, failure: "no answer" });
    if (life !== undefined && (fate === "delivered" || fate === "twice")) {
      running.run(life, () => {
        const answered = async (): Promise<void> => {
          await life.gate?.receive(request);
          Object.assign(record ?? {}, { status: 200, failure: null });
          notePusher(truth, request);
        };
        answered().catch((error: unknown) => ports.onFault("a webhook was not taken in", error));
      });
      await settle();
    }
    note(`webhook ${request.headers["x-github-event"]} ${fate}`);
    return true;
  };
  /** Each deed has a row of chance of its own: that another one is left out changes nothing of it. */
  const sceneOf = (own: Chance, which?: number, number?: number): Scene => {
    const place = world.repos[which ?? own.below(world.repos.length)];
    if (place === undefined) throw new Error("no such repository");
    const open = openPulls(place.repo);
    const picked = number === undefined ? (open[own.below(open.length)] ?? null) : (place.repo.pulls.get(number) ?? null);
    return { world, chance: own, ...place, pull: picked, count: () => ++numbers, tick: () => clock.pass(1000) };
  };
  const doDeed = async (name: string, scene: Scene, run: (at: Scene) => Promise<unknown>): Promise<void> => {
    try {
      await run(scene);
      trace.push(`* ${name}${scene.pull === null ? "" : ` #${scene.pull.number}`}`);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    await settle();
    note(`deed ${name}`);
    ports.onDeed();
  };
  const act = async (from = habits[weather.waiting], about?: Landing): Promise<boolean> => {
    if (counts.deeds >= ports.mostDeeds) return false;
    clock.pass(chance.is(0.3) ? chance.below(900) : 1000 + chance.below(20_000));
    counts.deeds += 1;
    if (ports.skip.has(counts.deeds)) return true;
    const own = createChance(ports.seed * 10_007 + counts.deeds);
    const where = world.repos.findIndex(({ repo }) => repo.id === about?.repo);
    const number = about?.number ?? 0;
    const isOpen = world.repos[where]?.repo.pulls.get(number)?.state === "open";
    const scene = isOpen ? sceneOf(own, where, number) : sceneOf(own);
    const goesOn = from !== meddling && world.underWay.length > 0 && own.is(0.7);
    // Where nothing is open, there is little else to do.
    const begins = scene.pull === null && own.is(0.7);
    const deed = goesOn ? next : begins ? (deeds[0] ?? own.weighted(from)) : own.weighted(from);
    // By its number it can be left out.
    await doDeed(`${counts.deeds}: ${deed.name}`, scene, deed.run);
    return true;
  };
  /** Time goes on to the next timer, or fires one that is due. */
  const pass = async (): Promise<void> => {
    for (const life of lives) if (life.stalled && life.stalledUntil <= clock.time()) life.stalled = false;
    const next = clock.nextTimer();
    if (next !== null && next > clock.time()) clock.pass(next - clock.time());
    else if (next === null) clock.pass(1000);
    clock.fire();
    await settle();
    note("time");
  };
  /** What is due by the time that people took. */
  const passDue = async (): Promise<boolean> => {
    const next = clock.nextTimer();
    if (next === null || next > clock.time()) return false;
    await pass();
    return true;
  };
  const jump = (): void => {
    clock.setSkew(chance.is(0.5) ? 0 : chance.below(180_000) - 90_000);
    if (chance.is(0.3)) clock.pass(chance.below(3_600_000));
    note("a clock jumps");
  };
  const revive = (): void => {
    while (lives.length < ports.processes) start();
  };
  start();
  await settle();

  return {
    world,
    lives,
    get weather() {
      return weather;
    },
    counts,
    trace,
    step: async () => {
      if (lives.length < ports.processes && chance.is(0.2)) start();
      if (chance.is(weather.clock * 0.02)) jump();
      if (!chance.is(weather.hurry) && ((await letGo()) || (await passDue()))) return;
      // In fair weather nobody does anything while a webhook is on its way.
      const kind = weather.waiting !== "no" && mail.length > 0 ? 0 : chance.below(10);
      if (mail.length > 0 && (kind < 4 || mail.length > mostMail)) {
        // They come in bursts, as people's deeds do.
        do await deliver();
        while (mail.length > 0 && chance.is(weather.waiting === "no" ? 0.8 : 0.97));
      } else if (kind < 7 && (await act())) return;
      else await pass();
    },
    end: async () => {
      while (lives[0] !== undefined) kill(lives[0]);
      await settle();
    },
    act: async (run, repo, pull) => doDeed("deed", sceneOf(chance, repo, pull), run),
    calmDown: async (wanted = 2) => {
      weather = calm;
      for (const life of lives) life.stalledUntil = clock.time();
      doomed.clear();
      for (const one of late) one.at = clock.time();
      clock.setSkew(0);
      revive();
      let sweeps = 0;
      for (let n = 0; n < 60_000; n += 1) {
        for (const life of lives) if (life.stalledUntil <= clock.time()) life.stalled = false;
        if (await letGo()) continue;
        if (mail.length > 0) {
          await deliver();
          continue;
        }
        const left = await jobsLeft(disk);
        if (left.jobs === 0) {
          if (sweeps >= wanted) return;
          // The next sweep is a minute away.
          clock.pass(61_000);
          sweeps += 1;
        }
        await pass();
      }
      throw new Error("it does not come to rest");
    },
  };
}

/** People wait while so many webhooks are on their way: else the gate would still be busy with them long after the storm. */
const mostMail = 10;

/** Jobs but the next sweep's. */
async function jobsLeft({ pglite }: Disk): Promise<{ jobs: number }> {
  const { rows } = await pglite.query<{ jobs: number }>(
    "select count(*)::int as jobs from jobs.job where name <> 'sweep' or state = 'active'",
  );
  return rows[0] ?? { jobs: 0 };
}
