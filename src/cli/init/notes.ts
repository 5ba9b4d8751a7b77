import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { LaneNotes, NotedLanes } from "../../engine/ports/lanes.ts";
import { Problem } from "../../problem.ts";

const schema = z.strictObject({
  schema: z.literal("puppet-gate/lanes-noted@1"),
  repository: z.string(),
  production: z.strictObject({ branch: z.string(), commit: z.string() }),
  mergeBranch: z.string(),
  branches: z.array(z.strictObject({ branch: z.string(), commit: z.string(), before: z.string().exactOptional() })),
  isDefault: z.boolean(),
  pulls: z.array(z.int().positive()),
  rulesets: z.array(z.string()),
});

/** What `init lanes` did, in a file of the person's own. It is replaced at once: whoever is ended leaves the old one or the new one. */
export const laneNotes = (path: string): LaneNotes => ({
  place: path,
  read: () => readNotes(path),
  write: (noted) => writeNotes(path, noted),
  remove: () => rm(path, { force: true }),
});

async function readNotes(path: string): Promise<NotedLanes | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw unreadable(path, (error as Error).message, error);
  }
  const parsed = schema.safeParse(asJson(text));
  if (!parsed.success) throw unreadable(path, "it is not what this program writes", parsed.error);
  const { schema: _, ...noted } = parsed.data;
  return noted;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // which the schema refuses
  }
}

async function writeNotes(path: string, noted: NotedLanes): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(beside, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ schema: "puppet-gate/lanes-noted@1", ...noted }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new Problem(
      {
        code: "notes-unwritable",
        text: `What is done can't be noted in ${path}: ${(cause as Error).message}.`,
        hint: "Nothing was done without a note. Name a file that can be written: --notes FILE.",
      },
      { cause },
    );
  }
}

const unreadable = (path: string, why: string, cause: unknown): Problem =>
  new Problem(
    {
      code: "notes-unreadable",
      text: `${path}, where it stands what was done, can't be read: ${why}.`,
      hint: "Mend it, or name another file with --notes FILE: nobody may guess what was done.",
    },
    { cause },
  );
