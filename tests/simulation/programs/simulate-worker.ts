import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Patch } from "../plants.ts";
import type { SeedRequest, SeedResult } from "../seed.ts";

/** Runs seeds that its parent asks for, of a gate whose sources may be patched where they are loaded. */

type Message = { patches: readonly Patch[] } | { request: SeedRequest };

const source = fileURLToPath(new URL("../../../src/", import.meta.url));
let run: Promise<(request: SeedRequest) => Promise<SeedResult>> | null = null;

async function begin(patches: readonly Patch[]): Promise<(request: SeedRequest) => Promise<SeedResult>> {
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
  // Here, and not above: what is loaded before the hooks is not patched.
  const { openMachine, runSeed } = await import("../seed.ts");
  const [unused] = left;
  if (unused !== undefined) throw new Error(`src/${unused.file} is none of the gate that is simulated`);
  const machine = await openMachine();
  return (request) => runSeed(machine, request);
}

// Its parent hears it too, and lets the seed that is under way be finished.
process.on("SIGINT", () => undefined);

process.on("message", (message: Message) => {
  if ("patches" in message) {
    run = begin(message.patches);
    // Said to whoever asks first.
    run.catch(() => undefined);
    return;
  }
  answer(message.request).then(
    (said) => process.send?.(said),
    () => process.exit(1),
  );
});

async function answer(request: SeedRequest): Promise<{ result: SeedResult } | { failure: string }> {
  try {
    if (run === null) throw new Error("nobody said what to patch");
    return { result: await (await run)(request) };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
