import { createRequire } from "node:module";
import type { Executor } from "../../src/store/executor.ts";
import { migrate, readMigrations } from "../../src/store/migrate.ts";
import { createStore } from "../../src/store/records.ts";
import { createChance, type Chance } from "./chance.ts";
import { installClock, running, type Clock } from "./clock.ts";
import { openDisk, type Disk } from "./database.ts";
import { weatherOf, type WeatherName } from "./faults.ts";
import { finish, type FinishPorts } from "./finish.ts";
import type { Life } from "./processes.ts";
import { createSteps } from "./steps.ts";
import { createStorm, type Storm } from "./storm.ts";
import { createTakeovers } from "./takeovers.ts";
import { createWatch, type Violation } from "./watch.ts";
import { createWorld } from "./world.ts";

/** One seed from the beginning to the end: the same seed does the same, to the step. */
export interface SeedRequest {
  seed: number;
  /** Steps of the storm; what comes after it is as long as it takes. */
  steps: number;
  /** Deeds that are left out. */
  skip?: readonly number[];
  /** Null: as the seed has it. */
  weather?: WeatherName | null;
  /** Null: as many as come. */
  mostDeeds?: number | null;
}

export interface SeedResult {
  seed: number;
  violation: Violation | null;
  counts: { steps: number; deeds: number; deliveries: number; kills: number; operations: number; landings: number };
  trace: readonly string[];
}

/** Ends a seed at the first violation. */
class Stopped extends Error {}

/** PGlite's own chance, by which it makes the ids of jobs: of two that are due at once, the lower one is taken first. */
function drawFrom(chance: Chance): void {
  const module = createRequire(import.meta.url)("node:crypto") as { randomFillSync: (view: Uint8Array) => Uint8Array };
  module.randomFillSync = (view) => {
    for (let at = 0; at < view.length; at += 1) view[at] = chance.below(256);
    return view;
  };
}

/** What all seeds of a process have in common, one after the other. */
export interface Machine {
  disk: Disk;
  clock: Clock;
}

export async function openMachine(): Promise<Machine> {
  const clock = installClock(Date.parse("2026-03-01T12:00:00Z"));
  const disk = await openDisk();
  const { pglite } = disk;
  const lane = {
    query: pglite.query.bind(pglite),
    exec: pglite.exec.bind(pglite),
    transaction: <T>(work: (executor: Executor) => Promise<T>): Promise<T> => pglite.transaction((executor) => work(executor)),
  };
  await migrate(lane, readMigrations());
  // The queues' tables too: that two processes make them at once takes two connections.
  const store = await createStore(
    {
      kind: "embedded",
      ...lane,
      inbox: lane,
      listen: async () => ({ close: async () => undefined }),
      foreign: async () => null,
      onForeign: () => undefined,
      close: async () => undefined,
    },
    (error) => {
      throw error;
    },
  );
  await store.close();
  await keepTemplate(disk);
  return { disk, clock };
}

export async function runSeed(
  { disk, clock }: Machine,
  { seed, steps: most, skip = [], mostDeeds = null, weather: given = null }: SeedRequest,
): Promise<SeedResult> {
  clock.begin();
  const steps = createSteps();
  const chance = createChance(seed);
  drawFrom(createChance(seed));
  const weather = weatherOf(chance, given);
  const processes = chance.is(weather.pairs) ? 2 : 1;
  let violation: Violation | null = null;
  const world = await createWorld(chance, () => clock.githubNow());
  const violate = (found: Omit<Violation, "step">): void => {
    violation ??= { ...found, step: world.truth.step };
  };
  const onFault = (message: string, error: unknown): void => violate({ rule: 0, text: `${message}: ${stackOf(error)}` });
  const takeovers = createTakeovers();
  const watch = createWatch(world, violate, ({ id }) => takeovers.readsOf(world.truth.mover as Life | null, id, world.repos));
  const stopIfViolated = (): void => {
    watch.look();
    if (violation !== null) throw new Stopped();
  };
  const storm = await createStorm({
    world,
    disk,
    steps,
    clock,
    seed,
    chance,
    weather,
    takeovers,
    processes,
    skip: new Set(skip),
    mostDeeds: mostDeeds ?? Infinity,
    onFault,
    onStep: stopIfViolated,
    onDeed: () => watch.remember(),
  });
  try {
    while (storm.counts.steps < most) await storm.step();
    await finish({
      world,
      watch,
      violate,
      query: (sql) => disk.pglite.query(sql),
      calmDown: (sweeps) => storm.calmDown(sweeps),
      lookAfresh: (changes) => lookAfresh(storm, changes),
      act: (run, repo, pull) => storm.act(run, repo, pull),
    });
  } catch (error) {
    if (!(error instanceof Stopped)) violate({ rule: 0, text: `the simulation broke off: ${stackOf(error)}` });
  }
  await storm.end();
  await empty(disk);
  await world.github.close();
  return { seed, violation, counts: { ...storm.counts, landings: watch.landings.length }, trace: storm.trace };
}

async function lookAfresh(storm: Storm, changes: Parameters<FinishPorts["lookAfresh"]>[0]): Promise<void> {
  const [life] = storm.lives;
  if (life?.gate === null || life === undefined) throw new Error("there is no process any more");
  const { gate } = life;
  const woken = running.run(life, () => gate.store.transaction((records) => records.wakeAll(changes)));
  await Promise.all([woken, storm.calmDown(0)]);
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Keeps what every table holds at the beginning of a seed. */
async function keepTemplate({ pglite }: Disk): Promise<void> {
  await pglite.exec("create schema template");
  for (const { schema, name } of await tablesOf(pglite))
    await pglite.exec(`create table template.${schema}_${name} as table ${schema}.${name}`);
}

/** Brings every table back to that. */
async function empty({ pglite }: Disk): Promise<void> {
  const tables = await tablesOf(pglite);
  const back = tables.map(
    ({ schema, name }) => `insert into ${schema}.${name} overriding system value select * from template.${schema}_${name};`,
  );
  await pglite.exec(
    `set session_replication_role = replica; truncate ${tables.map(({ schema, name }) => `${schema}.${name}`).join(", ")} restart identity cascade; ` +
      `${back.join(" ")} alter sequence lease_epochs restart; set session_replication_role = origin`,
  );
}

/** Without the parts of a partitioned table. */
async function tablesOf(pglite: Disk["pglite"]): Promise<{ schema: string; name: string }[]> {
  const { rows } = await pglite.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'jobs') and c.relkind in ('r', 'p') and not c.relispartition order by 1, 2`,
  );
  return rows;
}
