import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./sources.ts";
import { planVariable, type Plan, type Said, type Try } from "./plan.ts";

const vitest = join(root, "node_modules/vitest/vitest.mjs");
const config = fileURLToPath(new URL("./programs/config.ts", import.meta.url));

/** A mutant that says nothing for so long is one that hangs where no other mutant is passed by. */
const silence = 60_000;

/** Runs vitest by a plan; gives what its runner said, and whether all passed. */
export async function runPlan(folder: string, plan: Omit<Plan, "said"> & object): Promise<{ said: Said[]; ok: boolean }> {
  const said = join(folder, "said.jsonl");
  rmSync(said, { force: true });
  writeFileSync(said, "");
  const ok = (await runOnce(folder, { ...plan, said } as Plan)) === 0;
  return { said: readSaid(said), ok };
}

/** Tries mutants in tests, in as many processes one after the other as it takes: one that hangs or spoils what is around it ends its process. */
export async function tryAll(folder: string, plan: Omit<Extract<Plan, { mode: "try" }>, "said">): Promise<Said[]> {
  const said = join(folder, "said.jsonl");
  writeFileSync(said, "");
  for (let tries = plan.tries; tries.length > 0;) {
    const before = readSaid(said).length;
    const files = plan.files.filter((file) => tries.some(({ test }) => test.startsWith(`${file} `)));
    const code = await runOnce(folder, { ...plan, files, tries, said });
    const now = readSaid(said);
    const last = now.at(-1);
    if (last?.say === "begin" && code !== 0) {
      const { test, mutant } = last;
      // Spoilt by another before it: it is tried once more, as the first of its process.
      const isFirst = now.slice(before).filter(({ say }) => say === "begin").length === 1;
      if (isFirst || code === "silent")
        appendFileSync(said, `${JSON.stringify({ say: "end", test, mutant, killed: true, why: "hangs" })}\n`);
    } else if (code === 0 || now.length === before) break;
    tries = leftOf(plan.tries, readSaid(said));
  }
  return readSaid(said);
}

/** What is still to be tried. */
function leftOf(tries: readonly Try[], said: readonly Said[]): Try[] {
  const ends = said.flatMap((one) => (one.say === "end" ? [one] : []));
  const killed = new Set(ends.flatMap(({ killed, mutant }) => (killed ? [mutant] : [])));
  const done = new Set(ends.map(({ test, mutant }) => `${test} ${mutant}`));
  return tries
    .map((one) => ({ ...one, mutants: one.mutants.filter((id) => !killed.has(id) && !done.has(`${one.test} ${id}`)) }))
    .filter(({ mutants }) => mutants.length > 0);
}

export const readSaid = (file: string): Said[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Said);

async function runOnce(folder: string, plan: Plan): Promise<number | "silent"> {
  const file = join(folder, "plan.json");
  writeFileSync(file, JSON.stringify(plan));
  const child = spawn(process.execPath, [vitest, "run", "--configLoader", "native", "--config", config, ...plan.files], {
    cwd: root,
    env: { ...process.env, [planVariable]: file, NO_COLOR: "1" },
    stdio: ["ignore", "ignore", "inherit"],
    // A group of its own, so that all of it can be ended.
    detached: true,
  });
  return endOf(child, plan.said);
}

function endOf(child: ChildProcess, said: string): Promise<number | "silent"> {
  return new Promise((resolve) => {
    let size = -1;
    let isSilent = false;
    const watch = setInterval(() => {
      const now = existsSync(said) ? statSync(said).size : 0;
      if (now !== size) {
        size = now;
        return;
      }
      isSilent = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, silence);
    child.once("exit", (code) => {
      clearInterval(watch);
      resolve(isSilent ? "silent" : (code ?? 1));
    });
  });
}
