import { describe, expect, it } from "vitest";
import type { EffectGroup } from "../../../src/catalog/effects.ts";
import type { DraftTold } from "../../../src/catalog/expect/draft-told.ts";
import { faultsOfExamples } from "../../../src/catalog/expect/examples.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import { draftFor, type WentWrong } from "../../../src/engine/expect/drafting.ts";
import type { Draft as Entry } from "../../../src/ledger/entry.ts";
import { draftOfHalt, keepDraftOfHalt, tellReverts, type TellDraftsPorts } from "../../../src/engine/expect/tell-drafts.ts";
import type { Checked } from "../../../src/gate/facts.ts";
import type { Event } from "../../../src/rollout/effects.ts";
import type { Trouble } from "../../../src/rollout/stage-verdict.ts";
import { startEvaluator } from "../../../src/wiring/expectations.ts";
import { checked } from "../../gate/world.ts";
import { memoryLog, origin } from "../stand-ins/world.ts";

/** What is drafted of a change after something went wrong with it. */
type Halted = Extract<Event, { kind: "halted" }>;

const group = (type: string, title: string, more: Partial<EffectGroup> = {}): EffectGroup => ({
  type,
  title,
  attribute: "ensure",
  change: "changed",
  kind: "system",
  before: "1.18",
  after: "1.24",
  nodes: ["web01", "web02"],
  source: null,
  ...more,
});
const restarts = [{ type: "Service", title: "nginx", nodes: 2, cause: "File[/etc/nginx.conf] changes" }];
const groups = [
  group("Package", "nginx"),
  group("File", "/etc/nginx.conf", { attribute: "content", before: "a".repeat(500), after: "b".repeat(500) }),
  group("Firewall", "100 ssh", { attribute: "dport", before: "22", after: "2222", concerns: ["firewall"], nodes: ["web01"] }),
  group("Mysql_user", "app", { attribute: "password_hash", before: "hunter2", after: "hunter3" }),
  group("File", "/etc/key", { attribute: "content", kind: "secret", before: null, after: null }),
  group("Sysctl", "gone", { attribute: null, change: "removed", before: { value: 1, password: "hunter2" }, after: null }),
];
const radius = { nodes: 2, share: 0.5, services: ["web"], datacentres: ["lon"], restarts, size: "small" as const };
const change = checked({ groups, radius });
const trouble = (kind: Trouble["kind"], ...resources: string[]): Trouble => ({ kind, certnames: ["web01"], resources, tolerated: 0 });
const halted = (troubles: readonly Trouble[], more: Partial<Halted> = {}): Halted => ({
  kind: "halted",
  lane: "canary",
  release: "a".repeat(40),
  halt: { why: { kind: "verdict", verdict: { kind: "failed", troubles, counts: {} } }, at: 0 },
  affected: [{ name: "web", owners: ["@acme/web"], runbook: null, nodes: 1 }],
  ...more,
});
const halt = (...troubles: Trouble[]): WentWrong => ({ cause: "halt", event: halted(troubles) });
const revert: WentWrong = { cause: "revert", by: 9, commit: "c".repeat(40) };

function drafting(kept: Checked | null = change): Parameters<typeof draftFor>[0] & ReturnType<typeof memoryLog> {
  const log = memoryLog();
  return {
    ...log,
    records: { lastCheckedOf: async () => kept, showChange: async () => ({ about: { opener: "alice" } }) },
    start: startEvaluator,
  };
}
const draft = async (wrong: WentWrong, kept: Checked | null = change): Promise<DraftTold> => draftFor(drafting(kept), origin, 7, wrong);

