import { freezesAt, freezeText, type StandingFreeze } from "../policy/freezes.ts";
import type { Facts, Glass } from "./facts.ts";
import { shownDay, shownInstant } from "./instants.ts";
import type { Reason } from "./verdict.ts";

/** The days and hours in which nothing should land. */

const standing = ({ check, now }: Facts): StandingFreeze[] => (check.state === "done" ? freezesAt(check.policy.freezes, now) : []);

/** One reason for each binding freeze that holds now. It is lifted by its end, and by break-glass. */
export const freezeReasons = (facts: Facts, glass: Glass | null): Reason[] =>
  standing(facts)
    .filter(({ freeze }) => freeze.binding)
    .map((one): Reason => {
      const text = freezeText(one);
      return glass === null
        ? {
            rule: "freeze",
            outcome: "pending",
            text: `${text}; say /merge after that, or /merge when ready now`,
            brief: { says: `Waiting until ${shownDay(one.endsAt, facts.now)}` },
            unblock: `wait until ${shownInstant(one.endsAt)}`,
          }
        : { rule: "freeze", outcome: "pass", text: `${text}; lifted, because ${glass.by.login} broke the glass` };
    });

/** What a freeze that binds nobody says. */
export const freezeAdvice = (facts: Facts): string[] =>
  standing(facts)
    .filter(({ freeze }) => !freeze.binding)
    .map((one) => `${freezeText(one)}. It forbids nothing`);
