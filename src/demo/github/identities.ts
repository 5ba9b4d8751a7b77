import { isoSeconds, type Identity } from "./history.ts";
import { noreply } from "./lookup.ts";
import type { Account } from "./state.ts";

/** Who commits say made them. */

/** GitHub itself, the committer of what is made on its pages and by its API. */
export function webFlow(now: Date): Identity {
  return { name: "GitHub", email: "noreply@github.com", date: isoSeconds(now) };
}

/** An account as author: its first address, or the private one that GitHub gives it. */
export function identityOf(account: Account, now: Date): Identity {
  return { name: account.name ?? account.login, email: account.emails[0] ?? noreply(account), date: isoSeconds(now) };
}
