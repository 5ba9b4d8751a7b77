import type { CompileCache } from "../engine/ports/cache.ts";
import { createCompileCache, type CacheOptions } from "./cache.ts";
import { folderShelf } from "./folder.ts";

/** A cache in a folder, which remembers on its end how the run went. */
export function openFolderCache({
  folder,
  limit,
  ...options
}: Omit<CacheOptions, "shelf"> & { folder: string; /** Bytes. */ limit: number }): CompileCache {
  const shelf = folderShelf(folder, limit);
  const cache = createCompileCache({ ...options, shelf });
  return {
    ...cache,
    close: async () => {
      await cache.close();
      try {
        await shelf.noteRun(cache.counts());
      } catch (error) {
        options.onTrouble(error);
      }
    },
  };
}
