import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { folded, ircLine, ircTexts, parseLine } from "../../src/notify/irc/line.ts";
import { slackText } from "../../src/notify/slack.ts";
import type { Announcement, Told, What } from "../../src/rollout/announcement.ts";
import type { Halt } from "../../src/rollout/state.ts";

const release = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
const link = "https://github.com/acme/control/pull/12";
const told = (what: What, more: Partial<Told> = {}): Told => ({
  kind: "told",
  repository: "acme/control",
  lane: "canary",
  release,
  changes: [12, 15],
  link,
  happenedAt: null,
  what,
  ...more,
});
const halted = (why: Halt["why"], suspects: number[] = []): Told => told({ kind: "halted", why, suspects });
const failed = (
  ...troubles: Extract<Extract<Halt["why"], { kind: "verdict" }>["verdict"], { kind: "failed" }>["troubles"][number][]
): Halt["why"] => ({
  kind: "verdict",
  verdict: { kind: "failed", troubles, counts: {} },
});
const irc = (announcement: Announcement): string => ircTexts(announcement, { nick: "puppet-gate", channel: "#ops" }).join("\n");

describe("what is said of a release", () => {
  it.each<[string, Announcement, string]>([
    ["a start", told({ kind: "started", by: null }), `canary: release 1a2b3c4 of #12, #15 has started ${link}`],
    [
      "a start that a person let in",
      told({ kind: "started", by: "ann" }),
      `canary: release 1a2b3c4 of #12, #15 has started, let in by "ann" ${link}`,
    ],
    ["one of nobody's pull request", told({ kind: "started", by: null }, { changes: [] }), `canary: release 1a2b3c4 has started ${link}`],
    [
      "one that is told late",
      told({ kind: "started", by: null }, { changes: [12], happenedAt: Date.parse("2026-11-22T03:12:30Z") }),
      `canary: release 1a2b3c4 of #12 has started (at 2026-11-22 03:12 UTC) ${link}`,
    ],
    [
      "trouble on nodes",
      halted(
        failed(
          { kind: "touched-failed", certnames: ["a", "b", "c", "d", "e"], resources: ["Service[nginx]"], tolerated: 0 },
          { kind: "newly-silent", certnames: ["f"], resources: [], tolerated: 0 },
        ),
        [12],
      ),
      `canary stands still with release 1a2b3c4 of #12, #15: "Service[nginx]", which the release changes, fails on 5 nodes ("a", "b", "c" and 2 more); silence from 1 node ("f"); suspect: #12 ${link}`,
    ],
    [
      "no end in sight",
      halted({
        kind: "verdict",
        verdict: { kind: "undecided", counts: {}, missing: [{ kind: "coverage", ran: 1, of: 4, percent: 95 }, { kind: "no-pass" }] },
      }),
      `canary stands still with release 1a2b3c4 of #12, #15: neither good nor bad at its deadline, for want of runs: 1 of 4 nodes ran it, 95 percent are asked for; any node that passed ${link}`,
    ],
    [
      "a person's word",
      halted({ kind: "person", by: { id: 1, name: "ann" }, reason: "the site is slow" }),
      `canary stands still with release 1a2b3c4 of #12, #15: "ann" stopped it: "the site is slow" ${link}`,
    ],
    [
      "somebody else's hand",
      halted({ kind: "moved-elsewhere", tip: "abcdef0123" }),
      `canary stands still with release 1a2b3c4 of #12, #15: somebody else moved its branch to abcdef0 ${link}`,
    ],
    [
      "a return",
      told({ kind: "returning", by: null, reason: "Service[nginx] fails" }),
      `canary: release 1a2b3c4 of #12, #15 is taken back: "Service[nginx] fails" ${link}`,
    ],
    ["being back", told({ kind: "returned" }, { changes: [] }), `canary: back at release 1a2b3c4, which was found good ${link}`],
    ["a lane that is through", told({ kind: "passed" }), `canary: release 1a2b3c4 of #12, #15 was found good ${link}`],
    ["the whole way", told({ kind: "done" }, { lane: null }), `release 1a2b3c4 of #12, #15 went through all lanes ${link}`],
    [
      "a pause of all",
      told(
        { kind: "paused", by: "ann", reason: "a fire", until: Date.parse("2026-11-23T08:00:00Z") },
        { lane: null, release: null, changes: [] },
      ),
      `the rollout is paused until 2026-11-23 08:00 UTC: "ann" says "a fire" ${link}`,
    ],
    [
      "much at once",
      { kind: "digest", repository: "acme/control", count: 9, started: 4, done: 3, halted: ["canary"], other: 1, link },
      `and 9 more: stood still: canary; 4 started; 3 done; 1 about what stood still or was paused ${link}`,
    ],
  ])("%s", (_, announcement, expected) => {
    expect(irc(announcement)).toBe(`[acme/control] ${expected}`);
    expect(slackText(announcement)).toBe(`[acme/control] ${expected.replaceAll(/"([^"]*)"/gu, "`$1`").replace(link, `<${link}>`)}`);
  });
});

/** As somebody's reason, and a resource, arrive in a channel. */
const hostile = (text: string): Announcement => halted({ kind: "person", by: { id: null, name: text }, reason: text });

