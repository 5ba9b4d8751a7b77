import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStoredReports } from "../../src/fleet/stored-reports.ts";

// What Puppet 7.23 stored of two runs, as it is.
const stored = (name: string): string => readFileSync(join(import.meta.dirname, "reports", `${name}.report`), "utf8");
const failed = stored("failed");
const healthy = failed
  .replace("status: failed", "status: unchanged")
  .replaceAll("    failed: true", "    failed: false")
  .replaceAll("status: failure", "status: audit")
  .replaceAll("status: success", "status: audit");

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "puppet-gate-reports-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = Date.UTC(2026, 10, 22, 12, 30);
const at = (minute: number, second = 0): number => Date.UTC(2026, 10, 22, 12, minute, second);
const web01 = "web01.example.com";

/** Puts a report as of this minute past twelve, written in its thirtieth second. */
function put(minute: number, text: string, certname = web01, second = 30): string {
  const path = join(folder, certname, `2026112212${String(minute).padStart(2, "0")}.yaml`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.replaceAll(web01, certname));
  utimesSync(path, at(minute, second) / 1000, at(minute, second) / 1000);
  return path;
}

async function ask(since = at(0), environment = "production") {
  const told = await createStoredReports(folder, 1e6, () => now).since(environment, since);
  if (!told.known) throw new Error(told.reason);
  return told.value;
}

const reasonOf = async (environment = "production"): Promise<string> => {
  const told = await createStoredReports(folder, 1e6, () => now).since(environment, at(0));
  return told.known ? "known" : `${told.reason}; ${told.way}`;
};

describe("stored reports", () => {
  it("tell what a run did, and nothing of its messages and values", async () => {
    put(10, failed);
    const told = await ask();
    expect(told).toEqual({
      active: null,
      now,
      unread: new Map(),
      runs: [
        {
          certname: web01,
          id: `${web01}/202611221210.yaml`,
          environment: "production",
          status: "failed",
          version: "1795376129",
          cached: "not_used",
          noop: false,
          noopPending: true,
          producer: null,
          producedAt: at(10, 30),
          took: 260,
          failed: ["Exec[bad]", "Exec[multi]"],
          changed: [
            { resource: "File[/mnt/a]", property: "ensure" },
            { resource: "Notify[a Linux: 'q' # yes]", property: "message" },
            { resource: "Exec[true]", property: "returns" },
            { resource: "Exec[r]", property: "refresh" },
            { resource: "Exec[rf]", property: "returns" },
            { resource: "Exec[rf]", property: "refresh" },
          ],
        },
      ],
    });
  });

  const variants: [string, (text: string) => string, object][] = [
    [
      "a catalog of before",
      (text) => text.replace("cached_catalog_status: not_used", "cached_catalog_status: on_failure"),
      { cached: "on_failure" },
    ],
    ["noop", (text) => text.replace("\nnoop: false", "\nnoop: true"), { noop: true }],
    ["no catalog", (text) => text.replace(/configuration_version: .*/u, "configuration_version:"), { version: "" }],
    ["a version in quotes", (text) => text.replace(/configuration_version: .*/u, "configuration_version: '0123'"), { version: "0123" }],
    [
      "a commit that looks like a number",
      (text) => text.replace(/configuration_version: .*/u, "configuration_version: 1234e56"),
      { version: "1234e56" },
    ],
    [
      "its compiler",
      (text) => text.replace("catalog_uuid:", "server_used: puppet1.example.com:8140\ncatalog_uuid:"),
      { producer: "puppet1.example.com" },
    ],
    [
      "its compiler's older name",
      (text) => text.replace("catalog_uuid:", "master_used: puppet1:8140\ncatalog_uuid:"),
      { producer: "puppet1" },
    ],
    ["failed without a failed resource", () => healthy.replace("status: unchanged", "status: failed"), { failed: ["Stage[main]"] }],
    ["a failed restart", () => healthy.replace("failed_to_restart: false", "failed_to_restart: true"), { failed: ["File[/mnt/a]"] }],
    [
      "a message that ends in empty lines",
      (text) => `${text.replace(/message: .*\n/u, "message: |+\n    one\n\n\n")}...\n`,
      { failed: ["Exec[bad]", "Exec[multi]"] },
    ],
    ["a dependency cycle", () => stored("cycle"), { failed: ["Notify[x]", "Notify[y]"], changed: [] }],
    ["nothing to do", () => healthy, { status: "unchanged", failed: [], changed: [] }],
    [
      "no resources",
      (text) => text.replace(/\nresource_statuses:\n[^]*\ncorrective/u, "\nresource_statuses: {}\ncorrective"),
      { failed: ["Stage[main]"] },
    ],
  ];
  it.each(variants)("say of %s what it was", async (_, change, expected) => {
    put(10, change(failed));
    expect((await ask()).runs).toMatchObject([expected]);
  });

  it.each([
    ["within the minute of the name", 30, at(10, 30)],
    ["after it, as of a copy", 90, at(10)],
    ["before it", -1, at(10)],
  ])("arrived when the file's own time says, %s", async (_, second, expected) => {
    put(10, failed, web01, second);
    expect((await ask()).runs[0]?.producedAt).toBe(expected);
  });

  it("are those of the environment and the time that is asked for", async () => {
    for (const minute of [5, 10, 15]) put(minute, healthy);
    put(20, healthy.replace("environment: production", "environment: canary"));
    expect((await ask(at(10, 29))).runs.map(({ producedAt }) => producedAt)).toEqual([at(10, 30), at(15, 30)]);
    expect((await ask(at(10, 30))).runs.map(({ producedAt }) => producedAt)).toEqual([at(15, 30)]);
    expect((await ask(at(0), "canary")).runs.map(({ producedAt }) => producedAt)).toEqual([at(20, 30)]);
  });

  it("are left alone where they are none", async () => {
    put(10, healthy);
    writeFileSync(join(folder, "README"), "");
    writeFileSync(join(folder, web01, "summary.yaml"), "");
    writeFileSync(join(folder, web01, ".202611221211.yaml.123"), "half");
    mkdirSync(join(folder, "..hidden"));
    mkdirSync(join(folder, "Not A Node"));
    expect(await ask()).toMatchObject({ runs: [{ producedAt: at(10, 30) }], unread: new Map() });
  });
});

