import { patchSources } from "../patching.ts";
import type { Patch } from "../plants.ts";
import type { SeedRequest, SeedResult } from "../seed.ts";

/** Runs seeds that its parent asks for, of a gate whose sources may be patched where they are loaded. */

type Message = { patches: readonly Patch[] } | { request: SeedRequest };

let run: Promise<(request: SeedRequest) => Promise<SeedResult>> | null = null;

async function begin(patches: readonly Patch[]): Promise<(request: SeedRequest) => Promise<SeedResult>> {
  const left = patchSources(patches);
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
