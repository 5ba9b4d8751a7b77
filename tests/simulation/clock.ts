import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The simulation's time. `Date.now`, `performance.now` and timers that the gate sets follow it, PGlite's clock too, because it asks
 * `Date.now`. GitHub has the true time; the gate's machine may go wrong by `skew`. Timers count true time, as a machine's do.
 */
export interface Clock {
  /** True milliseconds since 1970. */
  time(): number;
  pass(milliseconds: number): void;
  /** Sets the wall clock of the gate's machine wrong by so much. */
  setSkew(milliseconds: number): void;
  gateNow(): Date;
  githubNow(): Date;
  /** True time of the next timer of somebody who lives and is not held up; null for none. */
  nextTimer(): number | null;
  /** Fires the first timer that is due; false where none is. */
  fire(): boolean;
  /** Begins anew: nobody's timers are left. */
  begin(): void;
}

/** Whoever sets timers: what a process that was killed had set never fires. */
export interface Owner {
  dead: boolean;
  stalled: boolean;
}

/** Whose code runs. */
export const running = new AsyncLocalStorage<Owner>();

/** Milliseconds that Node's own timers take; PGlite asks for more. */
const longest = 2 ** 31 - 1;

interface Timer {
  at: number;
  order: number;
  every: number | null;
  owner: Owner;
  call: () => void;
}

/** Once for a process: PGlite takes its time from it as well, and none of it goes back to the machine's. */
export function installClock(start: number): Clock {
  const real = { setTimeout, setInterval, clearTimeout };
  const timers = new Set<Timer>();
  let time = start;
  let skew = 0;
  let order = 0;
  Date.now = () => time + skew;
  performance.now = () => time - start;
  const set = (every: boolean) =>
    ((call: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) => {
      const owner = running.getStore();
      if (owner === undefined) return (every ? real.setInterval : real.setTimeout)(call, Math.min(milliseconds, longest), ...args).unref();
      const wait = Math.max(1, milliseconds);
      const timer: Timer = { at: time + wait, order: order++, every: every ? wait : null, owner, call: () => call(...args) };
      timers.add(timer);
      return timer;
    }) as unknown as typeof setTimeout;
  const clear = (timer: unknown): void => {
    if (timers.delete(timer as Timer)) return;
    if (typeof timer === "object" && timer !== null && "hasRef" in timer) real.clearTimeout(timer as NodeJS.Timeout);
  };
  Object.assign(globalThis, { setTimeout: set(false), setInterval: set(true), clearTimeout: clear, clearInterval: clear });
  const next = (): Timer | null => {
    let found: Timer | null = null;
    for (const timer of timers) {
      if (timer.owner.dead) timers.delete(timer);
      else if (!timer.owner.stalled && (found === null || timer.at < found.at || (timer.at === found.at && timer.order < found.order)))
        found = timer;
    }
    return found;
  };
  return {
    time: () => time,
    pass: (milliseconds) => {
      time += milliseconds;
    },
    setSkew: (milliseconds) => {
      skew = milliseconds;
    },
    gateNow: () => new Date(time + skew),
    githubNow: () => new Date(time),
    nextTimer: () => next()?.at ?? null,
    fire: () => {
      const timer = next();
      if (timer === null || timer.at > time) return false;
      if (timer.every === null) timers.delete(timer);
      else Object.assign(timer, { at: time + timer.every, order: order++ });
      running.run(timer.owner, timer.call);
      return true;
    },
    begin: () => {
      timers.clear();
      time = start;
      skew = 0;
    },
  };
}
