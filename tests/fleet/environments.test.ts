import { mkdirSync, symlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { environmentsOn } from "../../src/fleet/environments.ts";
import { at, compiler, put } from "./compiler-stage.ts";

/** What a compiler has, as Puppet would take it for environments. */

it("is what lies in its folder and could be an environment", async () => {
  for (const name of ["production", "production_canary", "feature-x", ".git"]) mkdirSync(at("environments", name), { recursive: true });
  put("environments/README", "no folder");
  symlinkSync(at("environments", "production"), at("environments", "linked"));
  const environments = { kind: "folder", folder: at("environments") } as const;
  expect(await environmentsOn(compiler({ environments }))).toEqual({ known: true, value: ["linked", "production", "production_canary"] });
});

const listing = (script: string) => ({ kind: "command", command: ["/bin/sh", "-c", script] }) as const;

it.each([
  ["as `ls` prints it", "printf 'production\\nproduction_canary/\\n\\nfeature-x\\n'", ["production", "production_canary"]],
  ["nothing", "true", []],
])("is what its command prints: %s", async (_, script, value) => {
  expect(await environmentsOn(compiler({ environments: listing(script) }))).toEqual({ known: true, value });
});

it.each([
  ["a command that fails", listing("echo production; exit 255"), /255/u],
  ["a command that is not there", { kind: "command", command: ["/nonexistent/ls"] } as const, /ls/u],
  ["a folder that is not there", { kind: "folder", folder: "/nonexistent/environments" } as const, /can't be read/u],
])("is unknown by %s", async (_, environments, words) => {
  expect(await environmentsOn(compiler({ environments }))).toMatchObject({ known: false, reason: expect.stringMatching(words) });
});

it("is nothing that anybody knows where nobody said how to ask", async () => {
  expect(await environmentsOn(compiler())).toBeNull();
});
