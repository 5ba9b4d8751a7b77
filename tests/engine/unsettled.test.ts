import { describe, expect, it } from "vitest";
import { unsettledBy } from "../../src/engine/unsettled.ts";
import { known, unknown, type Facts } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";

/** What a turn comes back for: what may be told the next time, and nothing that waits for somebody's doing. */
const turn = (attempts: number): Parameters<typeof unsettledBy>[2] => ({ repository: 5, number: 7, attempts });
const passing = unknown("GitHub answered 502 to GET /x");
const lasting = unknown("the App may not read this", "an administrator: let it");
const settled = { settled: true };
const again = (why: string): object => ({ settled: false, why, after: 0 });

describe("a turn", () => {
  const command = (edited: typeof passing): Partial<Facts> => ({ comments: known([w.comment(w.alice, "/merge", { edited })]) });
  it.each<[string, Partial<Facts>, number, object]>([
    ["with everything known", {}, 0, settled],
    ["with reviews that may be told the next time", { reviews: passing }, 0, again(passing.reason)],
    ["that asked often enough", { reviews: passing }, 5, settled],
    ["with reviews that the App may not read", { reviews: lasting }, 0, settled],
    ["with a team that is not there", { teams: new Map([["acme/sre", lasting]]) }, 0, settled],
    ["with commits that are too many", { commits: lasting }, 0, settled],
    ["with a pusher whom the next try may tell", { headPusher: passing }, 0, again(passing.reason)],
    ["with a pusher whom nobody can tell until somebody pushes again", { headPusher: lasting }, 0, settled],
    ["with workflow runs that the App may not read", { checks: known([w.checkRun({ workflow: lasting })]) }, 0, settled],
    ["with both kinds comes back for the one", { reviews: passing, commits: lasting }, 1, again(passing.reason)],
    ["with a command of which it may be told whether it was edited", command(passing), 0, again(passing.reason)],
    ["with a command of which nobody tells whether it was edited", command(lasting), 0, settled],
    ["of a change that is closed asks for nothing but comments", { state: "closed", reviews: passing }, 0, settled],
  ])("%s", (_name, given, attempts, outcome) => {
    expect(unsettledBy(w.facts(given), w.memory(), turn(attempts))).toEqual(outcome);
  });
});
