import { readIfThere, writeWhole } from "./files.ts";

/** The last signed checkpoint in a file: best on another disk than the database, so that no backup restores both. */
export const keptFile = (path: string): { name: string; read(): Promise<string | null>; write(note: string): Promise<void> } => ({
  name: path,
  read: async () => (await readIfThere(path))?.toString("utf8") ?? null,
  write: (note) => writeWhole(path, note),
});
