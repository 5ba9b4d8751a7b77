import { existsSync } from "node:fs";

import type { Examination } from "../../engine/ports/doctor.ts";
import { Problem } from "../../problem.ts";
import { openSandbox } from "../sandbox.ts";
import { bubblewrapVersion, required, versionsInside } from "../versions.ts";
import { examineHost, hostKind, readHost } from "./host.ts";
import { examineIsolation } from "./isolation.ts";
import { sandboxHint } from "./remedies.ts";

/** Looks at the programs that this room runs, at the machine, and tries the sandbox. */
export async function examine(): Promise<Examination[]> {
  const programs: Examination[] = [];
  const inside = await outcome(versionsInside);
  programs.push(await program("bubblewrap", async () => required("bubblewrap", await bubblewrapVersion())));
  const isThere = "value" in inside;
  if (isThere) {
    const { ruby, puppet, puppetLint } = inside.value;
    programs.push(await program("ruby", async () => required("ruby", ruby)));
    programs.push(await program("puppet", async () => required("puppet", puppet)));
    programs.push(await program("puppet-lint", async () => required("puppetLint", puppetLint)));
  }
  return [...programs, ...examineHost(isThere), ...(isThere ? await isolation() : [noSandbox(inside.problem)])];
}

/** One program by its version, or what is wrong with it. */
async function program(name: string, version: () => Promise<string>): Promise<Examination> {
  const found = await outcome(version);
  if ("value" in found) return { part: "programs", name, status: "pass", text: found.value, hint: null };
  return { part: "programs", name, status: "missing", text: found.problem.text, hint: found.problem.hint };
}

async function isolation(): Promise<Examination[]> {
  const found = await outcome(() => examineIsolation(openSandbox));
  return "value" in found ? found.value : [noSandbox(found.problem)];
}

function noSandbox(problem: Problem): Examination {
  const hint = problem.code === "no-sandbox" ? sandboxHint(hostKind(readHost, existsSync).container, readHost) : problem.hint;
  return { part: "sandbox", name: "sandbox", status: "fail", text: problem.text, hint };
}

async function outcome<T>(work: () => Promise<T>): Promise<{ value: T } | { problem: Problem }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problem: error };
  }
}
