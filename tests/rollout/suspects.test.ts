import { describe, expect, it } from "vitest";
import { type Clue, type Evidence, evidenceOf } from "../../src/rollout/evidence.ts";
import type { LineStep } from "../../src/rollout/line.ts";
import type { NodeVerdict } from "../../src/rollout/node-verdict.ts";
import { placeIn } from "../../src/rollout/source-place.ts";
import type { Trouble } from "../../src/rollout/stage-verdict.ts";
import { clearSuspect, rank, type Trace } from "../../src/rollout/suspects.ts";
import { trailsOf } from "../../src/rollout/trail.ts";

const step = (sha: string, number: number | null = null): LineStep => ({ sha, number, solo: false, reverts: null });
const release = [step("c1", 11), step("c2", 12), step("c3")];
const clue = (more: Partial<Clue> = {}): Clue => ({ by: "event", path: "a.pp", line: 3, key: null, certain: true, ...more });
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  trouble: "touched-failed",
  resource: "File[/a]",
  nodes: 4,
  clues: [],
  ...more,
});
const trace = (how: Trace["how"], commits: string[], more: Partial<Clue> = {}): Trace => ({ clue: clue(more), how, commits });
const scores = (own: Evidence[], traces: Trace[][]): [string, number][] =>
  rank(release, own, traces).map(({ commit, score }) => [commit, score]);

describe("who is suspected", () => {
  it.each<[string, Evidence[], Trace[][], [string, number][]]>([
    ["who wrote the line that fails", [evidence()], [[trace("line", ["c2"])]], [["c2", 1]]],
    [
      "all alike where nothing points anywhere, the newest first",
      [evidence()],
      [[]],
      [
        ["c3", 0.333],
        ["c2", 0.333],
        ["c1", 0.333],
      ],
    ],
    [
      "a line before another line of the same declaration",
      [evidence()],
      [[trace("line", ["c1"]), trace("block", ["c3"])]],
      [
        ["c1", 0.571],
        ["c3", 0.429],
      ],
    ],
    [
      "a line before a file",
      [evidence()],
      [[trace("line", ["c3"]), trace("file", ["c1"])]],
      [
        ["c3", 0.8],
        ["c1", 0.2],
      ],
    ],
    [
      "each that touched the file, half each",
      [evidence()],
      [[trace("file", ["c1", "c2"])]],
      [
        ["c2", 0.5],
        ["c1", 0.5],
      ],
    ],
    [
      "by how many nodes are in trouble",
      [evidence({ nodes: 3 }), evidence({ nodes: 1 })],
      [[trace("line", ["c1"])], [trace("line", ["c2"])]],
      [
        ["c1", 0.75],
        ["c2", 0.25],
      ],
    ],
    [
      "failures before silence",
      [evidence({ nodes: 1 }), evidence({ nodes: 1, trouble: "newly-silent" })],
      [[trace("line", ["c1"])], [trace("line", ["c2"])]],
      [
        ["c1", 0.667],
        ["c2", 0.333],
      ],
    ],
    [
      "what is certain before what is likely",
      [evidence()],
      [[trace("line", ["c1"]), trace("line", ["c2"], { by: "cause", certain: false })]],
      [
        ["c1", 0.667],
        ["c2", 0.333],
      ],
    ],
    [
      "nobody by a commit that is not in the release",
      [evidence()],
      [[trace("line", ["c0"])]],
      [
        ["c3", 0.333],
        ["c2", 0.333],
        ["c1", 0.333],
      ],
    ],
    ["nobody where nothing went wrong", [], [], []],
  ])("is %s", (_, own, traces, expected) => expect(scores(own, traces)).toEqual(expected));

  it("is told with the pull request and the reasons, the weightiest first and five at most", () => {
    const own = Array.from({ length: 8 }, (_, at) => evidence({ nodes: at + 1, resource: `File[/${at}]` }));
    const [first] = rank(
      release,
      own,
      own.map(() => [trace("line", ["c1"])]),
    );
    expect(first).toMatchObject({ commit: "c1", number: 11, score: 1 });
    expect(first?.why.map(({ resource }) => resource)).toEqual(["File[/7]", "File[/6]", "File[/5]", "File[/4]", "File[/3]"]);
    expect(first?.why[0]).toEqual({ how: "line", trouble: "touched-failed", resource: "File[/7]", nodes: 8, clue: clue() });
  });

  it.each<[string, [string, number, Trace["how"] | "release"][], string | null]>([
    [
      "three quarters point to it",
      [
        ["c1", 0.75, "line"],
        ["c2", 0.25, "file"],
      ],
      "c1",
    ],
    [
      "fewer do",
      [
        ["c1", 0.74, "line"],
        ["c2", 0.26, "file"],
      ],
      null,
    ],
    [
      "it is likely for being there alone",
      [
        ["c1", 0.8, "release"],
        ["c2", 0.2, "release"],
      ],
      null,
    ],
    ["it is all that there is", [["c1", 1, "release"]], "c1"],
    ["there is none", [], null],
  ])("is clear where %s", (_, given, expected) => {
    const suspects = given.map(([commit, score, how]) => ({
      commit,
      number: 1,
      score,
      why: [{ how, trouble: "newly-failed" as const, resource: null, nodes: 1, clue: null }],
    }));
    expect(clearSuspect(suspects)?.commit ?? null).toBe(expected);
  });
});

