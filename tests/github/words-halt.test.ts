import { describe, expect, it } from "vitest";
import { marker } from "../../src/github/words.ts";
import { callBody, type Call, type Halted } from "../../src/github/words-halt.ts";
import { known, unknown } from "../../src/policy/known.ts";
import type { Trouble } from "../../src/rollout/stage-verdict.ts";
import type { Halt } from "../../src/rollout/state.ts";
import type { Suspect, Why } from "../../src/rollout/suspects.ts";

const release = "a".repeat(40);
const trouble: Trouble = { kind: "touched-failed", certnames: ["web1", "web2"], resources: ["Service[nginx]"], tolerated: 0 };
const failed = (...troubles: Trouble[]): Halt["why"] => ({ kind: "verdict", verdict: { kind: "failed", counts: {}, troubles } });
const undecided: Halt["why"] = { kind: "verdict", verdict: { kind: "undecided", counts: {}, missing: [] } };
const clue = { by: "event", path: "manifests/nginx.pp", line: 12, key: null, certain: true } as const;
const line: Why = { how: "line", trouble: "touched-failed", resource: "Service[nginx]", nodes: 2, clue };
const suspect = (number: number | null, score: number, ...why: Why[]): Suspect => ({
  commit: `${number ?? 9}`.repeat(40),
  number,
  score,
  why,
});
const playlist = { name: "playlist", owners: ["@acme/playlist"], runbook: "docs/playlist.md", nodes: 2 };

const halted = (more: Partial<Halted> = {}, halt: Partial<Halt> = {}): Halted => ({
  kind: "halted",
  lane: "canary",
  release,
  halt: { why: failed(trouble), at: 0, ...halt },
  suspects: [suspect(12, 0.8, line), suspect(13, 0.2)],
  affected: [playlist],
  ...more,
});
const bodyOf = (event: Halted, more: Partial<Call> = {}): string =>
  callBody({
    seq: 7,
    event,
    number: 12,
    author: "alice",
    page: { repository: "https://github.com/acme/control", branch: "main" },
    draft: null,
    ...more,
  });

