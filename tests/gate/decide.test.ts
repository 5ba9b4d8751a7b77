import { describe, expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import type { Memory } from "../../src/gate/decide.ts";
import { known, unknown } from "../../src/gate/facts.ts";
import type { CommentFacts, Facts, Known, Permission } from "../../src/gate/facts.ts";
import {
  alice,
  base,
  bob,
  by,
  carol,
  checkRun,
  comment,
  commit,
  dave,
  done,
  facts,
  head,
  memory,
  merge,
  older,
  renovate,
  review,
} from "./world.ts";

const access = (entries: [number, Known<Permission>][]): Facts["permissions"] => new Map(entries);

interface Case {
  name: string;
  says: CommentFacts;
  given?: Partial<Facts>;
  remembered?: Partial<Memory>;
  lands: boolean;
  reaction: "rocket" | "confused" | "eyes" | null;
  answer: string | null;
  lines?: string[];
}

const unapproved = "peer (pending): one person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb";

const commands: Case[] = [
  {
    name: "the author's /merge, approved and checked",
    says: comment(alice, "/merge"),
    lands: true,
    reaction: "rocket",
    answer: "everything is in order for bbbbbbbbbb",
  },
  {
    name: "/merge by somebody else",
    says: comment(bob, "/merge"),
    lands: false,
    reaction: "confused",
    answer: "refused: only alice can land this pull request",
  },
  {
    name: "case 6: /merge on a bot's pull request has a way out",
    says: comment(bob, "/merge"),
    given: { opener: renovate, commits: known([commit([by("author", renovate)])]) },
    lands: false,
    reaction: "confused",
    answer: "refused: only its author can land this pull request, and renovate[bot] is a bot; open it anew from a person's account",
  },
  {
    name: "/merge without a peer's approval is refused by the rule that refuses",
    says: comment(alice, "/merge"),
    given: { reviews: known([]) },
    lands: false,
    reaction: "confused",
    answer: "refused, because of these rules; say /merge again then, or /merge when ready now",
    lines: [unapproved],
  },
  {
    name: "case 1: /merge with nothing but the author's own approval",
    says: comment(alice, "/merge"),
    given: { reviews: known([review(alice)]) },
    lands: false,
    reaction: "confused",
    answer: "refused, because of these rules; say /merge again then, or /merge when ready now",
    lines: [
      "peer (pending): alice's approval doesn't count: alice opened this pull request; one person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb",
    ],
  },
  {
    name: "case 5: read-only alice opened it from bob's branch, carol approved, and alice says /merge",
    says: comment(alice, "/merge"),
    given: {
      commits: known([commit([by("author", bob), by("committer", bob)])]),
      reviews: known([review(carol)]),
      permissions: access([
        [alice.id, known("read")],
        [carol.id, known("write")],
      ]),
    },
    lands: false,
    reaction: "confused",
    answer: "refused: alice wrote no commit of this change and has no write access; one of its writers (bob) has to open the pull request",
  },
  {
    name: "an author without write access lands their own work",
    says: comment(alice, "/merge"),
    given: {
      permissions: access([
        [alice.id, known("read")],
        [bob.id, known("write")],
      ]),
    },
    lands: true,
    reaction: "rocket",
    answer: "everything is in order for bbbbbbbbbb",
  },
  {
    name: "case 24: an edited /merge",
    says: comment(alice, "/merge", { edited: known({ by: alice, foreign: false }) }),
    lands: false,
    reaction: "confused",
    answer: "refused: a comment that was edited doesn't count; write a new one",
  },
  {
    name: "a /merge that is one of too many to be asked about",
    says: comment(alice, "/merge", { edited: unknown("more than 100 commands came after it", "its author: say it again") }),
    lands: false,
    reaction: "confused",
    answer:
      "refused: whether this comment was edited could not be learnt (more than 100 commands came after it), and asking again would not tell; say it again once that is mended",
  },
  {
    name: "a /merge from before the last push, whose delivery was lost",
    says: comment(alice, "/merge", { createdAt: "2026-03-01T11:59:59.000Z" }),
    lands: false,
    reaction: "confused",
    answer: "refused: it was written before the last push, of bbbbbbbbbb; say it again if you mean the change as it is now",
  },
  {
    name: "a /merge of the second in which the head was pushed, which may have been before",
    says: comment(alice, "/merge", { createdAt: "2026-03-01T12:00:00Z" }),
    given: { openedAt: "2026-03-01T11:00:00.000Z" },
    lands: false,
    reaction: "confused",
    answer: "refused: it was written in the same second as the last push, of bbbbbbbbbb; say it again if you mean the change as it is now",
  },
  {
    name: "a /merge of the second in which the pull request was opened, which had no other head",
    says: comment(alice, "/merge", { createdAt: "2026-03-01T12:00:00Z" }),
    lands: true,
    reaction: "rocket",
    answer: "everything is in order for bbbbbbbbbb",
  },
  { name: "a bot's /merge is conversation", says: comment(renovate, "/merge"), lands: false, reaction: null, answer: null },
  {
    name: "case 15: a deleted account's /merge is conversation",
    says: comment(null, "/merge"),
    lands: false,
    reaction: null,
    answer: null,
  },
  {
    name: "case 60: GitHub would not merge because the head moved, and says so as the answer",
    says: comment(alice, "/merge", { id: 55 }),
    remembered: { refusal: { comment: 55, text: "GitHub refused the merge: Head branch was modified." } },
    lands: false,
    reaction: "confused",
    answer: "GitHub refused the merge: Head branch was modified.",
  },
  {
    name: "case 61: base moved and is being checked",
    says: comment(alice, "/merge"),
    given: { check: { state: "running", previous: { base: older, head } } },
    lands: false,
    reaction: "confused",
    answer:
      "refused: main moved from cccccccccc to aaaaaaaaaa, so the merge result is being checked again; say /merge again when the check run is complete, or /merge when ready now",
    lines: [],
  },
  {
    name: "case 61: base moved and is being checked, and nobody approved yet",
    says: comment(alice, "/merge"),
    given: { check: { state: "running", previous: { base: older, head } }, reviews: known([]) },
    lands: false,
    reaction: "confused",
    answer:
      "refused: main moved from cccccccccc to aaaaaaaaaa, so the merge result is being checked again; say /merge again when the check run is complete and the rest is settled, or /merge when ready now",
    lines: ["review (pending): one person with write access who contributed nothing to it (not alice) must approve commit bbbbbbbbbb"],
  },
  {
    name: "case 28: /merge on a closed pull request",
    says: comment(alice, "/merge"),
    given: { state: "closed" },
    lands: false,
    reaction: "confused",
    answer: "refused, because of these rules; say it again once they are settled",
    lines: ["change (fail): this pull request is closed: reopen it, and it is checked anew"],
  },
  {
    name: "/why with nothing in the way",
    says: comment(carol, "/why"),
    lands: false,
    reaction: "eyes",
    answer: "nothing is in the way: alice can say /merge",
  },
  {
    name: "/why with something in the way",
    says: comment(carol, "/why"),
    given: { reviews: known([]) },
    lands: false,
    reaction: "eyes",
    answer: "these rules are in the way",
    lines: [unapproved],
  },
  {
    name: "/merge squash",
    says: comment(alice, "/merge squash"),
    lands: false,
    reaction: "confused",
    answer:
      "refused: this repository lands exactly what was checked, which makes a merge commit: say /merge, or have the policy say landing: api for a squash",
  },
];

describe("decide: commands", () => {
  it.each(commands)("$name", ({ says, given = {}, remembered = {}, lands, reaction, answer, lines }) => {
    const decision = decide(facts({ comments: known([says]), ...given }), memory(remembered));
    expect(decision.land).toEqual(lands ? merge({ comment: says.id }) : null);
    expect(decision.effects.filter(({ kind }) => kind === "reaction")).toEqual(
      reaction === null ? [] : [{ kind: "reaction", comment: says.id, content: reaction }],
    );
    expect(decision.answers.map(({ text }) => text)).toEqual(answer === null ? [] : [answer]);
    expect(decision.answers.flatMap((given) => given.lines)).toEqual(expect.arrayContaining(lines ?? []));
  });

  it("case 71: answers a comment once", () => {
    const says = comment(alice, "/merge");
    const decision = decide(facts({ comments: known([says]) }), memory({ answered: new Set([says.id]) }));
    expect(decision.land).toBeNull();
    expect(decision.effects.map(({ kind }) => kind)).toEqual(["check-run", "labels", "comment"]);
  });

  it("case 75: does nothing about commands while the comments can't be read, and shows the answer it gave before", () => {
    const before = { comment: 1, by: "carol", command: "/why", accepted: true, text: "these rules are in the way", lines: [] };
    const decision = decide(facts({ comments: unknown("GitHub answered 502") }), memory({ answers: [before] }));
    expect(decision.land).toBeNull();
    expect(decision.effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.answers : []))).toEqual([before]);
  });

  it.each([
    [
      "GitHub answered 502; it is asked again by itself; /why asks at once",
      unknown("GitHub answered 502"),
      "anybody: say /why, which asks again at once",
    ],
    ["the App may not read them", unknown("the App may not read them", "an administrator: let it"), "an administrator: let it"],
  ])("says that no command is heard: %s", (why, comments, unblock) => {
    const { verdict, standing } = decide(facts({ comments }), memory());
    expect(standing).toBe("unknown");
    expect(verdict.reasons.filter(({ rule }) => rule === "comments")).toEqual([
      {
        rule: "comments",
        outcome: "unknown",
        text: `the comments could not be read, so no command is heard: ${why}`,
        brief: { says: "comments unknown" },
        unblock,
      },
    ]);
  });
});

