import { Problem } from "../problem.ts";

/** A signal that ends a check when it was called off, or when it took longer than it may. */
export interface Deadline {
  signal: AbortSignal;
  /** From now on, so many minutes are left. */
  set(minutes: number): void;
  clear(): void;
}

export function startDeadline(calledOff: AbortSignal | undefined): Deadline {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: calledOff === undefined ? late.signal : AbortSignal.any([calledOff, late.signal]),
    set: (minutes) => {
      clearTimeout(timer);
      timer = setTimeout(() => late.abort(tookTooLong(minutes)), minutes * 60_000);
    },
    clear: () => clearTimeout(timer),
  };
}

const tookTooLong = (minutes: number): Problem =>
  new Problem({
    code: "check-time",
    text: `The check did not end within the ${minutes} ${minutes === 1 ? "minute" : "minutes"} that compile.check_minutes gives it; all that ran for it was killed.`,
    hint: "See which nodes take long (compile.node_seconds bounds each), give the machine more cores, or raise compile.check_minutes on the base branch.",
  });
