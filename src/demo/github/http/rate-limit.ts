import type { World } from "../world.ts";
import { identity, type Actor } from "./actor.ts";

/** The primary rate limit: requests an hour by identity. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */

const hourSeconds = 3600;

export interface RateLimit {
  /** Counts a request, and gives the headers that say so. */
  count(actor: Actor): { exceeded: boolean; headers: Record<string, string> };
}

export function createRateLimit({ now }: World, limit: number): RateLimit {
  const windows = new Map<string, { reset: number; used: number }>();
  return {
    count: (actor) => {
      const who = identity(actor);
      const present = Math.floor(now().getTime() / 1000);
      let window = windows.get(who);
      if (window === undefined || window.reset <= present) {
        window = { reset: present + hourSeconds, used: 0 };
        windows.set(who, window);
      }
      window.used += 1;
      const headers = {
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - window.used)),
        "x-ratelimit-used": String(window.used),
        "x-ratelimit-reset": String(window.reset),
        "x-ratelimit-resource": "core",
      };
      return { exceeded: window.used > limit, headers };
    },
  };
}
