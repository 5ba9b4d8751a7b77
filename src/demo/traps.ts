import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Traps } from "./control-repo/story.ts";

/** Something to hit for the hostile story, and how to tell whether it was hit. */
export interface SetTraps extends Traps {
  /** What is wrong after the story, one sentence each: a canary that is there, a secret that is in one of the outputs. */
  sprung(outputs: readonly string[]): Promise<string[]>;
}

/** A variable of this process's environment: what a token of the gate's would be. */
const tokenVariable = "PUPPET_GATE_DEMO_TOKEN";

/**
 * Sets the traps in a folder. File modes stand in nobody's way: everybody may write the canary and read the secret, so that what
 * keeps a hostile change from them is the sandbox and the controller's own care, and nothing else.
 */
export async function setTraps(folder: string): Promise<SetTraps> {
  const canary = join(folder, "canary");
  const secretFile = join(folder, "secret.yaml");
  const secrets = { "the host's file": randomWords(), "the environment's token": randomWords() };
  await mkdir(folder);
  await chmod(folder, 0o777);
  await writeFile(secretFile, `---\nstolen: ${secrets["the host's file"]}\n`, { mode: 0o644 });
  process.env[tokenVariable] = secrets["the environment's token"];
  return {
    canary,
    secretFile,
    async sprung(outputs) {
      const written = await contentOf(canary);
      const leaks = Object.entries(secrets).filter(([, secret]) => outputs.some((output) => output.includes(secret)));
      return [
        ...(written === null
          ? []
          : [`code of the hostile change ran outside its sandbox: it wrote ${JSON.stringify(written)} to ${canary}`]),
        ...leaks.map(([name]) => `${name} is in the output`),
      ];
    },
  };
}

/** Letters only: no form of escaping changes them. */
const randomWords = (): string => `carried-off-${randomBytes(12).toString("hex")}`;

async function contentOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
