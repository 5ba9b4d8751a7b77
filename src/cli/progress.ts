import type { Progress } from "../engine/ports/progress.ts";
import { plain } from "./plain.ts";

/** Where progress goes: standard error, and whether it is a terminal. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const stepWords: Record<Progress["step"], string> = {
  read: "reading the change",
  lint: "linting",
  syntax: "parsing",
  compile: "compiling catalogs",
  diff: "comparing catalogs",
};

/** Milliseconds between two lines where there is no terminal: often enough to show life, rare enough for a log. */
const quietLine = 5_000;
/** Milliseconds between two drawings of the live line. */
const redraw = 100;

export interface ProgressLine {
  show(progress: Progress): void;
  /** Takes the live line away, so that what follows starts on a clean one. */
  end(): void;
}

/** On a terminal one live line with counts and time left; elsewhere a line now and then. `now` gives milliseconds. */
export function progressLine(stream: ProgressStream, now: () => number): ProgressLine {
  const live = stream.isTTY === true;
  let drawn = Number.NEGATIVE_INFINITY;
  let shownStep: Progress["step"] | null = null;
  let stepStart = 0;
  let toldFirst = false;
  return {
    show(progress) {
      const at = now();
      if (progress.first !== undefined && !toldFirst) {
        toldFirst = true;
        stream.write(`${live ? "\r\u001B[2K" : ""}the first effect: ${plain(progress.first, 300)}\n`);
        drawn = Number.NEGATIVE_INFINITY;
      }
      const started = progress.step !== shownStep;
      if (started) stepStart = at;
      if (!started && at - drawn < (live ? redraw : quietLine)) return;
      drawn = at;
      shownStep = progress.step;
      const text = lineOf(progress, at - stepStart);
      stream.write(live ? `\r\u001B[2K${text.slice(0, (stream.columns ?? 80) - 1)}` : `${text}\n`);
    },
    end() {
      if (live && shownStep !== null) stream.write("\r\u001B[2K");
    },
  };
}

function lineOf(progress: Progress, spent: number): string {
  const words = stepWords[progress.step];
  if (progress.total === null || progress.total === 0) return `${words}…`;
  const counts = `${words}: ${progress.done} of ${progress.total}`;
  // Before a few are done the estimate would be of starting up, not of the work.
  if (progress.done < 3 || progress.done === progress.total) return counts;
  const left = (spent / progress.done) * (progress.total - progress.done);
  return `${counts}, about ${secondsLeft(left)} left`;
}

function secondsLeft(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1_000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
