import type { ProgressStream } from "../cli/progress.ts";

/** What is being waited for, and how long already. */
export interface WaitingLine {
  show(text: string): void;
  /** Seconds since the last one; the live line is taken away, so that what follows starts on a clean one. */
  lap(): number;
  end(): void;
}

/** Milliseconds between two drawings. */
const redraw = 500;

/** On a terminal one live line; elsewhere none, because each scene tells its time. `now` gives milliseconds. */
export function waitingLine(stream: ProgressStream, now: () => number): WaitingLine {
  const live = stream.isTTY === true;
  let [began, text] = [now(), ""];
  let timer: NodeJS.Timeout | null = null;
  const seconds = (): number => (now() - began) / 1_000;
  const draw = (): void => void stream.write(`\r\u001B[2K${`${text} ${seconds().toFixed(0)} s`.slice(0, (stream.columns ?? 80) - 1)}`);
  const end = (): void => {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    stream.write("\r\u001B[2K");
  };
  return {
    show(words) {
      text = words;
      if (!live) return;
      timer ??= setInterval(draw, redraw);
      draw();
    },
    lap() {
      end();
      const took = seconds();
      began = now();
      return took;
    },
    end,
  };
}
