import { isoSeconds } from "../history.ts";
import type { World } from "../world.ts";
import { identity, type Actor } from "./actor.ts";

/** The primary rate limit: requests an hour by identity. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api */

const hourSeconds = 3600;

export interface Quota {
  exceeded: boolean;
  /** Takes the request back: what had not changed since it was last read costs nothing. */
  refund: () => void;
  /** Takes more than the one that every request costs. */
  take: (more: number) => void;
  left: () => { limit: number; remaining: number; used: number; resetAt: string };
  headers: () => Record<string, string>;
}

/** Counts requests, and says what is left in the words of GitHub's headers. */
export function createRateLimit({ now }: World, limit: number): (actor: Actor, resource: "core" | "graphql") => Quota {
  const windows = new Map<string, { reset: number; used: number }>();
  return (actor, resource) => {
    const who = `${identity(actor)} ${resource}`;
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
      take: (more) => {
        window.used += more;
      },
      left: () => ({
        limit,
        remaining: Math.max(0, limit - window.used),
        used: window.used,
        resetAt: isoSeconds(new Date(window.reset * 1000)),
      }),
      headers: () => ({
        "x-ratelimit-limit": String(limit),
        "x-ratelimit-remaining": String(Math.max(0, limit - window.used)),
        "x-ratelimit-used": String(window.used),
        "x-ratelimit-reset": String(window.reset),
        "x-ratelimit-resource": resource,
      }),
    };
  };
}
