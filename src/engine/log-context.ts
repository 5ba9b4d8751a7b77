import { AsyncLocalStorage } from "node:async_hooks";

/** What all lines of the log have that are written while something is done: the delivery or the job that it is done for. */
export interface LogContext {
  /** GitHub's id of the webhook. */
  delivery?: string;
  queue?: string;
  /** GitHub's id of the repository. */
  repository?: number;
  /** Of the change. */
  number?: number;
  /** Of the lease: no two turns, checks or looks have the same. */
  epoch?: number;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Does it with these words on every line that is written meanwhile, and with no others: whoever began it is another matter. */
export const inLogContext = <T>(context: LogContext, work: () => T): T => storage.run(context, work);

export const logContext = (): LogContext => storage.getStore() ?? {};
