import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { type Compilers, createCompilers } from "../../src/fleet/compilers.ts";
import type { Compiler } from "../../src/fleet/site-schema.ts";

/** Compilers that are folders, and deploys that are small programs; the real tools are in tests/services/deploy-tools.test.ts. */

export let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-compilers-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

export const at = (...parts: string[]): string => join(folder, ...parts);
export const sh = (script: string): string[] => ["/bin/sh", "-c", script, "deploy", "{environment}"];
const base: Compiler = {
  name: "p1",
  deploy: sh("true"),
  served: { kind: "folder", folder: "" },
  flush: null,
  minutes: 1,
  variables: { PATH: "/usr/bin:/bin" },
};
export const compiler = (changes: Partial<Compiler> = {}): Compiler => {
  const name = changes.name ?? "p1";
  return { ...base, served: { kind: "folder", folder: at(name, "{environment}") }, ...changes };
};
export const create = (...compilers: Compiler[]): Compilers => createCompilers({ compilers }, at("state"));
export const going = (): AbortSignal => new AbortController().signal;
export const deploy = (changes: Partial<Compiler>): Promise<readonly string[]> => create(compiler(changes)).deploy("prod", going());

export const sha = "0123456789abcdef0123456789abcdef01234567";
export const other = "f".repeat(40);
export const deployFile = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ name: "prod", signature: sha, deploy_success: true, module_deploys: [], ...changes });
export const put = (path: string, content: string): void => {
  mkdirSync(join(at(path), ".."), { recursive: true });
  writeFileSync(at(path), content);
};
export const served = async (...compilers: Compiler[]) => create(...(compilers.length > 0 ? compilers : [compiler()])).served("prod");
export const one = async () => {
  const answer = await served();
  return answer.known ? answer.value[0] : answer;
};
