import { setTimeout as pause } from "node:timers/promises";
import type { Chance } from "../../simulation/chance.ts";
import { aimOf, type Aim } from "./aims.ts";
import { startLife, type Life } from "./server.ts";
import { tapHttp, tapPostgres, type Passing, type Tap } from "./taps.ts";

/** Two places for a process each, whose ways to the world lead through taps; and who is killed when. */
export interface Servers {
  /** Those that listen. */
  listening(): Life[];
  /** Starts those again whose time has come, or all. */
  revive(all: boolean): Promise<void>;
  /** Looks for a moment in which one of them is to be killed. Resolves with true once one was. */
  killOne(): Promise<boolean>;
  isQuiet(): boolean;
  /** Ends all in order; gives their names and exit codes. */
  end(): Promise<{ name: string; code: number | null }[]>;
  /** Whatever happened. */
  close(): Promise<void>;
  /** What each process had started when it was killed or ended. */
  families: readonly ReadonlyMap<number, string>[];
  kinds: Readonly<Record<string, number>>;
  counts: { starts: number; kills: number };
}

export interface ServersPorts {
  chance: Chance;
  /** Of the GitHub stand-in, and of PostgreSQL. */
  ports: { http: number; postgres: number };
  /** Told by the ports of the taps. */
  environmentOf: (name: string, taps: { http: number; postgres: number }) => Readonly<Record<string, string>>;
  /** Node's own options, as for a patched product. */
  nodeOptions: readonly string[];
  /** What a process that lives asks of the world, and what comes back. */
  onPassing: (life: Life, passing: Passing) => void;
  onFault: (text: string) => void;
  say: (text: string) => void;
}

/** What is aimed at, and whom it kills if the moment does not come: a moment of the other's is as good. */
interface Target {
  aim: Aim;
  slot: Slot;
  /** How many that fit are still to pass. */
  left: number;
}

interface Slot {
  name: string;
  life: Life | null;
  /** When it is started again, by `performance.now()`. */
  revival: number;
  taps: { http: Tap; postgres: Tap };
}

/** Milliseconds that a start takes at most on a busy machine. */
const mostStart = 15_000;

const isListening = (life: Life | null): boolean => life !== null && life.url() !== null;

export async function createServers(given: ServersPorts): Promise<Servers> {
  const { chance, ports, environmentOf, nodeOptions, onFault, say } = given;
  const families: ReadonlyMap<number, string>[] = [];
  const kinds: Record<string, number> = {};
  const counts = { starts: 0, kills: 0 };
  const slots: Slot[] = [];

  let target: Target | null = null;

  const kill = (slot: Slot, why: string): void => {
    target = null;
    const { life } = slot;
    if (life?.isAlive() !== true) return;
    const everybody = chance.is(0.3);
    counts.kills += 1;
    kinds[why] = (kinds[why] ?? 0) + 1;
    say(`kill ${counts.kills}: ${life.name}${everybody ? " with all that it started" : ""}, ${why}`);
    life.kill(everybody);
    slot.revival = performance.now() + (chance.is(0.4) ? 0 : chance.below(3_000));
  };
  const killLater = async (slot: Slot, aim: Aim, why: string): Promise<void> => {
    await pause(aim.delay);
    if (target?.aim === aim) kill(slot, why);
  };
  const onPassing = (slot: Slot, passing: Passing): boolean => {
    const { life } = slot;
    if (life?.isAlive() !== true) return false;
    given.onPassing(life, passing);
    if (target?.aim.passing?.way === passing.way && target.aim.passing.fits(passing)) {
      const { aim } = target;
      target.left -= 1;
      const why = aim.delay > 0 ? aim.name : `${aim.name}, ${passing.way === "there" ? "before" : "after"} it`;
      if (target.left === 0 && aim.delay > 0) void killLater(slot, aim, why);
      else if (target.left === 0) kill(slot, why);
    }
    return life.isAlive();
  };
  for (const name of ["one", "two"]) {
    const hear = (passing: Passing): boolean => onPassing(slot, passing);
    const taps = {
      http: await tapHttp({ port: ports.http, onPassing: hear }),
      postgres: await tapPostgres({ port: ports.postgres, onPassing: hear }),
    };
    const slot: Slot = { name, life: null, revival: 0, taps };
    slots.push(slot);
  }
  const start = (slot: Slot): void => {
    const { name, taps } = slot;
    counts.starts += 1;
    slot.life = startLife({
      name: `process ${name} (${counts.starts})`,
      nodeOptions,
      environment: environmentOf(name, { http: taps.http.port, postgres: taps.postgres.port }),
      onFault,
      onWarning: say,
      onFamily: (family) => families.push(family),
      onListening: () => say(`process ${name} listens`),
    });
    if (target?.slot === slot && target.aim.starting) void killLater(slot, target.aim, target.aim.name);
  };
  return {
    families,
    kinds,
    counts,
    listening: () => slots.flatMap(({ life }) => (life !== null && isListening(life) ? [life] : [])),
    revive: async (all) => {
      for (const slot of slots) {
        if (slot.life?.isAlive() === true || (!all && slot.revival > performance.now())) continue;
        await slot.life?.ended;
        if (all) target = null;
        start(slot);
      }
    },
    killOne: async () => {
      const slot = chance.pick(slots);
      const aim = aimOf(chance);
      // One that has only begun is at none of these moments yet; some are met there all the same.
      const begun = performance.now();
      while (!aim.starting && !isListening(slot.life) && performance.now() < begun + mostStart) await pause(20);
      if (aim.starting) kill(slot, "to be started again");
      target = { aim, slot, left: aim.passing?.nth ?? 0 };
      const before = counts.kills;
      const until = performance.now() + aim.patience;
      const isOpen = (): boolean => target?.aim === aim;
      while (isOpen() && performance.now() < until) await pause(20);
      if (isOpen()) kill(slot, aim.passing === null ? aim.name : "a moment that did not come");
      if (chance.is(0.12)) for (const one of slots) kill(one, "beside the other");
      return counts.kills > before;
    },
    isQuiet: () => slots.every(({ taps }) => taps.http.underWay() === 0),
    end: async () => Promise.all(slots.map(async ({ name, life }) => ({ name, code: (await life?.end()) ?? null }))),
    close: async () => {
      for (const { life } of slots) {
        life?.kill(true);
        await life?.ended;
      }
      for (const { taps } of slots) await Promise.all([taps.http.close(), taps.postgres.close()]);
    },
  };
}
