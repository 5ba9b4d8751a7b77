#!/usr/bin/env -S node --max-semi-space-size=8
import { enableCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { codeCacheFolder } from "./cli/code-cache.ts";

/**
 * The command. What Node made of our sources is kept in the person's own cache folder, not in /tmp where others could put something there: 0.9 of the
 * 1.2 s that a start takes are reading and compiling them. Everything else is loaded after that, by an import that waits. The option of the first line keeps
 * short-lived objects in 24 MB instead of 100: filling base's cache, a check was 204 MB large with it and 292 MB without, and as fast.
 */
// Policies' regular expressions meet anybody's paths: one that backtracks for long goes on in V8's linear engine (`policy/patterns.ts`).
setFlagsFromString("--enable-experimental-regexp-engine-on-excessive-backtracks");
const codeCache = codeCacheFolder({ env: process.env, uid: process.geteuid?.() ?? null });
if (codeCache !== null) enableCompileCache(codeCache);
await import("./commands.ts");
