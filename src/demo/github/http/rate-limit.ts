import type { World } from "../world.ts";
import { identity, type Actor } from "./actor.ts";

/** The primary rate limit: requests an hour by identity. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */

const hourSeconds = 3600;

export interface Quota {
  exceeded: boolean;
  /** Takes the request back: what had not changed since it was last read costs nothing. */
  refund: () => void;
  headers: () => Record<string, string>;
}

/** Counts requests, and says what is left in the words of GitHub's headers. */
export function createRateLimit({ now }: World, limit: number): (actor: Actor) => Quota {
  const windows = new Map<string, { reset: number; used: number }>();
  return (actor) => {
    const who = identity(actor);
    const present = Math.floor(now().getTime() / 1000);
    const known = windows.get(who);
    const window = known === undefined || known.reset <= present ? { reset: present + hourSeconds, used: 0 } : known;
    windows.set(who, window);
    window.used += 1;
    return {
      exceeded: window.used > limit,
      refund: () => {
        window.used -= 1;
      },
      headers: () => ({
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - window.used)),
        "x-ratelimit-used": String(window.used),
        "x-ratelimit-reset": String(window.reset),
        "x-ratelimit-resource": "core",
      }),
    };
  };
}
