import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { folderShelf } from "../cache/folder.ts";
import { readMarks } from "../cache/marks.ts";
import { cacheClear, cacheStatus, type KeptCompiles } from "../cli/cache-command.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { readConfig } from "../config.ts";
import { compilesFolder, ownKey } from "./own-folders.ts";

/** `puppet-gate cache …`: both commands work on what `check` keeps, or `serve`. */
export function addCache(cache: Command, { env, standing, output }: { env: Environment; standing: () => string; output: Output }): void {
  for (const [name, description, run] of [
    ["status", "say how much is kept, what was proven of it, and what is not to be trusted", cacheStatus],
    ["clear", "remove all of it, and the marks that something of it is not to be trusted", cacheClear],
  ] as const) {
    cache
      .command(name)
      .description(description)
      .option("--cache <dir>", "where it is kept (default: puppet-gate/compiles in your cache folder)")
      .addOption(new Option("--serve", "instead: what `serve` keeps, by the variables of the environment that it reads").conflicts("cache"))
      .option("--json", "print JSON, and nothing else")
      .action(async (written: { cache?: string; serve?: boolean; json?: boolean }) => {
        const kept = await keptCompiles(written, { env, cwd: standing() });
        try {
          await run(kept, written.json ?? false, output);
        } finally {
          await kept.close();
        }
      });
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

async function keptCompiles(
  { cache: asked, serve = false }: { cache?: string; serve?: boolean },
  { env, cwd }: { env: Environment; cwd: string },
): Promise<KeptCompiles & { close: () => Promise<void> }> {
  if (serve) return (await import("./kept-compiles.ts")).openKeptCompiles(readConfig(env, cwd));
  const place = compilesFolder(asked === undefined ? null : resolve(cwd, asked));
  const shelf = folderShelf(place, 0);
  return { place, shelf, marks: () => readMarks(shelf, ownKey()), close: async () => {} };
}
