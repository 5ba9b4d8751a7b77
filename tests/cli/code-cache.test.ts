import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { codeCacheFolder } from "../../src/cli/code-cache.ts";

/** What Node runs from its compile cache, it runs as the person: a folder of anybody else is none. */
type Case = [string, (home: string) => { env: Record<string, string>; uid?: number | null }, string | null];
const kept = ".cache/puppet-gate/node";
const cases: Case[] = [
  ["a home of one's own", (home) => ({ env: { HOME: home } }), kept],
  ["a home whose cache folder nobody made yet", (home) => ({ env: { HOME: join(home, "new") } }), null],
  ["a cache folder of one's own elsewhere", (home) => ({ env: { HOME: "/nowhere", XDG_CACHE_HOME: home } }), "puppet-gate/node"],
  ["a relative one does not count", (home) => ({ env: { HOME: home, XDG_CACHE_HOME: "cache" } }), kept],
  ["no home at all", () => ({ env: {} }), null],
  ["a relative home", () => ({ env: { HOME: "." } }), null],
  ["a home that is not there", (home) => ({ env: { HOME: join(home, "gone/away") } }), null],
  ["somebody else's home", (home) => ({ env: { HOME: home }, uid: statSync(home).uid + 1 }), null],
  ["a system without users", (home) => ({ env: { HOME: home }, uid: null }), null],
  [
    "a cache folder that everybody may write",
    (home) => (mkdirSync(join(home, ".cache")), chmodSync(join(home, ".cache"), 0o777), { env: { HOME: home } }),
    null,
  ],
  [
    "a link to another place",
    (home) => (mkdirSync(join(home, ".cache")), symlinkSync("/tmp", join(home, ".cache/puppet-gate")), { env: { HOME: home } }),
    null,
  ],
];

it.each(cases)("%s", (_, given, expected) => {
  const home = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  onTestFinished(() => rmSync(home, { recursive: true }));
  const found = codeCacheFolder({ uid: process.geteuid?.() ?? null, ...given(home) });
  expect(found).toBe(expected === null ? null : join(home, expected));
});
