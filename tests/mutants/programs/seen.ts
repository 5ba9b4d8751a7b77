import { readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { planVariable, type Plan } from "../plan.ts";
import { weave } from "../weave.ts";

/** Loaded before the simulation: says in the end which mutants its gate passed by. */
const plan = JSON.parse(readFileSync(process.env[planVariable] ?? "", "utf8")) as Plan;
const source = fileURLToPath(new URL("../../../src/", import.meta.url));
const byFile = Map.groupBy(plan.mutants, ({ file }) => file);
const seen = new Set<number>();
globalThis.__live = (id) => {
  seen.add(id);
  return false;
};

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    const path = url.startsWith("file:") ? fileURLToPath(url) : "";
    const own = path.startsWith(source) ? byFile.get(relative(source, path)) : undefined;
    if (own === undefined) return loaded;
    const text = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    return { ...loaded, source: weave(text, own) };
  },
});

process.on("SIGTERM", () => process.exit(0));
process.on("exit", () => writeFileSync(plan.said, JSON.stringify([...seen])));