describe("where a resource is declared", () => {
  const root = "/etc/puppetlabs/code/environments/production_canary";
  it.each<[unknown, unknown, unknown]>([
    [`${root}/site-modules/a/manifests/init.pp`, 12, { path: "site-modules/a/manifests/init.pp", line: 12 }],
    ["/srv/other/environments/production_canary/a.pp", 1, { path: "a.pp", line: 1 }],
    ["/etc/puppetlabs/code/environments/production/a.pp", 1, null],
    ["/opt/puppetlabs/puppet/modules/a/manifests/init.pp", 1, null],
    [`${root}/../production/a.pp`, 1, null],
    [`${root}/`, 1, null],
    [`${root}//a.pp`, 1, null],
    [`${root}/./a.pp`, 1, null],
    [`${root}/a\n.pp`, 1, null],
    [`${root}/a\u202e.pp`, 1, null],
    [`${root}/${"a".repeat(1001)}`, 1, null],
    [`${root}/a.pp`, 0, null],
    [`${root}/a.pp`, 1.5, null],
    [`${root}/a.pp`, "1", null],
    [`${root}/a.pp`, null, null],
    [null, 1, null],
    [["/etc"], 1, null],
  ])("is read from %j line %j", (file, line, expected) => expect(placeIn("production_canary", file, line)).toEqual(expected));
});

describe("what there is to go by", () => {
  const node = (certname: string, resources: string[], unexpected: string[] = []): NodeVerdict => ({
    certname,
    kind: "newly-failed",
    runs: 2,
    resources,
    touched: true,
    unexpected,
    producer: null,
    before: { changed: [], runs: 1 },
  });
  const trouble = (kind: Trouble["kind"], certnames: string[], resources: string[] = []): Trouble => ({
    kind,
    certnames,
    resources,
    tolerated: 0,
  });
  const trails = {
    resources: [
      {
        resource: "File[/a]",
        steps: [
          { by: "declared" as const, path: "a.pp", line: 3, key: null, certain: false },
          { by: "cause" as const, path: "data/a.yaml", line: 1, key: "a::mode", certain: false },
        ],
      },
    ],
    failures: [{ path: "b.pp", line: 7 }],
    more: 0,
  };
  const classes = [{ certnames: ["n1", "n2"], touched: ["File[/a]", "Service[a]"] }];
  const found = { nodes: [node("n1", ["File[/a]"]), node("n2", ["File[/a]", "Exec[x]"])], places: new Map(), classes, trails };

  it("is what agents and the review say of each resource, once, those on most nodes first", () => {
    const places = new Map([["File[/a]", [{ path: "a.pp", line: 3 }]]]);
    const told = evidenceOf({ ...found, places, troubles: [trouble("touched-failed", ["n1", "n2"], ["Exec[x]", "File[/a]"])] });
    expect(told.map(({ resource, nodes, clues }) => [resource, nodes, clues.map(({ by, path, line }) => `${by} ${path}:${line}`)])).toEqual(
      [
        ["File[/a]", 2, ["event a.pp:3", "cause data/a.yaml:1"]],
        ["Exec[x]", 1, []],
      ],
    );
  });

  it("is where the review saw catalogs fail, for those that fail now", () => {
    expect(evidenceOf({ ...found, troubles: [trouble("compile-failed", ["n1"])] })).toEqual([
      { trouble: "compile-failed", resource: null, nodes: 1, clues: [{ by: "compile", path: "b.pp", line: 7, key: null, certain: true }] },
    ]);
  });

  it("is what changes nodes of their kind, for nodes that say nothing", () => {
    const told = (certnames: string[]): string[] =>
      evidenceOf({ ...found, troubles: [trouble("newly-silent", certnames)] }).flatMap(({ clues }) =>
        clues.map(({ by, path }) => `${by} ${path}`),
      );
    expect(told(["n1"])).toEqual(["kind a.pp", "kind data/a.yaml"]);
    expect(told(["n9"])).toEqual([]);
  });

  it("is nothing where the review is not kept", () => {
    const told = evidenceOf({ ...found, trails: null, troubles: [trouble("unexpected-change", ["n1"], ["File[/z]"])] });
    expect(told).toEqual([{ trouble: "unexpected-change", resource: "File[/z]", nodes: 1, clues: [] }]);
  });
});

describe("what the review leaves behind", () => {
  const group = (title: string, more: object = {}): never =>
    ({
      type: "File",
      title,
      attribute: "content",
      change: "changed",
      kind: "system",
      nodes: ["n1"],
      source: { path: "a.pp", line: 3 },
      ...more,
    }) as never;
  const cause = (groups: number[], more: object = {}): never =>
    ({ kind: "data", name: "a::b", places: [{ path: "d.yaml", line: 2 }], certain: true, groups, ...more }) as never;
  const restart = (cause_: string): never => ({ type: "Service", title: "s", cause: cause_, nodes: 1, certnames: ["n1"] }) as never;

  it("is where each resource is declared and comes from, and the same of what it restarts", () => {
    const seen = {
      groups: [group("/a"), group("/b", { kind: "ordering" })],
      causes: [cause([0, 9])],
      findings: [],
      radius: { restarts: [restart("File[/a] changes")] },
    };
    const steps = [
      { by: "cause", path: "d.yaml", line: 2, key: "a::b", certain: true },
      { by: "declared", path: "a.pp", line: 3, key: null, certain: false },
    ];
    expect(trailsOf(seen)).toEqual({
      resources: [
        { resource: "File[/a]", steps },
        { resource: "Service[s]", steps },
      ],
      failures: [],
      more: 0,
    });
  });

  it("is bounded, and says by how much", () => {
    const groups = Array.from({ length: 2_003 }, (_, at) => group(`/${at}`));
    const findings = [
      { check: "compile", severity: "error", path: "a.pp", line: 1 },
      { check: "lint", severity: "error", path: "a.pp", line: 1 },
    ] as never[];
    const { resources, failures, more } = trailsOf({ groups, findings, radius: { restarts: [] } });
    expect([resources.length, more, failures]).toEqual([2_000, 3, [{ path: "a.pp", line: 1 }]]);
  });
});
