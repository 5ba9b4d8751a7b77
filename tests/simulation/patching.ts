import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Patch } from "./plants.ts";

const source = fileURLToPath(new URL("../../src/", import.meta.url));

/** Exchanges text in modules of the product as they are loaded from now on; gives the patches that met no module yet. */
export function patchSources(patches: readonly Patch[]): ReadonlySet<Patch> {
  const left = new Set(patches);
  registerHooks({
    load: (url, context, nextLoad) => {
      const loaded = nextLoad(url, context);
      const own = patches.filter(({ file }) => url.startsWith("file:") && fileURLToPath(url) === `${source}${file}`);
      if (own.length === 0) return loaded;
      let text = typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
      for (const patch of own) {
        if (text.split(patch.find).length !== 2) throw new Error(`src/${patch.file} does not have exactly once: ${patch.find}`);
        text = text.replace(patch.find, () => patch.replace);
        left.delete(patch);
      }
      return { ...loaded, source: text };
    },
  });
  return left;
}
