import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { Problem } from "../problem.ts";
import { makeDataFolder } from "../store/data-folder.ts";
import { lockFolder } from "../store/lock.ts";

/** All that stays of a demo, for people to look at: the next one puts its own in its place. */
export interface KeptPlace {
  /** One change's report, for a browser. */
  page: string;
  /** The gate's data folder: its database, and with it the ledger. */
  data: string;
  /** The folder of both as somebody would type it who stands in this repository. */
  shown: string;
}

/** Empties the place. Throws a Problem where another demo is at work there. */
export async function keptPlace(): Promise<KeptPlace> {
  const root = join(import.meta.dirname, "..", "..");
  const folder = join(root, "dist", "demo");
  const data = join(folder, "data");
  makeDataFolder(folder, 0o755);
  makeDataFolder(data);
  try {
    lockFolder(data).release();
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const hint = "End that demo first (Ctrl-C in its terminal), or run this one in another clone.";
    throw new Problem({ code: "demo-runs", text: `What a demo leaves is in ${folder}, and another one writes there.`, hint }, { cause });
  }
  await rm(folder, { recursive: true, force: true });
  makeDataFolder(folder, 0o755);
  return { page: join(folder, "report.html"), data, shown: relative(root, folder) };
}
