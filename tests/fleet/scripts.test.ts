import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encFile, writeEncFile } from "../../src/fleet/enc-file.ts";

/** The scripts for compilers, run as Puppet runs them; with Puppet itself, in scripts-puppet.test.ts. */
const scripts = join(import.meta.dirname, "../../src/fleet/scripts");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-scripts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]): string => join(folder, ...parts);

const sha = "0123456789abcdef0123456789abcdef01234567";
const other = "f".repeat(40);
const deployed = (changes: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ name: "prod", signature: sha, started_at: "2026-11-20", deploy_success: true, ...changes }, null, 2)}\n`;
const hostileModule = { name: 'x",\n  "signature": "', version: `\n  "signature": "${other}",\n  "deploy_success": true\n}\n`, sha: null };

describe("config_version.sh", () => {
  const put = (file: string, content: string | Buffer): void => {
    mkdirSync(at("prod", "scripts"), { recursive: true });
    copyFileSync(join(scripts, "config_version.sh"), at("prod", "scripts", "config_version.sh"));
    chmodSync(at("prod", "scripts", "config_version.sh"), 0o755);
    if (file !== "") writeFileSync(at("prod", file), content);
  };
  /** What Puppet gets: both streams are one to it. */
  const version = (args: readonly string[] = [], options: { env?: Record<string, string> } = {}): string => {
    const { status, stdout, stderr } = spawnSync(at("prod/scripts/config_version.sh"), args, { cwd: "/", encoding: "utf8", ...options });
    expect(status).toBe(0);
    return `${stdout}${stderr}`;
  };
  const r10k = ".r10k-deploy.json";
  const g10k = ".g10k-deploy.json";

  it.each([
    ["r10k deployed", r10k, deployed(), sha],
    ["g10k deployed, without a newline at its end", g10k, deployed().trimEnd(), sha],
    ["it has modules", r10k, deployed({ module_deploys: [{ name: "ntp", version: "9.0.1", sha: null }] }), sha],
    ["commits are SHA-256", r10k, deployed({ signature: "a".repeat(64) }), "a".repeat(64)],
    ["the deploy failed", r10k, deployed({ deploy_success: false }), `${sha}-incomplete`],
    ["the deploy goes on", g10k, deployed({ deploy_success: false }), `${sha}-incomplete`],
    [
      "a module failed, whose name says otherwise",
      r10k,
      deployed({ deploy_success: false, module_deploys: [hostileModule] }),
      `${sha}-incomplete`,
    ],
    [
      "a module's entry says what only the file may",
      r10k,
      deployed({ deploy_success: false, module_deploys: [{ signature: other, deploy_success: true }] }),
      `${sha}-incomplete`,
    ],
    ["nothing deployed", "", "", "unknown-no-deploy-file"],
    ["the file is empty", r10k, "", "unknown-deploy-file"],
    ["the file is torn before success", r10k, deployed().slice(0, 80), "unknown-deploy-file"],
    ["the file is torn after success", r10k, deployed({ more: [1] }).slice(0, -8), "unknown-deploy-file"],
    ["a torn file begins a second time", r10k, `${deployed().slice(0, 60)}\n${deployed()}`, "unknown-deploy-file"],
    ["two deploys are in one file", r10k, `${deployed()}${deployed({ signature: other })}`, "unknown-deploy-file"],
    ["the commit is short", r10k, deployed({ signature: sha.slice(0, 11) }), "unknown-deploy-file"],
    ["the commit is a command", r10k, deployed({ signature: "$(touch /tmp/x)`id`" }), "unknown-deploy-file"],
    ["the commit is a pattern", r10k, deployed({ signature: "*".repeat(40) }), "unknown-deploy-file"],
    ["success is a word", r10k, deployed({ deploy_success: "true" }), "unknown-deploy-file"],
    ["the file is no text", r10k, Buffer.from([0, 255, 10, 0, 123]), "unknown-deploy-file"],
    ["the file is huge", r10k, `${deployed()}${`${"x".repeat(999)}\n`.repeat(5000)}`, "unknown-deploy-file"],
  ])("prints one line where %s", (_, file, content, expected) => {
    put(file, content);
    expect(version()).toBe(`${expected}\n`);
  });

  it("wants two tools to agree", () => {
    put(r10k, deployed());
    writeFileSync(at("prod", g10k), deployed());
    expect(version()).toBe(`${sha}\n`);
    writeFileSync(at("prod", g10k), deployed({ signature: other }));
    expect(version()).toBe("unknown-two-deploy-files\n");
  });

  it.each(["a link", "a folder", "a pipe", "a file that may not be read"])("takes no word of %s", (kind) => {
    put("", "");
    const file = at("prod", r10k);
    writeFileSync(at("elsewhere"), deployed());
    if (kind === "a link") symlinkSync("../elsewhere", file);
    else if (kind === "a folder") mkdirSync(file);
    else if (kind === "a pipe") spawnSync("mkfifo", [file]);
    else symlinkSync("nowhere", file);
    expect(version()).toBe("unknown-deploy-file\n");
  });

  it("needs no ruby, no PATH and no folder to start in, and can be called as Puppet's own control repo does", () => {
    put(r10k, deployed());
    expect(version([], { env: { PATH: "/nowhere" } })).toBe(`${sha}\n`);
    cpSync(at("prod"), at("canary"), { recursive: true });
    writeFileSync(at("canary", r10k), deployed({ signature: other }));
    expect(version([folder, "canary"])).toBe(`${other}\n`);
    expect(version([folder, "gone"])).toBe("unknown-no-deploy-file\n");
  });
});

describe("the lanes' file and enc.sh", () => {
  const lanes = [
    { lane: { environment: "production_canary" }, certnames: ["web01.example.com", "web10.example.com"] },
    { lane: { environment: "production_lon" }, certnames: ["db.example.com"] },
    { lane: { environment: "production" }, certnames: ["web02.example.com"] },
  ];
  const text = (of = lanes): string => {
    const file = encFile(of);
    if (!file.known) throw new Error(file.reason);
    return file.value;
  };
  const enc = (...args: string[]): string => {
    const { status, stdout } = spawnSync(join(scripts, "enc.sh"), args, { cwd: "/", env: {}, encoding: "utf8" });
    expect(status).toBe(0);
    return stdout;
  };
  const of = (certname: string): string => enc(at("lanes.json"), certname);
  const nothing = "--- {}\n";
  const canary = '---\nenvironment: "production_canary"\n';

  it("is JSON without the last lane's nodes", () => {
    expect(JSON.parse(text())).toEqual({
      "db.example.com": "production_lon",
      "web01.example.com": "production_canary",
      "web10.example.com": "production_canary",
    });
    expect(text(lanes.slice(2))).toBe("{}\n");
  });

  it.each([
    ["a node in two lanes", [lanes[0], lanes[0], lanes[2]], "web01.example.com is in two lanes"],
    ["a name with a quote", [{ ...lanes[0], certnames: ['a": "production", "b'] }, lanes[2]], "is no certname"],
    ["an environment with a line", [{ ...lanes[0], lane: { environment: "a\nb" } }, lanes[2]], "is no environment's name"],
  ])("is not made of %s", (_, given, reason) => {
    expect(encFile(given as typeof lanes)).toEqual({ known: false, reason: expect.stringContaining(reason) });
  });

  it("is put in place whole, and left alone where it says the same", async () => {
    await writeEncFile(at("lanes.json"), text());
    expect(readFileSync(at("lanes.json"), "utf8")).toBe(text());
    symlinkSync(at("lanes.json"), at("link.json"));
    await writeEncFile(at("link.json"), text());
    await writeEncFile(at("lanes.json"), "{}\n");
    expect(readFileSync(at("lanes.json"), "utf8")).toBe("{}\n");
    expect(readdirSync(folder).sort()).toEqual(["lanes.json", "link.json"]);
    await expect(writeEncFile(at("nowhere", "lanes.json"), "{}\n")).rejects.toMatchObject({ code: "lanes-file" });
  });

  it("gives a node its lane's environment, and others none", () => {
    writeFileSync(at("lanes.json"), text());
    expect(of("web01.example.com")).toBe(canary);
    expect(of("db.example.com")).toBe('---\nenvironment: "production_lon"\n');
    // Of the last lane, unknown, beginnings and ends of others, patterns.
    for (const none of ["web02.example.com", "new", "web0", "example.com", "web01.example.co", "web01xexample.com", ".*", "", 'a": "'])
      expect(of(none)).toBe(nothing);
    writeFileSync(at("lanes.json"), "{}\n");
    expect(of("web01.example.com")).toBe(nothing);
  });

  it.each([
    ["missing", null],
    ["empty", ""],
    ["torn in a line", text().slice(0, 40)],
    ["torn between lines", text().split("\n").slice(0, 2).join("\n")],
    ["torn before its end", text().slice(0, -2)],
    ["without a comma", text().replace(",", "")],
    ["with a comma too many", text().replace('lon"', 'lon",').replace(/"\n\}/u, '",\n}')],
    ["twice in one", `${text()}${text()}`],
    ["of two minds about the node", text().replace("web10", "web01")],
    ["no JSON", "web01.example.com: production_canary\n"],
    ["full of something else", "{\n".repeat(1000)],
  ])("takes the last whole file where it is %s, and no environment where there was none", (_, content) => {
    const path = at("lanes.json");
    const spoil = (): void => (content === null ? rmSync(path, { force: true }) : writeFileSync(path, content));
    spoil();
    expect(of("web01.example.com")).toBe(nothing);
    writeFileSync(path, text());
    expect(of("web01.example.com")).toBe(canary);
    spoil();
    expect(of("web01.example.com")).toBe(canary);
    expect(of("web02.example.com")).toBe(nothing);
    writeFileSync(`${path}.last-good`, "{\n");
    expect(of("web01.example.com")).toBe(nothing);
  });

  it("keeps the last whole file up to date, where it was told to, and does without where it can't", () => {
    writeFileSync(at("lanes.json"), text());
    expect(enc(at("lanes.json"), at("copy.json"), "web01.example.com")).toBe(canary);
    writeFileSync(at("lanes.json"), text([lanes[1], lanes[2]] as typeof lanes));
    expect(enc(at("lanes.json"), at("copy.json"), "web01.example.com")).toBe(nothing);
    expect(readFileSync(at("copy.json"), "utf8")).toBe(readFileSync(at("lanes.json"), "utf8"));
    expect(existsSync(at("lanes.json.last-good"))).toBe(false);
    expect(enc(at("lanes.json"), at("nowhere/copy.json"), "db.example.com")).toBe('---\nenvironment: "production_lon"\n');
    expect(readdirSync(folder).sort()).toEqual(["copy.json", "lanes.json"]);
  });
});
