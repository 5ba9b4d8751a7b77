import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { BurstAnswer, BurstWork } from "./burst-thread.ts";

/** Runs `burst-thread.ts`; gives each answer in the order of sending. */
export async function sendFromThread(work: BurstWork): Promise<BurstAnswer[]> {
  const thread = new Worker(new URL("burst-thread.ts", import.meta.url), { workerData: work });
  const [answers] = (await once(thread, "message")) as [BurstAnswer[]];
  await thread.terminate();
  return answers;
}