describe("anybody's text", () => {
  it.each<[string, string, string, string]>([
    ["ends of lines", "x\r\nQUIT :bye\nJOIN #other\0", "x QUIT :bye JOIN #other‹U+0000›", "x QUIT :bye JOIN #other‹U+0000›"],
    [
      "IRC's colours",
      "\u000304red\u000f \u0002bold\u0001ACTION",
      "‹U+0003›04red‹U+000F› ‹U+0002›bold‹U+0001›ACTION",
      "‹U+0003›04red‹U+000F› ‹U+0002›bold‹U+0001›ACTION",
    ],
    [
      "Slack's mentions",
      "<!channel> <@U012> <!subteam^S1> &lt;",
      "<!channel> <@U012> <!subteam^S1> &lt;",
      "&lt;!channel&gt; &lt;@\u2060U012&gt; &lt;!subteam^S1&gt; &amp;lt;",
    ],
    ["Mattermost's", "@all @here", "@all @here", "@\u2060all @\u2060here"],
    [
      "links",
      "<https://evil.example|fine> [x](http://y)",
      "<https://evil.example|fine> [x](http://y)",
      "&lt;https://evil.example|fine&gt; [x](http://y)",
    ],
    ["the end of code", "a` <!channel> `b", "a` <!channel> `b", "a' &lt;!channel&gt; 'b"],
    ["what reorders text", "\u202egnp.exe\u2066", "‹U+202E›gnp.exe‹U+2066›", "‹U+202E›gnp.exe‹U+2066›"],
    ["letters from right to left", "אבג", "\u2066אבג\u2069", "\u2066אבג\u2069"],
    ["half a character", "a\ud800b", "a‹U+D800›b", "a‹U+D800›b"],
    ["nothing", " \t ", "␣", "␣"],
  ])("%s", (_, text, inIrc, inSlack) => {
    expect(irc(hostile(text))).toContain(`"${inIrc}" stopped it: "${inIrc}"`);
    expect(slackText(hostile(text))).toContain(`\`${inSlack}\` stopped it: \`${inSlack}\``);
  });

  it("is one message of the protocol, in lines that no server cuts, and never more of them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 600 }), fc.integer({ min: 3, max: 60 }), (text, length) => {
        const channel = `#${"c".repeat(length)}`;
        const texts = ircTexts(hostile(text), { nick: "puppet-gate", channel });
        expect(texts.length).toBeLessThanOrEqual(3);
        expect(texts.at(-1)).toContain(link);
        for (const one of texts) {
          const line = `:puppet-gate!puppetgate@${"h".repeat(63)} ${ircLine("PRIVMSG", channel, one)}\r\n`;
          expect(Buffer.byteLength(line)).toBeLessThanOrEqual(512);
          expect(parseLine(ircLine("PRIVMSG", channel, one))).toEqual({ source: "", command: "PRIVMSG", params: [channel, one] });
          expect(one).not.toMatch(/\p{Cc}|[\u202a-\u202e]/u);
        }
      }),
    );
  });

  it("is code in Slack, whatever it is, and the link is whole", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 5_000 }), (text) => {
        const said = slackText(hostile(text));
        expect(said.length).toBeLessThanOrEqual(3_000);
        expect(said.endsWith(`<${link}>`)).toBe(true);
        // Besides the link there is no bracket; what is between backticks has none of them.
        expect(said.slice(0, -link.length - 2)).not.toMatch(/[<>]|@(?!\u2060)/u);
        expect(said.split("`")).toHaveLength(5);
      }),
    );
  });
});

describe("lines of IRC", () => {
  it.each<[string, ReturnType<typeof parseLine>]>([
    ["PING :a b", { source: "", command: "PING", params: ["a b"] }],
    ["PING", { source: "", command: "PING", params: [] }],
    [
      ":irc.x 433 * gate :Nickname is already in use",
      { source: "irc.x", command: "433", params: ["*", "gate", "Nickname is already in use"] },
    ],
    ["@time=1 :a!b@c join   #x", { source: "a!b@c", command: "JOIN", params: ["#x"] }],
    [":x 353 me = #c ::-) :b", { source: "x", command: "353", params: ["me", "=", "#c", ":-) :b"] }],
    ["PING a\0b", null],
    ["PING a\rb", null],
    ["", null],
    [":only", null],
    ["12 a", null],
  ])("%j", (line, expected) => {
    expect(parseLine(line)).toEqual(expected);
  });

  it.each([
    [["PRIVMSG", "#a", "x\r\nQUIT"]],
    [["PRIVMSG", "#a b", "x"]],
    [["PRIVMSG", "", "x"]],
    [["NICK", "a\nb"]],
    [["JOIN", ":x", "key"]],
  ])("%j is none to send", ([command = "", ...params]) => {
    expect(() => ircLine(command, ...params)).toThrow("would end it or be two");
  });

  it.each<[string, string, string | null, number, string[]]>([
    ["fits", "one two", "http://x", 20, ["one two http://x"]],
    ["broken at blanks", "one two three", null, 8, ["one two", "three"]],
    ["a link on a line of its own", "one two", "http://x", 10, ["one two", "http://x"]],
    ["a word that no line holds, between characters", "äöüß", null, 5, ["äö", "üß"]],
    ["too much", "aaaa bbbb cccc dddd eeee", null, 4, ["aaaa", "bbbb", "c…"]],
    ["too much, with a link", "aaaa bbbb cccc dddd eeee", "http", 4, ["aaaa", "bbbb", "http"]],
    ["a link that no line holds is left out", "aaaa", "http://x", 4, ["aaaa"]],
  ])("of a text: %s", (_, body, address, room, expected) => {
    expect(folded(body, address, room)).toEqual(expected);
  });
});
