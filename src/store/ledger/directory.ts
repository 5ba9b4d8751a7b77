import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type TileName, tilePath, tilesOf, tileWidth } from "../../ledger/tiles.ts";
import { readIfThere, writeWhole } from "./files.ts";

interface Publication {
  note: string;
  size: number;
  before: number;
  tile: (name: TileName & { width: number }) => Promise<Buffer>;
  bundle: (index: number, width: number) => Promise<Buffer>;
}

/**
 * The log as files, in the layout of C2SP tlog-tiles: any web server can serve it, any client of such logs read it. Tiles and entries are written before the
 * checkpoint that needs them, each whole or not at all, so that whoever reads meanwhile finds what the checkpoint that is there says.
 */
export const directoryPlace = (
  folder: string,
): { name: string; read(): Promise<string | null>; publish(publication: Publication): Promise<void> } => ({
  name: folder,
  read: async () => (await readIfThere(join(folder, "checkpoint")))?.toString("utf8") ?? null,
  publish: async ({ note, size, before, tile, bundle }) => {
    const tiles = tilesOf(size, before);
    for (const name of tiles) {
      await writeWhole(join(folder, tilePath(name.level, name.index, name.width)), await tile(name));
      if (name.level > 0) continue;
      await writeWhole(join(folder, tilePath("entries", name.index, name.width)), await bundle(name.index, name.width));
    }
    await writeWhole(join(folder, "checkpoint"), note);
    // Nobody needs the parts of what is whole by now.
    for (const { level, index, width } of tiles) {
      if (width < tileWidth) continue;
      for (const of of level === 0 ? ([level, "entries"] as const) : [level])
        await rm(join(folder, `${tilePath(of, index, tileWidth)}.p`), { recursive: true, force: true });
    }
  },
});
