#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=8
import module from "node:module";
import { setFlagsFromString } from "node:v8";
import { codeCacheFolder } from "./cli/code-cache.ts";
import { nodeTooOld } from "./cli/node-version.ts";

/**
 * The command. What Node made of our sources is kept in the person's own cache folder, not in /tmp where others could put something there: 0.9 of the
 * 1.2 s that a start takes are reading and compiling them. Everything else is loaded after that, by an import that waits. What the first line
 * sets keeps a check small, which is as fast with it: short-lived objects in 24 MB instead of 100 (204 MB and not 292 MB, filling base's cache for 200 nodes), and
 * the C library's heap in two parts instead of one for each thread (223 MB and not 272 MB for 1,000 nodes).
 */
// Policies' regular expressions meet anybody's paths: one that backtracks for long goes on in V8's linear engine (`policy/patterns.ts`).
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
const codeCache = codeCacheFolder({ env: process.env, uid: process.geteuid?.() ?? null });
const old = nodeTooOld(process.versions.node);
if (old === null) {
  if (codeCache !== null) module.enableCompileCache(codeCache);
  await import("./commands.ts");
} else {
  // Said before anything else is loaded: our own code does not even parse there. `module` as a whole, because an older one lacks the name.
  process.stderr.write(`puppet-gate: ${old.text}\n  ${old.hint}\n`);
  process.exitCode = 1;
}
