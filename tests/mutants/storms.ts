import { fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SeedRequest, SeedResult } from "../simulation/seed.ts";
import type { Patch } from "../simulation/plants.ts";
import { sourceOf } from "./sources.ts";
import { planVariable, type Plan } from "./plan.ts";
import type { Mutant } from "./places.ts";
import { withMutant } from "./weave.ts";

/** The simulation of tests/simulation, as far as mutants are concerned: `seeds` storms of `steps` steps. */
export interface Storms {
  seeds: number;
  steps: number;
}

const program = fileURLToPath(new URL("../simulation/programs/simulate-worker.ts", import.meta.url));
const seenProgram = new URL("./programs/seen.ts", import.meta.url).href;
/** A storm takes seconds. */
const patience = 90_000;

/** Which mutants the storms pass by. */
export async function seenInStorms(folder: string, mutants: readonly Mutant[], storms: Storms): Promise<Set<number>> {
  const [file, said] = [join(folder, "plan.json"), join(folder, "seen.json")];
  const plan: Plan = { mode: "watch", said, files: [], mutants };
  writeFileSync(file, JSON.stringify(plan));
  const why = await outcome([], storms, { execArgv: ["--import", seenProgram], env: { ...process.env, [planVariable]: file } });
  if (why !== null) throw new Error(`the simulation finds something without any mutant: ${why}`);
  return new Set(JSON.parse(readFileSync(said, "utf8")) as number[]);
}

/** What the simulation says of a gate with this mutant; null where it finds nothing. */
export function stormsAgainst(mutant: Mutant, storms: Storms): Promise<string | null> {
  const text = sourceOf(mutant.file);
  return outcome([{ file: mutant.file, find: text, replace: withMutant(text, mutant) }], storms, {});
}

type Answer = { result: SeedResult } | { failure: string };

async function outcome(
  patches: readonly Patch[],
  { seeds, steps }: Storms,
  how: { execArgv?: string[]; env?: NodeJS.ProcessEnv },
): Promise<string | null> {
  const child = fork(program, { stdio: ["ignore", "ignore", "ignore", "ipc"], ...how });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const next = (): Promise<Answer> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ failure: "it does not come to an end" }), patience);
      const end = (answer: Answer): void => {
        clearTimeout(timer);
        child.removeAllListeners("message");
        resolve(answer);
      };
      child.once("message", (answer: Answer) => end(answer));
      void ended.then(() => end({ failure: "its process ended" }));
    });
  try {
    child.send({ patches });
    for (let seed = 1; seed <= seeds; seed += 1) {
      const request: SeedRequest = { seed, steps };
      child.send({ request });
      const answer = await next();
      if ("failure" in answer) return answer.failure.split("\n")[0] ?? "";
      if (answer.result.violation !== null) return `seed ${seed}, rule ${answer.result.violation.rule}: ${answer.result.violation.text}`;
    }
    return null;
  } finally {
    child.kill();
    const hard = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(hard);
  }
}