describe("a stored report that can't be read", () => {
  const damages: [string, (text: string) => string, string][] = [
    ["is empty", () => "", "not written whole"],
    ["ends within its head", (text) => text.slice(0, 150), "not written whole"],
    ["ends within a message", (text) => text.slice(0, text.indexOf("instead")), "not written whole"],
    ["ends between two resources", (text) => text.slice(0, text.indexOf("  Exec[bad]:")), "not written whole"],
    ["lacks its last line", (text) => text.slice(0, text.indexOf("cached_catalog_status")), "not written whole"],
    ["lacks the end of its last line", (text) => text.slice(0, -1), "not written whole"],
    ["was filled with zeros", (text) => text.slice(0, 5000).padEnd(9000, "\0"), "not written whole"],
    ["is another file", () => "some: thing\n", "no report in the form"],
    ["is JSON", () => "{}\n", "no report in the form"],
    ["is of another node", (text) => text.replaceAll(web01, "db01"), 'it is one of "db01"'],
    [
      "has no time taken",
      (text) => text.replace("- - total\n      - Total\n      - 0.259627199", "- - all\n      - Total\n      - 1"),
      "how long the run took",
    ],
    ["took less than no time", (text) => text.replace("- 0.259627199", "- -3.5"), "how long the run took"],
    ["has a status that Puppet has not", (text) => text.replace("status: failed", "status: fine"), "its status"],
    ["is of Puppet 3", (text) => text.replace("report_format: 12", "report_format: 4"), "its report_format"],
    ["says one thing twice", (text) => text.replace("noop: false", "noop: false\nnoop: true"), "has noop twice"],
    ["has resources in another form", (text) => text.replace("    failed: true", "    failed: maybe"), "not in the form"],
    ["has events in another form", (text) => text.replace("    events: []", "    events: {}"), "not in the form"],
    ["has other bytes than text", (text) => text.replace("Linux", "\u00ff"), "no UTF-8"],
  ];

  it.each(damages)("and %s, makes its node as good as silent, by name", async (_, damage, why) => {
    put(5, healthy);
    put(5, healthy, "db01");
    const path = put(10, "");
    writeFileSync(path, damage(failed), "latin1");
    const { runs, unread } = await ask();
    expect(runs.map(({ certname }) => certname)).toEqual(["db01"]);
    expect([...unread]).toEqual([[web01, expect.stringContaining(why) as string]]);
    expect(unread.get(web01)).toContain(path);
  });

  it("hides no trouble of before, and nothing once a later one can be read", async () => {
    put(5, failed);
    put(10, "torn");
    expect(await ask()).toMatchObject({
      runs: [{ status: "failed", producedAt: at(5, 30) }],
      unread: new Map([[web01, expect.anything() as string]]),
    });
    put(15, healthy);
    expect(await ask()).toMatchObject({ runs: [{ status: "failed" }, { status: "unchanged" }], unread: new Map() });
  });

  it("is no matter of an environment that it does not name", async () => {
    put(5, healthy);
    put(10, failed.replace("environment: production", "environment: canary").slice(0, 5000));
    expect(await ask()).toMatchObject({ runs: [{ status: "unchanged" }], unread: new Map() });
    expect(await reasonOf("canary")).toContain("no node's newest report of canary can be read");
  });

  it("is a link, a folder or too large a file", async () => {
    put(5, healthy, "db01");
    const elsewhere = mkdtempSync(join(tmpdir(), "puppet-gate-reports-"));
    try {
      const target = join(elsewhere, "202611221210.yaml");
      writeFileSync(target, healthy);
      mkdirSync(join(folder, "linked01"));
      symlinkSync(target, join(folder, "linked01", "202611221210.yaml"));
      symlinkSync(elsewhere, join(folder, "linked02"));
      mkdirSync(join(folder, "folder01", "202611221210.yaml"), { recursive: true });
      truncateSync(put(10, healthy, "large01"), 9 * 2 ** 20);
      const { runs, unread } = await ask();
      expect(runs.map(({ certname }) => certname)).toEqual(["db01"]);
      expect(Object.fromEntries(unread)).toEqual({
        folder01: expect.stringContaining("no regular file") as string,
        large01: expect.stringContaining("more than 8 MiB") as string,
        linked01: expect.stringContaining("no regular file") as string,
        linked02: expect.stringContaining("no folder") as string,
      });
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe("a folder of stored reports", () => {
  it.each<[string, () => void, string]>([
    ["is not there", () => rmSync(folder, { recursive: true }), "there is no such file or folder"],
    ["holds none", () => mkdirSync(join(folder, web01)), "holds no stored reports; name the server's `reportdir`"],
    ["has one of the future", () => put(33, healthy), "3 minutes in the future by this machine's clock; set the clocks"],
    ["has none that can be read", () => put(10, "torn"), "no node's newest report of production can be read"],
  ])("that %s tells nothing", async (_, prepare, reason) => {
    prepare();
    expect(await reasonOf()).toContain(reason);
  });

  it("is read again only where it is another one", async () => {
    const first = put(5, healthy);
    const second = put(10, healthy);
    // By this clock every file was written long ago.
    let clock = Date.now() + 60_000;
    const source = createStoredReports(folder, 1e6, () => clock);
    const runs = async () => {
      const told = await source.since("production", at(0));
      return told.known ? told.value.runs : [];
    };
    const before = await runs();
    const again = await runs();
    expect(again.map(({ failed }, index) => failed === before[index]?.failed)).toEqual([true, true]);
    put(11, failed);
    renameSync(join(folder, web01, "202611221211.yaml"), second);
    utimesSync(second, at(10, 30) / 1000, at(10, 30) / 1000);
    const after = await runs();
    expect(after.map(({ status }) => status)).toEqual(["unchanged", "failed"]);
    expect(after[0]?.failed).toBe(before[0]?.failed);
    rmSync(first);
    expect((await runs()).map(({ status }) => status)).toEqual(["failed"]);
    clock += 7_200_000;
    expect((await runs())[0]?.failed).toBe(after[1]?.failed);
  });
});
