import { Problem } from "../problem.ts";

/** Ctrl-C ends the check in order: sandboxes are killed and folders removed before the process goes. */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(
      new Problem({ code: "interrupted", text: "The check was interrupted.", hint: "Nothing of it was left behind; run it again." }),
    );
  };
  // Not `once`: a listener that is gone when the signal arrives leaves execa's own, which ends this process on the spot.
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return controller.signal;
}