describe("decide: what is shown", () => {
  it("is true of a /merge whose head landed, whatever was answered before that was to be seen", () => {
    const refused = {
      comment: 55,
      by: "alice",
      command: "/merge",
      accepted: false,
      text: "refused: it was written before the last push",
      lines: ["x"],
    };
    const remembered = memory({ answers: [refused], earlier: [{ comment: 55, head: older, sha: base }] });
    const answersOf = (given: Partial<Facts>): object[] =>
      decide(facts(given), remembered).effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.answers : []));
    expect(answersOf({})).toEqual([{ ...refused, accepted: true, lasting: true, text: "cccccccccc landed", lines: [] }]);
  });

  const kinds = (given: Partial<Facts>, remembered: Partial<Memory> = {}): string[] =>
    decide(facts(given), memory(remembered)).effects.map(({ kind }) => kind);
  const radius = { nodes: 9, share: 0.15, services: ["playlist", "search"], datacentres: [], size: "large" as const };

  it("sets labels by the report, and takes away only its own", () => {
    const restarts = [
      { type: "Service", title: "apache2", nodes: 9, cause: "File[/etc/apache2]" },
      { type: "Exec", title: "reload <b>@all</b>\u202e", nodes: 1, cause: "" },
    ];
    const given = { check: done({ radius: { ...radius, restarts } }), labels: ["radius/small", "service/dns", "urgent", "service/Search"] };
    const { effects } = decide(facts(given), memory({ labels: ["radius/small"] }));
    expect(effects.find(({ kind }) => kind === "labels")).toEqual({
      kind: "labels",
      add: ["radius/large", "service/playlist", "restart/apache2", expect.stringMatching(/^restart\/Exec-reload-b-all-b--[0-9a-f]{6}$/u)],
      remove: ["radius/small"],
    });
  });

  it("keeps label names within GitHub's fifty characters and of bounded number", () => {
    const services = Array.from({ length: 40 }, (_, n) => `${"very-".repeat(12)}long-${n}`);
    const { effects } = decide(facts({ check: done({ radius: { ...radius, services, restarts: [] } }) }), memory());
    const added = effects.flatMap((effect) => (effect.kind === "labels" ? effect.add : []));
    expect(added).toHaveLength(10);
    expect(new Set(added).size).toBe(10);
    expect(added.every((name) => name.length <= 50)).toBe(true);
  });

  it("takes its labels away when a new head is not judged yet, and keeps them while only base moved", () => {
    const labels = ["radius/small"];
    const running = (previous: string): Partial<Facts> => ({
      labels,
      check: { state: "running", previous: { base: older, head: previous } },
    });
    expect(kinds(running(older), { labels })).toEqual(["check-run", "labels", "comment"]);
    expect(kinds(running(head), { labels })).toEqual(["check-run", "comment"]);
  });

  it("leaves check run and labels of a closed pull request alone, and edits the comment only where there is one", () => {
    expect(kinds({ state: "closed" })).toEqual(["comment"]);
    expect(kinds({ state: "closed", hasOwnComment: false })).toEqual([]);
  });

  it("turns the check run green before a merge, because a ruleset may require it; all else is shown after it", () => {
    expect(kinds({ comments: known([comment(alice, "/merge")]) })).toEqual(["reaction", "check-run"]);
  });

  it("ends the check run of a pair that nobody will finish", () => {
    const ends = (given: Partial<Facts>, previous: Memory["previous"]): unknown =>
      decide(facts(given), memory({ previous })).effects.find(({ kind }) => kind === "retire-check-run");
    const retired = (pair: { base: string; head: string }): unknown => ({ kind: "retire-check-run", head: pair.head, pair: pair.base });
    expect(ends({}, { base, head })).toBeUndefined();
    expect(ends({}, null)).toBeUndefined();
    expect(ends({}, { base, head: older })).toEqual(retired({ base, head: older }));
    expect(ends({}, { base: older, head })).toEqual(retired({ base: older, head }));
    expect(ends({ state: "closed" }, { base, head })).toEqual(retired({ base, head }));
    expect(ends({ base: { ref: "main", tip: unknown("GitHub answered 502") } }, { base, head })).toBeUndefined();
  });

  it("case 56: names the other pull requests with this head that stand worse", () => {
    const { effects, standing } = decide(
      facts(),
      memory({
        siblings: [
          { number: 8, standing: "blocked" },
          { number: 9, standing: "pass" },
        ],
      }),
    );
    expect(standing).toBe("pass");
    expect(effects.flatMap((effect) => (effect.kind === "check-run" ? effect.view.worse : []))).toEqual([
      { number: 8, standing: "blocked" },
    ]);
  });

  it("case 78: says aloud that somebody else reports a check under the gate's name, which counts for nothing", () => {
    const given = facts({ reviews: known([]), checks: known([checkRun({ name: "puppet-gate", app: 99 })]) });
    const { effects, verdict, notes } = decide(given, memory());
    expect(verdict.outcome).toBe("blocked");
    expect(notes).toContainEqual({ kind: "forged", head, name: "puppet-gate", app: 99 });
    expect(effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.alarms : []))).toEqual([
      "app 99 reported a check puppet-gate that is not this gate's: it counts for nothing here. Find out who did it, and have branch protection ask for the check of this App alone",
    ]);
  });

  it("case 24: says loudly that somebody edited another's command", () => {
    const given = facts({
      reviews: known([]),
      comments: known([comment(bob, "/recheck", { edited: known({ by: carol, foreign: true }) })]),
    });
    const alarms = decide(given, memory()).effects.flatMap((effect) => (effect.kind === "comment" ? effect.view.alarms : []));
    expect(alarms).toEqual([
      "carol edited a comment of bob that has a command now: it counts for nothing here. Ask both what they meant, and take write access from whoever speaks in other people's names",
    ]);
  });

  it.each([
    ["pass", {}],
    ["waiting", { reviews: known([]) }],
    ["checking", { check: { state: "running", previous: null } as const }],
    ["blocked", { reviews: known([review(carol, "changes-requested"), review(dave)]) }],
    ["unknown", { commits: unknown("GitHub answered 502") }],
  ])("stands: %s", (standing, given) => {
    expect(decide(facts(given), memory()).standing).toBe(standing);
  });
});
