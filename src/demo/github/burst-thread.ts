import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

/** Sends a burst's webhooks from a thread of its own: what else the stand-in is at must not be counted as the receiver's time. */
const { url, perSecond, patienceMs, requests } = workerData as BurstWork;

export interface BurstWork {
  url: string;
  perSecond: number;
  patienceMs: number;
  requests: readonly { headers: Record<string, string>; body: Uint8Array }[];
}

/** What came of one: the answer's status, or 0 and why there was none. */
export interface BurstAnswer {
  ms: number;
  status: number;
  failure: string | null;
}

const agent = new Agent({ keepAlive: true });
const post = (headers: Record<string, string>, body: Uint8Array): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { agent, method: "POST", headers: { ...headers, "content-length": body.length } }, (response) => {
      response.resume();
      response.once("error", reject).once("end", () => resolve(response.statusCode ?? 0));
    });
    asked.setTimeout(patienceMs, () => asked.destroy(new Error("The receiver took too long.")));
    asked.once("error", reject);
    asked.end(body);
  });

const start = performance.now();
const answers = await Promise.all(
  requests.map(async ({ headers, body }, n): Promise<BurstAnswer> => {
    await wait(Math.max(0, start + (n * 1000) / perSecond - performance.now()));
    const sent = performance.now();
    try {
      const status = await post(headers, body);
      return { ms: performance.now() - sent, status, failure: null };
    } catch (error) {
      return { ms: performance.now() - sent, status: 0, failure: String(error) };
    }
  }),
);
agent.destroy();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(answers);
