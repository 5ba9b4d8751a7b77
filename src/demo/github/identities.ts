import { isoSeconds, type Identity } from "./history.ts";
import { noreply } from "./lookup.ts";
import type { Account } from "./state.ts";

/** Who commits say made them. */

/** The account of GitHub itself, with the id that it has there. */
export const webFlowAccount: Account = {
  id: 19_864_447,
  login: "web-flow",
  type: "User",
  name: "GitHub Web Flow",
  emails: ["noreply@github.com"],
  createdAt: "2016-06-10T18:42:04Z",
  members: new Map(),
  deleted: false,
};

/** Whom GitHub shows where a deleted account stood, with the id that it has there. */
export const ghostAccount: Account = {
  ...webFlowAccount,
  id: 10_137,
  login: "ghost",
  name: "Deleted user",
  emails: [],
  createdAt: "2008-05-13T06:14:25Z",
};

/** GitHub itself, the committer of what is made on its pages and by its API. */
export function webFlow(now: Date): Identity {
  return { name: "GitHub", email: "noreply@github.com", date: isoSeconds(now) };
}

/** An account as author: its first address, or the private one that GitHub gives it. */
export function identityOf(account: Account, now: Date): Identity {
  return { name: account.name ?? account.login, email: account.emails[0] ?? noreply(account), date: isoSeconds(now) };
}
