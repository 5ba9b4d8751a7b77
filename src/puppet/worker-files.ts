import { readFile } from "node:fs/promises";

import type { CompileLimits } from "../engine/ports/compile.ts";
import type { StandIns } from "../engine/ports/stand-ins.ts";
import { debianCoreModules } from "./core-modules.ts";
import type { Environment } from "./environment.ts";

const scripts = [
  "main",
  "loaded_once",
  "epp_once",
  "providers",
  "type_loader",
  "preload",
  "environment",
  "fact_reads",
  "fact_hooks",
  "stand_ins",
  "dns",
  "exports",
  "secrets",
  "eyaml",
  "model",
  "models",
  "compile",
  "failure",
  "node_statements",
  "definitions",
  "impurity",
  "trace",
  "trace_names",
  "trace_data",
  "trace_files",
];

export const mebibyte = 1024 * 1024;

/**
 * What a compile worker is given: its scripts, and what its system's resolver says. They go in by descriptors, wherever this product lies.
 * They say nothing of a tree but the names of its stand-ins for DNS.
 */
export async function workerFiles(dns: StandIns["dns"] = {}): Promise<Record<string, string>> {
  const files: Record<string, string> = {
    "/gate/core-modules": debianCoreModules,
    // The system's resolver is to look nowhere else.
    "/etc/nsswitch.conf": "hosts: files\n",
    "/etc/hosts": hostsOf(dns),
  };
  for (const script of scripts) files[`/gate/${script}.rb`] = await readFile(new URL(`worker/${script}.rb`, import.meta.url), "utf8");
  return files;
}

/** A worker's first request: the tree that is its own from then on. */
export function beginning(environment: Environment, limits: CompileLimits, standIns?: StandIns): object {
  const { name, root, manifest, modulepath, standInFolders: folders } = environment;
  const { dns = {}, queries = [], exported = null } = standIns ?? {};
  return {
    op: "begin",
    environment: { name, root, manifest, modulepath, maxBytes: limits.outputMib * mebibyte },
    stand_ins: { folders, dns, queries, exported },
  };
}

const hostsOf = (dns: StandIns["dns"]): string =>
  Object.entries(dns)
    .flatMap(([name, records]) => records.flatMap(({ type, value }) => (type === "A" || type === "AAAA" ? [`${value} ${name}\n`] : [])))
    .join("");

/** Without the two that add suggestions and excerpts to messages, which a server's JRuby does not have. */
export const workerCommand = ["ruby", "--disable=did_you_mean", "--disable=error_highlight", "/gate/main.rb"];

/**
 * Fewer and larger steps for Ruby's collector: over 65 nodes of 125 resources, collecting fell from 1.8 to 0.4 of 8.5 seconds of processor
 * time, 115 runs of it to 7, for some 60 MB more. (From Ruby 3.3 on, the first has another name and no effect.)
 */
export const workerEnv = {
  RUBY_GC_HEAP_INIT_SLOTS: "1000000",
  RUBY_GC_MALLOC_LIMIT: "134217728",
  RUBY_GC_MALLOC_LIMIT_MAX: "268435456",
  RUBY_GC_OLDMALLOC_LIMIT: "268435456",
  RUBY_GC_OLDMALLOC_LIMIT_MAX: "536870912",
};
