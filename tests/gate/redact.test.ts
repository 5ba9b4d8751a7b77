import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../src/catalog/effects.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { redacted } from "../../src/gate/redact.ts";
import type { Report } from "../../src/gate/report.ts";

const secret = "hunter2hunter2";
const taints = new Taints();
taints.add(secret);

const group = (over: Partial<EffectGroup>): EffectGroup => ({
  type: "File",
  title: "/etc/app",
  attribute: "content",
  change: "changed",
  kind: "system",
  before: "a",
  after: "b",
  nodes: ["web1"],
  source: null,
  ...over,
});
const report = (groups: EffectGroup[]): Report => ({
  schema: "puppet-gate/report@1",
  base: { ref: "main", sha: null },
  head: { ref: "change", sha: null },
  tree: null,
  verdict: { outcome: "blocked", reasons: [{ rule: "compile", outcome: "fail", text: `broken: ${secret}` }] },
  findings: [
    {
      check: "compile",
      severity: "error",
      path: null,
      line: null,
      column: null,
      code: "x",
      message: `says ${secret}`,
      onChangedLine: false,
    },
  ],
  debt: { lint: 0 },
  nodes: [{ certname: "web1", outcome: "broken", reason: `fail(${secret})`, services: [], datacentre: null, cached: false }],
  groups,
  radius: {
    nodes: 1,
    share: 1,
    services: [],
    datacentres: [],
    restarts: [{ type: "Service", title: `app ${secret}`, nodes: 1, cause: `Exec[${secret}] changes` }],
    size: "fleet",
  },
  timing: {},
});

describe("secrets that were parsed without knowing them", () => {
  const cases: Array<[string, Partial<EffectGroup>, Partial<EffectGroup>]> = [
    ["only base said Sensitive", { before: null, after: `pw=${secret}` }, { before: null, after: null, kind: "secret" }],
    ["only head said Sensitive", { before: secret, after: null }, { before: null, after: null, kind: "secret" }],
    ["in base64", { after: `Basic ${Buffer.from(secret).toString("base64")}` }, { before: null, after: null, kind: "secret" }],
    ["inside a hash", { after: { user: "app", password: secret } }, { before: null, after: null, kind: "secret" }],
    ["in a title", { title: `/srv/${secret}` }, { title: "/srv/[secret]", before: "a", after: "b", kind: "system" }],
    [
      "in one attribute of a new resource",
      { attribute: null, change: "added", before: null, after: { mode: "0644", content: secret } },
      { before: null, after: { mode: "0644", content: null }, kind: "system" },
    ],
    ["of a class's parameter", { kind: "class-parameter", after: secret }, { after: null, kind: "class-parameter" }],
    ["inside a list", { after: ["a", secret] }, { before: null, after: null, kind: "secret" }],
    [
      "inside a list of a new resource",
      { attribute: null, before: null, after: { a: ["x", secret], b: [{ c: secret, d: "e" }] } },
      { before: null, after: { a: ["x", null], b: [{ c: null, d: "e" }] }, kind: "system" },
    ],
    [
      "in a name of a new resource's hash",
      { attribute: null, before: null, after: { [secret]: "x" } },
      { before: null, after: { "[secret]": "x" }, kind: "system" },
    ],
    ["nothing in a list", { before: ["a"], after: ["a", "b", null, 1, true] }, { after: ["a", "b", null, 1, true], kind: "system" }],
    ["nothing in a hash", { before: null, after: { a: { b: ["c"] }, d: null } }, { after: { a: { b: ["c"] }, d: null }, kind: "system" }],
    ["nothing to hide", {}, { before: "a", after: "b", kind: "system" }],
  ];
  it.each(cases)("%s", (_, given, expected) => {
    const shown = redacted(report([group(given)]), taints);
    expect(shown.groups[0]).toMatchObject(expected);
    expect(JSON.stringify(shown)).not.toContain(secret);
  });

  it("replaces them in every sentence", () => {
    const shown = redacted(report([]), taints);
    expect(shown.verdict.reasons[0]?.text).toBe("broken: [secret]");
    expect(shown.nodes[0]?.reason).toBe("fail([secret])");
    expect(shown.radius.restarts[0]).toMatchObject({ title: "app [secret]", cause: "Exec[[secret]] changes" });
    expect(shown.findings[0]?.message).toBe("says [secret]");
  });

  it("leaves names as they are, and offers no mending with a secret in it", () => {
    const offer = (text: string): NonNullable<Report["suggestions"]>[number] =>
      ({ path: `manifests/${secret}.pp`, line: 1, text }) as unknown as NonNullable<Report["suggestions"]>[number];
    const given = { ...report([]), tree: secret, suggestions: [offer("a clean line"), offer(`a line with ${secret}`)] };
    const shown = redacted(given, taints);
    expect(shown.tree).toBe(secret);
    expect(shown.suggestions).toEqual([offer("a clean line")]);
    expect(redacted(report([]), taints)).not.toHaveProperty("suggestions");
  });
});

describe("names that the gate finds things by again", () => {
  /** All of what may hold a text, each with a secret for it; what is no name is in `texts`. */
  const everywhere = (text: string): Report => ({
    ...report([]),
    schema: text as Report["schema"],
    base: { ref: text, sha: text },
    tree: text,
    verdict: { outcome: text as "pass", reasons: [{ rule: text, outcome: text as "pass", text }] },
    findings: [
      { check: text, severity: text as "error", path: text, line: null, column: null, code: text, message: text, onChangedLine: false },
    ],
    nodes: [{ certname: text, outcome: text as "broken", reason: text, services: [text], datacentre: text, cached: false }],
    groups: [
      group({
        type: text,
        attribute: text,
        change: text as "changed",
        kind: text as "system",
        nodes: [text],
        concerns: [text as "sudo"],
        title: text,
        note: text,
      }),
    ],
    radius: {
      nodes: 1,
      share: 1,
      services: [text],
      datacentres: [text],
      restarts: [{ type: text, title: text, nodes: 1, cause: text, certnames: [text] }],
      capacity: [{ service: text, datacentre: text, nodes: 1, changing: 1, restarting: 1 }],
      size: text as "fleet",
    },
    modules: [
      {
        name: text,
        before: text,
        after: text,
        line: null,
        commits: null,
        files: [{ path: text, status: text as "added" }],
        moreFiles: 0,
      },
    ],
    coverage: { ...({} as NonNullable<Report["coverage"]>), unseen: [{ what: text, nodes: [text], reason: text } as never] },
  });
  const places = (value: unknown, path = ""): string[] => {
    if (typeof value === "string") return value === secret ? [path] : [];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, each]) => places(each, Array.isArray(value) ? path : `${path}.${key}`));
  };

  it("stay, and nothing else does", () => {
    const kept = places(redacted(everywhere(secret), taints));
    const texts = [".modules.name", ".modules.before", ".modules.after", ".coverage.unseen.reason"];
    const others = [".verdict.reasons.text", ".findings.message", ".nodes.reason", ".radius.restarts.title", ".radius.restarts.cause"];
    const told = new Set([...texts, ...others, ".groups.title", ".groups.note", ".head.ref"]);
    expect([...new Set(kept)].sort()).toEqual([...new Set(places(everywhere(secret)).filter((path) => !told.has(path)))].sort());
    expect(kept).toContain(".coverage.unseen.what");
  });
});
