import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { openFolderCache } from "../cache/folder-cache.ts";
import { cacheTrouble } from "../cli/cache-command.ts";
import type { RunCheck } from "../cli/check-command.ts";
import { painter, renderProblem } from "../cli/paint.ts";
import { check } from "../engine/check.ts";
import type { CompileCache } from "../engine/ports/cache.ts";
import { inventory } from "../fleet/inventory.ts";
import { createPuppetDb } from "../fleet/puppetdb.ts";
import { createModuleResolver } from "../git/modules/resolver.ts";
import { openRepository } from "../git/repository.ts";
import { createPuppet } from "../puppet/puppet.ts";
import { startEvaluator } from "./expectations.ts";
import { interrupted } from "./interrupted.ts";
import { compilesFolder, ownFolder, ownKey } from "./own-folders.ts";

/** Runs a check on a person's clone. The key that seals secrets lives as long as this process: nothing of it is kept. */
export const runCheck: RunCheck = async (options, policy, onProgress) => {
  const repository = await openRepository(options.repo);
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  const cache = openCache(options.cache);
  try {
    const request = { ...options, policy, puppetdb: options.puppetdb !== null };
    const ports = {
      repository,
      inventory,
      puppetDb: options.puppetdb === null ? null : createPuppetDb(options.puppetdb),
      modules: createModuleResolver({ cache: moduleCache(options.moduleCache), credentials: async () => null, allowed: null }),
      puppet,
      cache,
      startEvaluator,
      now: () => performance.now(),
      today: () => new Date().toISOString().slice(0, 10),
      cores: availableParallelism(),
      name: options.repo,
    };
    return await check(request, ports, { onProgress, signal: interrupted() });
  } finally {
    await puppet.close();
    await cache?.close();
    await repository.close();
  }
};

/** Where modules from elsewhere are kept from check to check: where a person's programs keep what they can fetch again. */
const moduleCache = (asked: string | null): string => asked ?? ownFolder("XDG_CACHE_HOME", "modules");

function openCache(asked: { folder: string | null; mib: number } | null): CompileCache | null {
  if (asked === null) return null;
  const folder = compilesFolder(asked.folder);
  return openFolderCache({
    folder,
    limit: asked.mib * 1024 * 1024,
    key: ownKey(),
    onTrouble: (error) => process.stderr.write(renderProblem(cacheTrouble(error, folder), painter(process.stderr))),
    onBroken: () => {},
  });
}
