import type { Judge } from "../engine/ports/judge.ts";
import type { PuppetEdge } from "../engine/ports/puppet.ts";
import type { Tell } from "../engine/ports/told.ts";

/** The parts whose work is counted, each telling of it and otherwise as it was. */

export const toldJudge =
  (judge: Judge, tell: Tell): Judge =>
  async (request, signal) => {
    const begun = performance.now();
    const { owner, name } = request.origin.repository;
    const told = (outcome: "done" | "failed" | "called-off"): void =>
      tell({ kind: "checked", repository: `${owner}/${name}`, outcome, seconds: (performance.now() - begun) / 1000 });
    try {
      const checked = await judge(request, signal);
      told("done");
      return checked;
    } catch (error) {
      told(signal.aborted ? "called-off" : "failed");
      throw error;
    }
  };

/** `count` says how many trees are open. */
export function toldPuppet(puppet: PuppetEdge): { puppet: PuppetEdge; count: () => number } {
  let count = 0;
  return {
    count: () => count,
    puppet: {
      ...puppet,
      open: async (tree) => {
        const opened = await puppet.open(tree);
        count += 1;
        let isOpen = true;
        return {
          ...opened,
          close: async () => {
            if (isOpen) count -= 1;
            isOpen = false;
            await opened.close();
          },
        };
      },
    },
  };
}

/** Requests to GitHub's API. Which of its limits a refusal is of, its documentation tells by headers and, without them, by the text. */
export const toldFetch =
  (ask: typeof fetch, tell: Tell): typeof fetch =>
  async (input, init) => {
    const begun = performance.now();
    const method = (init?.method ?? (input instanceof Request ? input.method : "GET")).toUpperCase();
    const seconds = (): number => (performance.now() - begun) / 1000;
    let answer: Response;
    try {
      answer = await ask(input, init);
    } catch (error) {
      tell({ kind: "github", method, status: 0, limited: null, seconds: seconds() });
      throw error;
    }
    const { status, headers } = answer;
    tell({ kind: "github", method, status, limited: await limitOf(answer), seconds: seconds() });
    const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((each) =>
      Number(headers.get(`x-ratelimit-${each}`) ?? Number.NaN),
    );
    const resource = headers.get("x-ratelimit-resource") ?? "core";
    if (limit !== undefined && remaining !== undefined && reset !== undefined && Number.isFinite(limit + remaining + reset))
      tell({ kind: "github-limit", resource: resources.has(resource) ? resource : "other", limit, remaining, reset });
    return answer;
  };

/** What GitHub calls its limits (https://docs.github.com/en/rest/rate-limit/rate-limit). */
const resources: ReadonlySet<string> = new Set(["core", "graphql", "search", "code_search", "integration_manifest", "source_import"]);

async function limitOf(answer: Response): Promise<"primary" | "secondary" | null> {
  const { status, headers } = answer;
  if (status !== 403 && status !== 429) return null;
  if (headers.get("x-ratelimit-remaining") === "0") return "primary";
  if (status === 429 || headers.has("retry-after")) return "secondary";
  return /rate limit/iu.test(await answer.clone().text()) ? "secondary" : null;
}
