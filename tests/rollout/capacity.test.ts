import { describe, expect, it } from "vitest";
import { known, unknown } from "../../src/policy/known.ts";
import { capacityFaults } from "../../src/rollout/capacity.ts";
import type { Member, Seated } from "../../src/rollout/members.ts";

/** A letter for each node: `d` carries db, `w` carries web, `?` is not known, `-` is nobody in particular; a word for each lane. */
function faults(lanes: readonly string[], lanePercent: number | undefined): string[] {
  const nodes: Member[] = [];
  const seated: Seated[] = lanes.map((letters, at) => ({
    lane: { name: `lane${at}`, environment: "e", members: "rest", bakeMinutes: 0, runsPerNode: 1, gate: "auto" },
    certnames: letters.split("").map((letter, node) => {
      const certname = `${at}-${node}`;
      const services = letter === "?" ? unknown("no catalog") : known(letter === "d" ? ["db", "other"] : letter === "w" ? ["web"] : []);
      nodes.push({
        certname,
        trusted: { authenticated: false, certname, hostname: certname, domain: null, extensions: {}, external: {} },
        enc: null,
        classes: null,
        assumed: false,
        datacentre: known(null),
        services,
      });
      return certname;
    }),
  }));
  const service = lanePercent === undefined ? { name: "db" } : { name: "db", lanePercent };
  return capacityFaults([service], seated, nodes).map(({ text }) => text);
}

describe("what a lane may hold of a service", () => {
  const cases: ReadonlyArray<readonly [lanes: readonly string[], percent: number | undefined, found: readonly string[]]> = [
    [["dddd", ""], undefined, []],
    [["dd", "dd"], 50, []],
    [["ddd", "d"], 50, ["the lane lane0 holds 3 of the 4 nodes of db, which allows 50 percent in one"]],
    [["ddd", "d"], 75, []],
    [["wwww", "dd", "dd"], 50, []],
    [["wwww", "ddd", "d"], 50, ["the lane lane1 holds 3 of the 4 nodes of db, which allows 50 percent in one"]],
    // One is always allowed.
    [["d", "d", "d"], 10, []],
    [["dd", "d"], 10, ["the lane lane0 holds 2 of the 3 nodes of db, which allows 10 percent in one"]],
    // Who is not known could be one of it, and dilutes nothing where it is elsewhere.
    [["d?", "d"], 50, ["the lane lane0 holds 2 of the 3 nodes of db, which allows 50 percent in one"]],
    [
      ["ddd", "d", "????????"],
      50,
      [
        "the lane lane0 holds 3 of the 4 nodes of db, which allows 50 percent in one",
        "the lane lane2 holds 8 of the 12 nodes of db, which allows 50 percent in one",
      ],
    ],
    [["", "--"], 1, []],
    [
      ["dd", "d", "dd"],
      30,
      [
        "the lane lane0 holds 2 of the 5 nodes of db, which allows 30 percent in one",
        "the lane lane2 holds 2 of the 5 nodes of db, which allows 30 percent in one",
      ],
    ],
  ];
  it.each(cases)("%j at %s", (lanes, percent, found) => {
    expect(faults(lanes, percent)).toEqual(found);
  });

  it("says of which lane and what to do, and passes over a node that is gone", () => {
    const lane = { name: "canary", environment: "e", members: "rest", bakeMinutes: 0, runsPerNode: 1, gate: "auto" } as const;
    expect(capacityFaults([{ name: "db", lanePercent: 1 }], [{ lane, certnames: ["gone1", "gone2"] }], [])).toEqual([]);
    const nodes = ["a", "b"].map((certname) => ({ certname, services: known(["db"]) }) as Member);
    expect(capacityFaults([{ name: "db", lanePercent: 1 }], [{ lane, certnames: ["a", "b"] }], nodes)).toEqual([
      {
        lane: "canary",
        certname: null,
        text: "the lane canary holds 2 of the 2 nodes of db, which allows 1 percent in one",
        hint: "Put some of them into another lane, or let `lane_percent` of db say that so many may get a release at once.",
      },
    ]);
  });
});
