import { describe, expect, it } from "vitest";
import { limitsPage } from "../../src/gate/explain.ts";
import type { Report } from "../../src/gate/report.ts";
import type { Reason } from "../../src/gate/verdict.ts";
import { verdictDigest, type View } from "../../src/gate/view.ts";
import { annotationsOf } from "../../src/github/annotations.ts";
import { byteLength, longestText } from "../../src/github/escape.ts";
import { checkRunText, commentBody, marker, suggestionBody } from "../../src/github/words.ts";
import { base, head, report, tree } from "../gate/world.ts";

const brief = { says: "review", of: "peer" };
const view = (more: Partial<View> = {}): View => ({
  number: 7,
  state: "open",
  opener: "alice",
  head,
  base: { ref: "main", sha: base },
  verdict: { outcome: "blocked", reasons: [{ rule: "peer", outcome: "pending", text: "one person must approve", brief }] },
  standing: "waiting",
  worse: [],
  answers: [],
  landing: null,
  observed: false,
  unblock: [],
  alarms: [],
  advice: [],
  debts: [],
  frozen: null,
  wish: null,
  glass: null,
  ...more,
});

const since = "2026-03-01T12:00:00.000Z";
/** Everything that can stand above the rules, with this text in it. */
const standing = (text: string): Pick<View, "debts" | "frozen" | "wish" | "glass"> => {
  const by = { id: 1, login: text, bot: false };
  return {
    debts: [{ number: 3, by: text, byId: 1, reason: text, since, baseRef: "main", landing: head, seen: [] }],
    frozen: { number: 4, why: text, since },
    wish: { comment: 1, by, head, baseRef: "main", policyDigest: "", message: "", method: "squash" },
    glass: { comment: 2, by, reason: text, head, expiresAt: since },
  };
};

const evil = "x`\n\n</details>\n# Ready\n@acme/everybody ![p](https://evil.example/p) \u202e\u001b[2J <script>| #1";
const node = (
  certname: string,
  outcome: Report["nodes"][number]["outcome"],
  reason: string | null = null,
  services: string[] = [evil],
): Report["nodes"][number] => ({
  certname,
  outcome,
  reason,
  services,
  datacentre: evil,
  cached: false,
});
const cell = (service: string | null, changing: number, nodes: number) => ({ service, datacentre: null, nodes, changing, restarting: 0 });
const group = (more: Partial<Report["groups"][number]> = {}): Report["groups"][number] => ({
  type: "File",
  title: "/etc/motd",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "hello\nworld\n",
  after: "hello\nmoon\n",
  nodes: ["web1.example"],
  source: { path: "site-modules/profile/manifests/motd.pp", line: 4 },
  ...more,
});
const hostileReport = report({
  modules: [
    {
      name: evil,
      before: evil,
      after: evil,
      line: 1,
      commits: { ahead: 1, behind: 1, subjects: [evil] },
      files: [{ path: evil, status: "modified" }],
      moreFiles: 0,
      unseen: evil,
    },
  ],
  findings: [{ check: "lint", severity: "error", path: evil, line: 3, column: 1, code: evil, message: evil, onChangedLine: true }],
  nodes: [node(evil, "broken", evil), node("b.example", "changed"), node("c.example", "not-analysable", evil)],
  groups: [
    group({ type: evil, title: evil, attribute: evil, before: evil, after: `${evil}!`, nodes: [evil], source: { path: evil, line: 1 } }),
  ],
  radius: {
    nodes: 2,
    share: 0.5,
    services: [evil],
    datacentres: [evil],
    restarts: [{ type: evil, title: evil, nodes: 1, cause: evil }],
    size: "large",
  },
});