/** Its file is what `expect test` takes. */
function tested(told: DraftTold): string {
  if (told.kind === "none") throw new Error(told.why);
  const loaded = loadExpectation(told.text, told.path);
  if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.problems)}\n${told.text}`);
  expect(faultsOfExamples(loaded.expectation)).toEqual([]);
  expect(told.path).toBe(`expectations/${loaded.expectation.name}.yml`);
  return told.text;
}

describe("what is drafted of a halt", () => {
  it.each([
    ["Package[nginx]", 'catalog.text("Package", "nginx", "ensure") != "1.24"', "block"],
    ["File[/etc/nginx.conf]", '!changes.exists(c, c.ref == "File[/etc/nginx.conf]")', "approval"],
    ["Service[nginx]", '!("Service[nginx]" in restarts)', "approval"],
    ["File[/etc/key]", '!changes.exists(c, c.ref == "File[/etc/key]")', "approval"],
    ["Mysql_user[app]", '!changes.exists(c, c.ref == "Mysql_user[app]")', "approval"],
    ["Sysctl[gone]", '!changes.exists(c, c.ref == "Sysctl[gone]")', "approval"],
  ])("over %s: tried on its examples, with what happened", async (resource, expression, severity) => {
    const told = await draft(halt(trouble("touched-failed", resource)));
    expect(told).toMatchObject({ kind: "drafted", resource, severity, others: [] });
    const text = tested(told);
    expect(text.replaceAll(/\s+/gu, " ")).toContain(expression);
    expect(text).toContain(`The lane canary stood still over ${resource} after #7 had landed.`);
    expect(text).toContain("as #7 had it when the lane canary stood still");
    expect(text).toContain("@acme/web");
    expect(text).not.toContain("hunter");
  });

  it("takes first what made this change a suspect", async () => {
    const why = [{ how: "line" as const, trouble: "touched-failed" as const, resource: "Service[nginx]", nodes: 1, clue: null }];
    const event = halted([trouble("touched-failed", "Package[nginx]", "Service[nginx]")], {
      suspects: [{ commit: "a".repeat(40), number: 7, score: 1, why }],
    });
    expect(await draft({ cause: "halt", event })).toMatchObject({ resource: "Service[nginx]" });
  });

  it("takes what may have cut off nodes that fell silent", async () =>
    expect(await draft(halt(trouble("newly-silent")))).toMatchObject({ resource: "Firewall[100 ssh]", severity: "block" }));

  it.each<[string, WentWrong, Checked | null, string]>([
    ["no catalog came of it", halt(trouble("compile-failed")), change, "compile"],
    ["the fleet got other catalogs", halt(trouble("catalog-differs", "File[/x]")), change, "differs"],
    ["it does nothing to what failed", halt(trouble("newly-failed", "Exec[reload]")), change, "untouched"],
    ["silence that nothing explains", halt(trouble("newly-silent")), checked({ groups: groups.slice(0, 1) }), "silent"],
    ["nothing was checked", halt(trouble("newly-failed", "Package[nginx]")), null, "unchecked"],
    ["the change conflicts", halt(trouble("newly-failed", "Package[nginx]")), checked({ tree: null }), "unchecked"],
    ["it does nothing", revert, checked(), "quiet"],
    ["names no file has", halt(trouble("newly-failed", "File[\ud800]")), checked({ groups: [group("File", "\ud800")] }), "untouched"],
  ])("is nothing where %s", async (_, wrong, kept, why) => expect(await draft(wrong, kept)).toEqual({ kind: "none", why }));

  it("is another one than those that are there already, and did not catch it", async () => {
    const name = "package-nginx-ensure-not-as-it-failed";
    const there = { name, path: "expectations/a.yml", outcome: "holds" };
    const kept = checked({ groups, radius, expectations: [there, { ...there, name: `${name}-2` }] as never });
    expect(await draft(halt(trouble("touched-failed", "Package[nginx]")), kept)).toMatchObject({ name: `${name}-3` });
  });

  it.each(["'; DROP", 'a"b\\c', "${x}`y`", "ü\u202ey", "x\n- y: z", "]]>", "a".repeat(480)])(
    "is a file of its own whatever a title holds: %j",
    async (title) => {
      for (const of of [group("File", title), group("File", title, { attribute: null, change: "added", before: null, after: {} })]) {
        const told = await draft(halt(trouble("touched-failed", `File[${title}]`)), checked({ groups: [of] }));
        expect(tested(told)).toContain("severity:");
      }
    },
  );

  it("is said once of each expectation, and kept", async () => {
    const saved: { key: string; name: string | null }[] = [];
    const ports = drafting();
    const entries: Entry[] = [];
    const records = { ...ports.records, toldDrafts: async () => saved.map((one) => ({ ...one, cause: "halt" as const })) };
    const keepTold: TellDraftsPorts["keepTold"] = async (_, one, drafts) => {
      saved.push(one);
      entries.push(...drafts);
    };
    const first = halted([trouble("touched-failed", "Package[nginx]")]);
    const told = await draftOfHalt({ ...ports, records }, origin, 7, first);
    if (told === null) throw new Error("nothing was drafted");
    await keepDraftOfHalt({ keepTold }, origin, 7, { event: first, draft: told });
    expect(entries).toMatchObject([
      { kind: "expectation-drafted", subject: "pull/7", actor: null, key: `expectation-drafted:pull/7:halt:canary:${"a".repeat(40)}` },
    ]);
    expect(JSON.parse(entries[0]?.evidence[0] ?? "")).toMatchObject({
      name: "package-nginx-ensure-not-as-it-failed",
      resource: "Package[nginx]",
      lane: "canary",
      release: "a".repeat(40),
    });
    await keepDraftOfHalt({ keepTold }, origin, 8, { event: first, draft: { kind: "none", why: "silent" } });
    expect(entries).toHaveLength(1);
    saved.pop();
    expect(saved).toMatchObject([{ key: `halt:canary:${"a".repeat(40)}`, name: "package-nginx-ensure-not-as-it-failed" }]);
    // Of the next lane the same is no news; told again after a kill, it is the same.
    expect(await draftOfHalt({ ...ports, records }, origin, 7, { ...first, lane: "lon" })).toBeNull();
    expect(await draftOfHalt({ ...ports, records }, origin, 7, first)).toEqual(told);
    const person = { kind: "person" as const, by: { id: 7, name: "sre" }, reason: "odd" };
    expect(await draftOfHalt({ ...ports, records }, origin, 7, { ...first, halt: { why: person, at: 0 } })).toBeNull();
  });
});

