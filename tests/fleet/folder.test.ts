import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { inventory } from "../../src/fleet/inventory.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-facts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (path: string, content: string | Buffer): void => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const facts = '{"kernel": "Linux"}';

describe("a folder of fact files", () => {
  it("is read with its subfolders, in order of certnames, without hidden files and other endings", async () => {
    put("b.json", facts);
    put("ams/a.yaml", "kernel: Linux\n");
    put("c.YML", "kernel: Linux\n");
    put(".git/config.yaml", "kernel: Linux\n");
    put("README.md", "read me");
    const snapshot = await inventory.readFolder(folder);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["a", "b", "c"]);
    expect(snapshot.unreadable).toEqual([]);
  });

  it("is the person's own: links are followed, also out of it, and not in a circle", async () => {
    put("elsewhere/a.json", facts);
    put("facts/b.json", facts);
    symlinkSync(join(folder, "elsewhere", "a.json"), join(folder, "facts", "a.json"));
    symlinkSync(join(folder, "facts"), join(folder, "facts", "again"));
    const snapshot = await inventory.readFolder(join(folder, "facts"));
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["a", "b"]);
  });

  it("loses only what can't be read, each with its reason", async () => {
    put("good.json", facts);
    put("bad.yaml", "os: [\n");
    symlinkSync(join(folder, "nowhere.json"), join(folder, "dangling.json"));
    mkdirSync(join(folder, "folder.yaml"));
    execFileSync("mkfifo", [join(folder, "pipe.yaml")]);
    const snapshot = await inventory.readFolder(folder);
    expect(snapshot.nodes.map(({ certname }) => certname)).toEqual(["good"]);
    expect(snapshot.unreadable.map(({ certname, problem }) => [certname, problem.text.replace(folder, "")])).toEqual([
      ["bad", expect.stringMatching(/^\/bad\.yaml, line \d: not YAML: /u)],
      ["dangling", "/dangling.json can't be read: there is no such file or folder."],
      ["folder", "/folder.yaml can't be read: it is no regular file."],
      ["pipe", "/pipe.yaml can't be read: it is no regular file."],
    ]);
  });

  it.each([
    [
      "that is not there",
      "nowhere",
      "facts-unreadable",
      /The folder of node facts .*nowhere can't be read: there is no such file or folder/u,
    ],
    ["that is a file", "file.txt", "facts-unreadable", /can't be read: it is no folder/u],
    ["without fact files", "empty", "no-facts", /empty holds no fact files/u],
  ])("%s is a Problem", async (_, name, code, says) => {
    put("file.txt", "");
    mkdirSync(join(folder, "empty"));
    await expect(inventory.readFolder(join(folder, name))).rejects.toMatchObject({
      code,
      text: expect.stringMatching(says),
      hint: expect.stringMatching(/./u),
    });
  });

  it("reads what Facter and Puppet of this machine write", async () => {
    // Facter's exit code is not looked at: in a container it complains of /proc/1 and prints its facts all the same.
    const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
    const write = (path: string, [program = "", ...args]: string[]): void => put(path, spawnSync(program, args, { env }).stdout);
    write("facter-json.json", ["facter", "--json"]);
    write("facter-yaml.yaml", ["facter", "--yaml"]);
    write("puppet.yaml", ["puppet", "facts", "find", "by-puppet.example.com", "--facts_terminus", "facter", "--render-as", "yaml"]);
    const { nodes, unreadable } = await inventory.readFolder(folder);
    expect(unreadable).toEqual([]);
    expect(nodes.map(({ certname }) => certname)).toEqual(["by-puppet.example.com", "facter-json", "facter-yaml"]);
    const [puppet, json, yaml] = nodes.map(({ values }) => values);
    expect(yaml?.os).toEqual(json?.os);
    expect(puppet?.os).toEqual(json?.os);
    expect(puppet?.processors).toEqual(json?.processors);
    expect(json?.os).toMatchObject({ family: "Debian" });
  });

  it("of 300 hosts is read in well under a second or two", async () => {
    const [host] = inventory.assume(["host.example.com"]).nodes;
    const json = JSON.stringify(host?.values);
    const yaml = execFileSync("ruby", ["-ryaml", "-rjson", "-e", "print YAML.dump(JSON.parse(STDIN.read))"], {
      input: json,
      encoding: "utf8",
    });
    for (let index = 0; index < 150; index += 1) {
      put(`a${index}.json`, json.replaceAll("host.example.com", `a${index}`));
      put(`b${index}.yaml`, yaml.replaceAll("host.example.com", `b${index}`));
    }
    const { nodes } = await inventory.readFolder(folder);
    expect(nodes).toHaveLength(300);
  });
});