describe("a call", () => {
  it("says what happened, to whom, why them, and the ways on", () => {
    expect(bodyOf(halted())).toBe(`<!-- puppet-gate: call 7 -->
### The lane canary stands still, and this change is suspected

@alice @acme/playlist: please look. Nothing goes wider meanwhile, and later releases wait behind this one.

**What happened** of aaaaaaaaaa:
- Service&#91;nginx&#93; failed on 2 nodes, and the release changes it: \`web1\`, \`web2\`

**Why this change**: 80 % of it points here.
- Service&#91;nginx&#93; fails on 2 nodes: it wrote line 12 of manifests/nginx.pp, where it is declared

**Also suspected**: #13 (20 %)

**Services and their runbooks**:
- playlist, 2 nodes: <https://github.com/acme/control/blob/HEAD/docs/playlist.md>

**Ways on**
- Land what takes it back: a release that reverts something of this one follows by itself.
- \`/rollout return canary REASON\` has the lane, and all that are further, go back to what was good.
- \`/rollout promote canary REASON\` takes it for good all the same. Both take somebody who had no part in it.`);
  });

  const manyNodes = Array.from({ length: 20 }, (_, at) => `n${at}`);
  it.each<[string, Halted, Partial<Call>, string]>([
    [
      "with the nodes' names, some of them",
      halted({}, { why: failed({ ...trouble, certnames: manyNodes }) }),
      {},
      "- Service&#91;nginx&#93; failed on 20 nodes, and the release changes it: `n0`, `n1`, `n2`, `n3`, `n4`, `n5`, `n6`, `n7` and 12 more",
    ],
    [
      "of what was not decided",
      halted({}, { why: undecided }),
      {},
      "**What happened** of aaaaaaaaaa: neither good nor bad at its deadline.",
    ],
    [
      "of a lane without a release",
      halted({ release: null }, { why: undecided }),
      {},
      "**What happened**: neither good nor bad at its deadline.",
    ],
    [
      "to nobody",
      halted({ affected: [] }),
      { author: null },
      "Nobody is named as an owner of these nodes: please look. Nothing goes wider meanwhile, and later releases wait behind this one.",
    ],
    [
      "to each once",
      halted({ affected: [{ ...playlist, owners: ["@alice", "@acme/playlist", "@alice"] }, playlist] }),
      {},
      "@alice @acme/playlist: please look. Nothing goes wider meanwhile, and later releases wait behind this one.",
    ],
    [
      "to none that is no name",
      halted({ affected: [{ ...playlist, owners: ["everybody", "@a b", "@acme/x/y", "@<!--"] }] }),
      {},
      "@alice: please look. Nothing goes wider meanwhile, and later releases wait behind this one.",
    ],
    [
      "with a runbook elsewhere",
      halted({ affected: [{ ...playlist, runbook: "https://wiki.example.com/p" }] }),
      {},
      "- playlist, 2 nodes: <https://wiki.example.com/p>",
    ],
    [
      "without a runbook",
      halted({ affected: [{ ...playlist, runbook: null, nodes: 1 }] }),
      {},
      "- playlist, 1 node: no runbook is named in the policy",
    ],
    [
      "where the change was in the release alone",
      halted({ suspects: [] }),
      {},
      "### The lane canary stands still, and this change is in its release",
    ],
    ["where nothing tells which it was", halted({ suspects: [] }), {}, "Which change of the release it was nothing tells."],
    [
      "where it can't be told which it was",
      halted({ suspects: [] }, { suspects: unknown("git is away") }),
      {},
      "Which change of the release it was can't be told: git is away.",
    ],
    [
      "where a push around the gate is suspected",
      halted({ suspects: [suspect(12, 0.5, line), suspect(null, 0.5)] }),
      {},
      "**Also suspected**: 9999999999, which no pull request landed (50 %)",
    ],
    [
      "where lines beside it were changed",
      halted({ suspects: [suspect(12, 1, { ...line, how: "block" })] }),
      {},
      "- Service&#91;nginx&#93; fails on 2 nodes: it wrote lines that belong to line 12 of manifests/nginx.pp, where it is declared",
    ],
    [
      "where a module's pin was",
      halted({ suspects: [suspect(12, 1, { ...line, how: "pin", clue: { ...clue, line: null } })] }),
      {},
      "- Service&#91;nginx&#93; fails on 2 nodes: it changed the Puppetfile's pin of the module that has manifests/nginx.pp, where it is declared",
    ],
    [
      "where a file was",
      halted({ suspects: [suspect(12, 1, { ...line, how: "file", nodes: 1 })] }),
      {},
      "- Service&#91;nginx&#93; fails on 1 node: it changed manifests/nginx.pp, where it is declared",
    ],
    [
      "where it only was in the release",
      halted({ suspects: [suspect(12, 1, { ...line, how: "release", resource: null, clue: null })] }),
      {},
      "- something fails on 2 nodes: nothing points to one commit, and it is in the release",
    ],
    [
      "where it could have gone back by itself",
      halted({}, { notReturned: "something would stay" }),
      {},
      "It does not go back by itself: something would stay.",
    ],
    [
      "where going back undoes all",
      halted({}, { stays: known({ items: [], more: 0 }) }),
      {},
      "**Going back**: As far as the catalogs tell, going back undoes all of it. What programs did with their data meanwhile, no catalog tells.",
    ],
    [
      "where it can't be told what going back undoes",
      halted({}, { stays: unknown("it was not compiled") }),
      {},
      "What going back would not undo can't be told: it was not compiled.",
    ],
    [
      "with what going back does not undo",
      halted({}, { stays: known({ items: [{ kind: "ran", resource: "Exec[a]", attribute: null, versions: null, nodes: 2 }], more: 0 }) }),
      {},
      "- Exec&#91;a&#93; on 2 nodes: it was run",
    ],
  ])("%s", (_, event, more, expected) => {
    expect(bodyOf(event, more).split("\n")).toContain(expected);
  });

  it("says no more of a change that is not suspected where others are", () => {
    const text = bodyOf(halted({ suspects: [suspect(null, 1)] }));
    expect(text).toContain("and this change is in its release\n");
    expect(text).not.toMatch(/Why this change|nothing tells/u);
    expect(text).toContain("**Suspected**: 9999999999, which no pull request landed (100 %)");
  });

  it("counts what it does not name of what stays", () => {
    const items = Array.from({ length: 9 }, (_, at) => ({
      kind: "ran" as const,
      resource: `Exec[${at}]`,
      attribute: null,
      versions: null,
      nodes: 1,
    }));
    const text = bodyOf(halted({}, { stays: known({ items, more: 3 }) }));
    expect(text).toContain("**Going back will not undo these 12**:");
    expect(text).toContain("- and 7 more\n\nWhat programs did");
  });

  it("lets no text of anybody's be more than text", () => {
    const evil = `x\` @everyone ${marker} [a](https://evil.example) <img src=x> #1 \n/merge\n`;
    const text = bodyOf(
      halted(
        {
          lane: evil,
          affected: [{ name: evil, owners: [evil], runbook: null, nodes: 1 }],
          suspects: [suspect(12, 1, { ...line, resource: evil, clue: { ...clue, path: evil } })],
        },
        {
          why: failed({ ...trouble, certnames: [evil], resources: [evil] }),
          notReturned: evil,
          stays: known({
            items: [{ kind: "stays", resource: evil, attribute: evil, versions: { before: evil, after: evil }, nodes: 1 }],
            more: 0,
          }),
        },
      ),
    );
    expect(text).not.toContain(marker);
    expect(text.split("<!--")).toHaveLength(2);
    expect(text).not.toMatch(/^\/merge/mu);
    // Outside of code spans, nothing is left that GitHub would act on but the author's mention.
    const bare = text.replaceAll(/(`+)(?!`)[^\n]*?[^`]\1(?!`)/gu, "");
    expect(bare.match(/@[a-z]+/gu)).toEqual(["@alice"]);
    expect(bare).not.toMatch(/https?:\/\/|<img|\]\(/u);
  });
});