describe("the comment", () => {
  it("says the counts first, then why, then what changes, folded", () => {
    const body = commentBody(view(), report({ nodes: [node("a", "changed"), node("b", "unchanged")], groups: [group()] }));
    expect(body.startsWith(`${marker}\n### Waiting for review: peer`)).toBe(true);
    expect(body.indexOf("**Of 2 nodes, 1 would change**")).toBeLessThan(body.indexOf("**pending** peer: one person must approve"));
    expect(body).toContain("<details><summary>What changes: 1 effect</summary>");
    expect(body).toContain("- changed `File[/etc/motd]` `content` on `web1.example`, from `site-modules/profile/manifests/motd.pp:4`");
    expect(body).toContain("  ```diff\n  - world\n  + moon\n  ```");
    expect(body).toContain("Commands: `/merge` `/merge when ready` `/cancel` `/why`");
  });

  it.each<[string, Partial<Report>, string[], string[]]>([
    [
      "names nodes that can't be compared, each kind apart",
      {
        nodes: [node("a", "broken", "x"), node("b", "not-analysable", "x"), node("c", "pre-existing", "x"), node("d", "changed")],
        groups: [group({ nodes: ["d"] })],
      },
      [
        "Would no longer compile (the agent goes on with its old catalog): `a`.",
        "Can't be analysed: `b`.",
        "Did not compile before either, so what changes there can't be seen: `c`.",
        "Would change: `d`.",
        "Puppet restarts no service on the nodes that were compared.",
        "Blast radius small: 3 % of all nodes, the 1 node that breaks not counted.",
      ],
      [],
    ],
    [
      "says of a node that compiles again that nobody knows what changes, and promises nothing of restarts",
      {
        nodes: [node("a", "fixed")],
        groups: [group({ attribute: null, change: "added", nodes: ["a"] })],
        coverage: { nodes: 1, compared: 1, unseen: [] },
        causes: [
          { kind: "data", name: "k", places: [], certain: true, reason: "nothing else was edited", groups: [0], resources: 1, nodes: 1 },
        ],
      },
      [
        "Would compile again: `a`; base has no catalog to compare with, so what changes and restarts there is not known; the next run applies all that was missed.",
        "Blast radius small: 3 % of all nodes, how much changes on 1 of them not known.",
        "Catalogs of 0 of 1 node were compared.",
        "- data key `k` → 1 node compiles again (certain: nothing else was edited)",
        "\n\n1 resource of nodes that would compile again is not listed here: without a catalog on base, all count as new.\n",
      ],
      ["Would change: `a`", "restarts no service", "Besides", "not known for"],
    ],
    [
      "leaves the names of whole services to the table and the fold",
      {
        nodes: Array.from({ length: 6 }, (_, at) => ({ ...node(`w${at}`, "changed"), services: ["web"] })),
        groups: [group({ nodes: ["w0", "w1", "w2", "w3", "w4", "w5"] })],
      },
      ["- web (every node, 6): `w0`, "],
      ["Would change: "],
    ],
    [
      "calls an attribute that comes a change, and not a new service",
      { groups: [group({ type: "Service", title: "log", attribute: "noop", change: "added", before: null, after: true })] },
      ["- changed `Service[log]` `noop` on `web1.example`"],
      ["added `Service[log]`"],
    ],
    [
      "calls a secret something to look at twice",
      { nodes: [node("web1.example", "changed")], groups: [group({ kind: "secret", before: null, after: null })] },
      ["**Look twice:**\n- secrets, whose values are not shown: `File[/etc/motd] content` on `web1.example`"],
      [],
    ],
    [
      "names nodes where no service is known, and says why services are not told",
      { nodes: [node("a", "changed", null, []), node("b", "unchanged", null, [])], groups: [group({ nodes: ["a"] })] },
      ["Would change: `a`. Its services are not known: name them under `services` in the policy.", "- no service known (1): `a`"],
      ["nodes of no service", "| no service |"],
    ],
    [
      "tells nodes with their services where those are more",
      {
        nodes: [node("a", "changed", null, ["web", "db", "dns"]), node("b", "changed", null, [])],
        groups: [group({ nodes: ["a", "b"] })],
      },
      ["<details><summary>Nodes that change: 2</summary>\n\n- `a`: web, db, dns\n\n- `b`: no service\n"],
      [],
    ],
    [
      "tells services in a sentence where no datacentre is known, and all of them",
      {
        nodes: [node("a", "changed", null, ["web"]), node("b", "changed", null, ["db"]), node("c", "unchanged", null, ["db"])],
        groups: [group({ nodes: ["a", "b"] })],
        radius: { ...report().radius, nodes: 2, capacity: [cell("web", 1, 1), cell("db", 1, 2), cell(null, 1, 4)] },
      },
      ["Every node of web (1) changes. Some nodes of db (1 of 2) change. 1 node of no service changes."],
      ["| Nodes that change |"],
    ],
    [
      "does not say of one node's sudo rule that it is on all",
      {
        nodes: [node("a", "changed"), node("b", "changed")],
        groups: [
          group({ title: "/etc/sudoers", nodes: ["a", "b"], concerns: ["sudo"] }),
          group({ title: "/etc/sudoers.d/x", nodes: ["b"], concerns: ["sudo"] }),
        ],
      },
      ["- sudo rules: `File[/etc/sudoers] content` on `a`, `b`\n- sudo rules: `File[/etc/sudoers.d/x] content` on `b`\n"],
      [],
    ],
    [
      "says of many resources on many sets of nodes that they are on some of them",
      {
        nodes: ["a", "b", "c", "d"].map((name) => node(name, "changed")),
        groups: ["a", "b", "c", "d"].map((name) => group({ title: `/etc/sudoers.d/${name}`, nodes: [name], concerns: ["sudo"] })),
      },
      ["`File[/etc/sudoers.d/d] content` on one or more of 4 nodes"],
      [],
    ],
    [
      "names what restarts on few nodes with them, and every other service that restarts",
      {
        nodes: [node("a", "changed", null, [])],
        groups: [group({ nodes: ["a"] })],
        radius: {
          ...report().radius,
          nodes: 1,
          restarts: Array.from({ length: 12 }, (_, at) => ({
            type: "Service",
            title: `s${at}`,
            nodes: 1,
            cause: "File[/etc/x] changes",
            certnames: ["a"],
          })),
        },
      },
      ["- restarts `Service[s0]` on `a`: File", "- restarts besides, on so many nodes: `Service[s10]` (1), `Service[s11]` (1)"],
      ["more restarts"],
    ],
    [
      "ends each sentence once",
      { coverage: { nodes: 2, compared: 1, unseen: [{ what: "encrypted", count: 1, text: "encrypted value. " }] } },
      ["<sub>Catalogs of 1 of 2 nodes were compared; not seen: 1 encrypted value. [What no catalog shows]"],
      [".."],
    ],
    [
      "links no limits where nothing was looked at",
      { tree: null, nodes: [] },
      ["**Base and head do not merge.**"],
      ["What no catalog shows"],
    ],
    [
      "tells of each module from elsewhere what changes and whose word it is, in a line",
      {
        modules: [
          {
            name: "clock",
            before: "8.1.0",
            after: "9.0.0",
            line: 1,
            commits: { ahead: 12, behind: 0, subjects: ["Ask b"] },
            files: ["a", "b", "c", "d", "e", "f"].map((path) => ({ path, status: "modified" as const })),
            moreFiles: 28,
            published: true,
          },
          { name: "new", before: null, after: "1.0.0", line: 2, commits: null, files: [], moreFiles: 0 },
        ],
      },
      [
        "**Modules from elsewhere:**\n- `clock` `8.1.0` -> `9.0.0`, 12 commits more, 34 files of it change, a branch or tag of its upstream has the new commit: `a`, `b`, `c`, `d`, `e` and 29 more\n- `new` comes in, `1.0.0`",
      ],
      ["Ask b"],
    ],
    [
      "promises nothing of restarts where a node imports what changes and nobody knows",
      {
        nodes: [{ ...node("mon1", "changed", "its catalog lacks what others export"), unplaced: ["restarts"] }],
        groups: [group({ nodes: ["mon1"] })],
      },
      ["- what restarts on `mon1` is not known in full: its catalog lacks what others export"],
      ["restarts no service"],
    ],
    [
      "counts the services of a change to everything, whose names are below",
      {
        nodes: Array.from({ length: 13 }, (_, at) => ({ ...node(`n${at}`, "changed", null, [`s${at}`]), datacentre: null })),
        groups: [group({ nodes: Array.from({ length: 13 }, (_, at) => `n${at}`) })],
        radius: {
          ...report().radius,
          nodes: 13,
          capacity: [...Array.from({ length: 13 }, (_, at) => cell(`s${at}`, 1, 1)), cell(null, 1, 1)],
        },
      },
      ["Every node of all 13 services changes, and 1 node of none.", "- s12 (every node, 1): `n12`"],
      ["Every node of s0"],
    ],
    [
      "tells in the table which nodes break and which nobody can see, and where a service has none",
      {
        nodes: ["changed", "broken", "pre-existing"].map((outcome, at) => ({
          ...node(`n${at}`, outcome as "changed", "x", ["web"]),
          datacentre: "lon",
        })),
        groups: [group({ nodes: ["n0"] })],
        radius: {
          ...report().radius,
          nodes: 1,
          capacity: [
            { ...cell("web", 1, 3), datacentre: "lon" },
            { ...cell("db", 0, 1), datacentre: "sto" },
          ],
        },
      },
      ["| web | 1 of 3, 1 broken, 1 not seen | no node |", "| db | no node | 0 of 1 |"],
      ["Bold:"],
    ],
    [
      "tells what stops beside what restarts, and whether it starts at boot",
      {
        nodes: [node("a", "changed", null, [])],
        groups: [
          group({
            type: "Service",
            title: "x",
            attribute: "ensure",
            before: "running",
            after: "stopped",
            nodes: ["a"],
            concerns: ["stops"],
          }),
          group({ type: "Service", title: "x", attribute: "enable", before: true, after: false, nodes: ["a"], concerns: ["stops"] }),
        ],
      },
      [
        "\n\n- stops `Service[x]` on `a`\n\n",
        "**Look twice:**\n- no longer started at boot: `Service[x]` on `a`\n",
        "`enable` (no longer started at boot) on `a`",
      ],
      ["restarts no service", "twice:**\n- stopped"],
    ],
    [
      "says once of one resource all that is to be looked at, and what it is part of",
      {
        nodes: [node("a", "changed", null, [])],
        groups: [
          group({ attribute: null, change: "removed", before: {}, after: null, nodes: ["a"], concerns: ["deletes", "ssh-keys"] }),
          group({ type: "Concat_fragment", title: "r", note: "part of /etc/sudoers", nodes: ["a"], concerns: ["sudo"] }),
        ],
      },
      [
        "- deleted, SSH keys: `File[/etc/motd]` on `a`\n- sudo rules: `Concat_fragment[r] content, part of /etc/sudoers` on `a`\n",
        "- deleted `File[/etc/motd]` (purged, because nothing declares it any more; SSH keys) on `a`",
      ],
      [],
    ],
    [
      "tells what leaves the catalog and stays apart from what is absent in a new resource",
      {
        groups: [
          group({ attribute: null, change: "removed", before: {}, after: null, concerns: ["unmanaged"] }),
          group({ title: "/new", attribute: null, change: "added", before: null, after: { ensure: "absent" }, concerns: ["deletes"] }),
        ],
      },
      [
        "- no longer managed `File[/etc/motd]` (what is there stays) on",
        "- deleted where it is there: `File[/new]` on `web1.example`\n- no longer managed, and what is there stays: `File[/etc/motd]` on",
      ],
      ["- removed "],
    ],
    [
      "tells an order apart from whom a resource restarts",
      { groups: [group({ kind: "ordering", attribute: "notify" }), group({ kind: "ordering", attribute: "require" })] },
      ["`notify` (whom it restarts) on", "`require` (only the order of the run) on"],
      [],
    ],
    [
      "says of how many effects nobody knows where they come from",
      {
        groups: [group(), group({ attribute: "mode" }), group({ title: "/x" })],
        causes: [
          {
            kind: "manifest",
            name: "a.pp",
            places: [{ path: "a.pp", line: null }],
            certain: false,
            reason: "so",
            groups: [0, 1],
            resources: 1,
            nodes: 1,
          },
        ],
      },
      ["- manifest `a.pp` → 2 effects on 1 node (likely: so)\n- not known for 1 of 3 effects\n"],
      [],
    ],
    [
      "tells debt that is not the change's",
      { debt: { lint: 1 } },
      ["1 lint finding in the changed files is on base too and blocks nothing."],
      [],
    ],
  ])("%s", (_, more, says, saysNot) => {
    const body = commentBody(view(), report({ radius: { ...report().radius, nodes: more.groups?.length ?? 0 }, ...more }));
    for (const text of says) expect(body).toContain(text);
    for (const text of saysNot) expect(body).not.toContain(text);
  });

  it("folds what is not in the way, and ends with whose word lands it", () => {
    const reasons: Reason[] = [
      { rule: "merge", outcome: "pass", text: "it merges" },
      { rule: "peer", outcome: "pending", text: "one person must approve" },
      { rule: "lint", outcome: "skipped", text: "no manifest changes" },
    ];
    const told = (more: Partial<View> = {}): string =>
      commentBody(view({ verdict: { outcome: "blocked", reasons }, unblock: ["bob: approve"], ...more }), null);
    expect(told()).toContain("**To land this:**\n- bob: approve\n- then alice: say `/merge`\n");
    expect(told()).toContain(
      "- **pending** peer: one person must approve\n\n<details><summary>Other rules: 1 passed, 1 did not apply</summary>\n\n- pass merge: it merges\n- skipped lint: no manifest changes\n\n</details>",
    );
    expect(told({ opener: null })).toContain("- then its author: say `/merge`");
    expect(told({ ...standing("dora") })).not.toContain("- then ");
  });

  it("shows above the rules what nobody may overlook, and what lands by itself", () => {
    const body = commentBody(view({ ...standing("dora"), alarms: ["forged"], advice: ["it is Friday"] }), null);
    const lines = [
      "> [!CAUTION]\n> forged",
      "> [!CAUTION]\n> **Merging into `main` is stopped** since 2026-03-01 12:00 UTC, because of pull request 4: dora. Once that was looked at, somebody with admin access lifts it with `/unfreeze REASON`.",
      "> [!WARNING]\n> **A review is owed.** A peer pays by approving that pull request; until then nobody can break the glass for `main` again.\n> - pull request 3, landed by dora at 2026-03-01 12:00 UTC: dora",
      `> [!WARNING]\n> **dora broke the glass** for \`${head.slice(0, 10)}\` until 2026-03-01 12:00 UTC: dora. It needs no review`,
      `**dora wants this landed when it is ready**: \`${head.slice(0, 10)}\` by squash lands by itself once nothing is in the way.`,
      "> [!NOTE]\n> it is Friday",
      "**pending** peer: one person must approve",
    ];
    const places = lines.map((line) => body.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const { summary } = checkRunText(view({ ...standing("dora") }), null);
    expect(summary).toContain("**A review is owed.**");
  });

  it("shows on a merged change the debt that it made itself, and no other", () => {
    const shown = (number: number): string => commentBody(view({ number, state: "merged", ...standing("dora") }), null);
    expect(shown(3)).toContain("**A review is owed.**");
    expect(shown(7)).not.toContain("**A review is owed.**");
    expect(shown(4)).toContain("**Merging into `main` is stopped**");
    expect(shown(7)).not.toContain("broke the glass");
  });

  it("shows the rules as a tree, and who can unblock", () => {
    const owner = { rule: "owners", outcome: "pending" as const, text: "an owner must approve" };
    const parts = [owner, { rule: "any", outcome: "skipped" as const, text: "not asked", parts: [owner] }];
    const reasons = [
      { rule: "wide", outcome: "pending" as const, text: "an owner must approve; not asked", asks: "all" as const, parts },
      { rule: "new", outcome: "fail" as const, text: "too large", observed: true as const },
    ];
    const told = view({ verdict: { outcome: "blocked", reasons }, unblock: ["one of @acme/sre: approve"] });
    for (const text of [commentBody(told, null), checkRunText(told, null).summary]) {
      expect(text).toContain("**To land this:**\n- one of &#64;&#8203;acme/sre: approve");
      expect(text).toContain(
        "- **pending** wide: all of these\n  - **pending** owners: an owner must approve\n  - skipped any: not asked\n- observed, would be **fail**: new: too large",
      );
    }
  });

  it("tells of a choice what makes it apply, what somebody can do, and then what is not met; and that one approval is enough", () => {
    const review = { rule: "approvals", outcome: "pending" as const, text: "an admin must approve", unblock: "an admin: approve", brief };
    const parts = [{ rule: "approvals", outcome: "fail" as const, text: "nobody owns it" }, review];
    const reasons = [
      { rule: "risky", outcome: "pending" as const, text: "x", asks: "any" as const, parts, because: "a.erb", unblock: "x", brief },
      { rule: "peer", outcome: "pending" as const, text: "y", unblock: "y", brief },
    ];
    const body = commentBody(view({ verdict: { outcome: "blocked", reasons }, unblock: ["x", "y"] }), null);
    expect(body).toContain("**To land this:** One approval counts for every line that it meets.\n- x\n- y\n");
    expect(body).toContain(
      "- **pending** risky (because of a.erb): one of these is enough\n  - **pending** approvals: an admin must approve\n  - not met approvals: nobody owns it\n",
    );
    const one = commentBody(view({ verdict: { outcome: "blocked", reasons: reasons.slice(1) }, unblock: ["y"] }), null);
    expect(one).toContain("**To land this:**\n- y\n");
  });

  it("never shows a secret's values", () => {
    const body = commentBody(view(), report({ groups: [group({ kind: "secret", before: null, after: null })] }));
    expect(body).toContain("A secret changes: its values are not shown.");
  });

  it("lets nothing of a pull request become markup, a mention, a link or another block", () => {
    const answer = { comment: 1, by: "alice", command: "/merge @all `x`", accepted: false, text: evil, lines: [evil] };
    const part = { rule: evil, outcome: "unknown" as const, text: evil, unblock: evil };
    const reasons = [{ rule: evil, outcome: "fail" as const, text: evil, parts: [part] }];
    const hostileView = view({
      verdict: { outcome: "blocked", reasons },
      standing: "blocked",
      answers: [answer],
      unblock: [evil],
      alarms: [evil],
      advice: [evil],
      ...standing(evil),
      base: { ref: evil, sha: base },
    });
    const { summary, text, title } = checkRunText(hostileView, hostileReport);
    for (const body of [commentBody(hostileView, hostileReport), summary, text]) {
      const live = withoutCode(body).replaceAll(`](${limitsPage})`, "");
      expect(live).not.toMatch(/@(?!&#8203;)/u);
      expect(live).not.toMatch(/https?:|\]\(|<script/u);
      expect(live.match(/<\/details>/gu)?.length ?? 0).toBe(live.match(/<details>/gu)?.length ?? 0);
      expect(body).not.toMatch(/^# /mu);
      expect(body.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
    expect(title).toMatch(/^Blocked: x` ⏎ {2}⏎ <\/details>/u); // a plain field: GitHub makes nothing of it
    expect(title.length).toBeLessThanOrEqual(200);
  });

  it("stays within what GitHub takes, whatever the change is", () => {
    const many = Array.from({ length: 5_000 }, (_, n) =>
      group({ title: `${"é".repeat(250)}${n}`, nodes: Array.from({ length: 50 }, (_item, m) => `node${m}`) }),
    );
    const findings = Array.from({ length: 5_000 }, (_, n) => ({
      check: "lint",
      severity: "error" as const,
      path: "a.pp",
      line: n + 1,
      column: 1,
      code: "c",
      message: "ü".repeat(600),
      onChangedLine: true,
    }));
    const reasons = Array.from({ length: 300 }, (_, n) => ({ rule: `rule-${n}`, outcome: "fail" as const, text: "é".repeat(2_000) }));
    const big = report({
      groups: many,
      findings,
      nodes: Array.from({ length: 3_000 }, (_, n) => node(`n${n}`, "broken", `${"r".repeat(700)}${n}`)),
    });
    const wide = view({ verdict: { outcome: "blocked", reasons }, standing: "blocked" });
    const { summary, text } = checkRunText(wide, big);
    for (const body of [commentBody(wide, big), summary, text]) {
      expect(byteLength(body)).toBeLessThanOrEqual(longestText);
      expect(body.match(/<details>/gu)?.length ?? 0).toBe(body.match(/<\/details>/gu)?.length ?? 0);
    }
    expect(commentBody(wide, big)).toContain("Commands:");
  });

  it.each([
    ["pass", "Ready: alice can say /merge"],
    ["waiting", "Waiting for review: peer"],
    ["observed", "Only observed: does not compile +2"],
    ["checking", "Being checked"],
    ["blocked", "Blocked: does not compile"],
    ["unknown", "Blocked: node facts unknown"],
  ] as const)("has a headline for %s", (standing, title) => {
    const reasons = [
      { rule: "peer", outcome: "pending" as const, text: "", brief },
      { rule: "compile", outcome: "fail" as const, text: "" },
      { rule: "facts", outcome: "unknown" as const, text: "" },
    ];
    expect(checkRunText(view({ standing, verdict: { outcome: "blocked", reasons } }), null).title).toBe(title);
  });

  it("shows an answer whole while head and verdict are those it was given on, and one line for it after that", () => {
    const { verdict } = view();
    const given = { at: since, head, verdict: verdictDigest(verdict) };
    const lines = ["peer (pending): one person must approve"];
    const text = "refused, because of these rules";
    const answer = { comment: 1, by: "alice", command: "/merge", accepted: false, text, lines, given };
    const body = (more: Partial<View>): string => commentBody(view({ answers: [answer], ...more }), null);
    expect(body({})).toContain(`**alice said \`/merge\`:** ${text}\n`);
    expect(body({}).split("one person must approve")).toHaveLength(2);
    const line = `**alice said \`/merge\`** at 2026-03-01 12:00 UTC, on \`${head.slice(0, 10)}\`: refused then: peer (pending): one person must approve.`;
    for (const other of [{ head: base }, { verdict: { outcome: "pass" as const, reasons: [] } }]) {
      expect(body(other)).toContain(line);
      expect(body(other)).not.toContain(text);
    }
    const objection = { ...answer, text: "refused: only bob can", lines: [] };
    expect(body({ answers: [objection], head: base })).toContain(": refused then: only bob can.");
    const further = { ...answer, text: "refused: main moved; say /merge again", lines };
    expect(body({ answers: [further], head: base })).toContain(": refused then: main moved; say /merge again.");
    const { given: _, ...old } = { ...answer, command: "/why", accepted: true };
    expect(body({ answers: [old] })).toContain("**alice said `/why`** before: answered then.");
    const paid = { ...old, comment: 0, by: "bob", command: "", lasting: true as const, text: "approved this afterwards", lines: [] };
    expect(body({ answers: [paid] })).toContain("**bob** approved this afterwards.");
  });

  it("shows the newest of more answers than GitHub takes, and the rules below them all the same", () => {
    const answers = Array.from({ length: 404 }, (_, at) => ({
      comment: at,
      by: "alice",
      command: "/merge",
      accepted: false,
      lasting: true as const,
      text: `refused: answer ${at} ${"of many words ".repeat(20)}`,
      lines: [],
    }));
    const body = commentBody(view({ answers }), null);
    expect(body.length).toBeLessThan(65_535);
    expect(body).toContain("answer 403 ");
    expect(body).not.toContain("answer 200 ");
    expect(body).toMatch(/_\d+ older answers are left out; the reactions to their commands tell what became of them\._/u);
    expect(body).toContain("peer: ");
    expect(body).toContain("Commands: ");
  });

  it("says that nothing is blocked where the policy only observes, and what /merge still asks for", () => {
    const body = commentBody(view({ observed: true, standing: "observed", unblock: ["bob: approve"] }), null);
    expect(body).toContain(
      "**Nothing is blocked on GitHub:** the policy only observes this change. `/merge` obeys the rules all the same.",
    );
    expect(body).toContain("**To land it by `/merge`:**\n- bob: approve");
    expect(body).toContain("- would be **pending** peer: one person must approve");
  });

  it("says once what two rules say in the same words, and little of a rule that does not apply", () => {
    const reasons: Reason[] = [
      ...["peer", "sre"].map((rule): Reason => ({ rule, outcome: "pending", text: "one person must approve" })),
      { rule: "wide", outcome: "skipped", text: "does not apply here", when: "radius.share > 0.1" },
      { rule: "wider", outcome: "skipped", text: "does not apply here", when: "radius.share > 0.1 || …" },
    ];
    const body = commentBody(view({ verdict: { outcome: "blocked", reasons } }), null);
    expect(body).toContain("- **pending** peer: one person must approve\n- **pending** sre: as peer\n");
    expect(body).toContain("- skipped wide: applies only where `radius.share > 0.1`\n- skipped wider: does not apply here\n");
  });

  it("says in at most eight words what it waits for, and leaves out what is only observed", () => {
    const title = (reasons: readonly Reason[]): string => checkRunText(view({ verdict: { outcome: "blocked", reasons } }), null).title;
    const waits = (rule: string, says: string, of?: string): Reason => ({
      rule,
      outcome: "pending",
      text: "",
      brief: of === undefined ? { says } : { says, of },
    });
    const ci = waits("ci-done", "checks", "ci");
    expect(title([ci, { ...waits("new", "review", "new"), observed: true }])).toBe("Waiting for checks: ci");
    expect(title([waits("change", "Draft")])).toBe("Draft");
    expect(title([waits("freeze", "Waiting until Mon 00:00 UTC")])).toBe("Waiting until Mon 00:00 UTC");
    expect(title([waits("peer", "review", "peer"), waits("sre", "review", "sre"), ci])).toBe("Waiting for review: peer, sre +1");
    expect(title(["a", "b", "c"].map((name) => waits(name, "review", name)))).toBe("Waiting for review: a and 2 more");
    expect(title([waits("ci", "checks", "a check with a name of so many words")])).toBe("Waiting for checks: a check with a name…");
  });

  it("says loudly when what landed is not what was checked, and when that can't be told", () => {
    const landing = { by: "gate" as const, who: null, sha: head, trees: { checked: tree, landed: { known: true as const, value: base } } };
    expect(commentBody(view({ state: "merged", landing }), null)).toContain("> [!CAUTION]\n> **What landed is not what was checked.**");
    const unread = { ...landing, trees: { checked: tree, landed: { known: false as const, reason: "GitHub answered 500" } } };
    expect(commentBody(view({ state: "merged", landing: unread }), null)).toContain(
      "> [!WARNING]\n> Whether what landed is what was checked could not be learnt: GitHub answered 500",
    );
  });
});

/** What is left of Markdown outside code spans and fenced blocks, by the rules of CommonMark: that is where things come alive. */
function withoutCode(markdown: string): string {
  const outside: string[] = [];
  let fence = "";
  for (const line of markdown.split("\n")) {
    const marks = /^ {0,3}(?<marks>`{3,})[^`]*$/u.exec(line)?.groups?.["marks"] ?? "";
    if (fence === "" && marks !== "") fence = marks;
    else if (fence !== "" && line.trim().startsWith(fence) && /^`+$/u.test(line.trim())) fence = "";
    else if (fence === "") outside.push(line);
  }
  return outside.join("\n").replaceAll(/(?<!`)(?<ticks>`+)(?!`)[\s\S]*?(?<!`)\k<ticks>(?!`)/gu, "");
}

describe("a suggestion", () => {
  it("has a fence that its text can't close", () => {
    expect(suggestionBody("a\n```\nb")).toContain("````suggestion\na\n```\nb\n````");
  });
});

describe("annotations", () => {
  const finding = {
    check: "lint",
    severity: "warning" as const,
    path: "a.pp",
    line: 3,
    column: 1,
    code: "tabs",
    message: "a tab\u001b[31m",
    onChangedLine: true,
  };

  it("are on changed lines only, in plain text", () => {
    const findings = [
      finding,
      { ...finding, onChangedLine: false },
      { ...finding, line: null },
      { ...finding, path: null },
      { ...finding, path: '"a\\377.pp"' },
    ];
    expect(annotationsOf(report({ findings }))).toEqual([
      { path: "a.pp", start_line: 3, end_line: 3, annotation_level: "warning", title: "lint: tabs", message: "a tab‹U+001B›[31m" },
    ]);
  });

  it("are of bounded number", () => {
    expect(annotationsOf(report({ findings: Array.from({ length: 5_000 }, () => finding) }))).toHaveLength(200);
  });
});