describe("what is drafted of a revert", () => {
  const reverting = (
    more: Partial<{ isRevert: boolean; told: { key: string; cause: "halt"; name: string | null }[]; failing: Error; kept: Checked }> = {},
  ): { ports: TellDraftsPorts; said: string[]; saved: unknown[]; entries: string[] } => {
    const said: string[] = [];
    const entries: string[] = [];
    const saved: unknown[] = [];
    const base = drafting(more.kept ?? change);
    const row = { number: 7, commit: "c".repeat(40), by: 9, key: `revert:${"c".repeat(40)}`, isRevert: more.isRevert ?? false };
    const ports: TellDraftsPorts = {
      ...base,
      records: {
        ...base.records,
        untoldReverts: async () => (saved.length === 0 ? [row] : []),
        toldDrafts: async () => more.told ?? [],
      },
      keepTold: async (_, one, drafts) => {
        saved.push([one.key.slice(0, 8), one.cause, one.name]);
        entries.push(...drafts.map(({ kind, subject }) => `${kind} ${subject}`));
      },
      say: async (_, { number }, told) => {
        if (more.failing !== undefined) throw more.failing;
        said.push(`${number} ${told.resource} ${told.others.join(",")}`);
      },
      explain: (error) => (error instanceof TypeError ? { text: "away", after: 0 } : null),
      now: () => new Date(0),
    };
    return { ports, said, saved, entries };
  };
  const name = "firewall-100-ssh-dport-not-as-it-failed";

  it("is of what deserves a second look, and names the others", async () => {
    const told = await draft(revert);
    expect(told).toMatchObject({
      resource: "Firewall[100 ssh]",
      others: ["Package[nginx]", "File[/etc/nginx.conf]", "Mysql_user[app]", "File[/etc/key]", "Sysctl[gone]"],
    });
    expect(tested(told)).toContain("#7 landed with Firewall[100 ssh], and #9 had to take it back.");
  });

  it("is said once in the pull request that was taken back", async () => {
    const { ports, said, saved, entries } = reverting();
    for (let times = 0; times < 2; times += 1) await tellReverts(ports, origin);
    expect(said).toEqual(["7 Firewall[100 ssh] Package[nginx],File[/etc/nginx.conf],Mysql_user[app],File[/etc/key],Sysctl[gone]"]);
    expect(saved).toEqual([["revert:c", "revert", name]]);
    expect(entries).toEqual(["expectation-drafted pull/7"]);
  });

  it.each<[string, Parameters<typeof reverting>[0], unknown]>([
    ["a revert was taken back", { isRevert: true }, null],
    ["a halt drafted it", { told: [{ key: "halt:canary:a", cause: "halt", name: "other" }] }, "other"],
    ["a halt could not", { told: [{ key: "halt:canary:a", cause: "halt", name: null }] }, null],
    ["no catalog shows anything", { kept: checked() }, null],
  ])("is not said where %s", async (_, more, kept) => {
    const { ports, said, saved, entries } = reverting(more);
    await tellReverts(ports, origin);
    expect([said, saved, entries]).toEqual([[], [["revert:c", "revert", kept]], []]);
  });

  it("is said later where GitHub is away, and a fault of the gate is one", async () => {
    const { ports, saved } = reverting({ failing: new TypeError("away") });
    await tellReverts(ports, origin);
    expect(saved).toEqual([]);
    await expect(tellReverts(reverting({ failing: new Error("fault") }).ports, origin)).rejects.toThrow("fault");
  });
});
