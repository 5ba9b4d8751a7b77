import { once } from "node:events";
import type { Paint } from "../cli/paint.ts";
import { Problem } from "../problem.ts";
import type { GateStage } from "./gate-stage.ts";
import { auditWords, pagesWords } from "./words.ts";

/** Ctrl-C ends the demo in order: sandboxes are killed and folders removed before the process goes. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    // Whoever says it twice means at once.
    if (controller.signal.aborted) process.exit(1);
    const hint = "Run it again: it begins anew each time.";
    controller.abort(new Problem({ code: "interrupted", text: "The demo was interrupted.", hint }));
  };
  // Not `once`: a listener that is gone when the signal arrives leaves execa's own, which ends this process on the spot while any sandbox runs.
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return controller.signal;
}

export interface Ending {
  stage: Pick<GateStage, "url" | "name" | "signed">;
  /** The folder of what stays of the demo, as somebody would type it. */
  kept: string;
  say: (text: string) => void;
  paint: Paint;
  signal: AbortSignal;
}

/** What people can do with it all: ask the ledger, and on a terminal look at the pages until Ctrl-C, which is a good end by then. */
export async function lookAround({ stage, kept, say, paint, signal }: Ending): Promise<void> {
  // A bundle has what was signed, and the gate signs once a minute.
  await stage.signed();
  say(auditWords(kept, paint));
  // Who can't press Ctrl-C would wait for ever.
  if (!process.stdout.isTTY || !process.stdin.isTTY) return;
  say(pagesWords(`${stage.url}/${stage.name}`, paint));
  if (!signal.aborted) await once(signal, "abort");
  say("");
}
