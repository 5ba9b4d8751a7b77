import { join } from "node:path";

import type { ModuleResolver, ResolvedModule } from "../../engine/ports/modules.ts";
import { readKept } from "./cache.ts";
import { resolveFromForge } from "./forge.ts";
import { createGitModules } from "./repositories.ts";

export interface ModuleResolverOptions {
  /** A folder of ours, made where there is none; mirrors and contents stay in it from check to check. */
  cache: string;
  /** A token for a repository's address; null asks without one. It is git's alone, and nothing that a change runs ever has it. */
  credentials: (url: string) => Promise<string | null>;
  /** The operator's own word on addresses, beside the policy's; null where there is none. */
  allowed: readonly string[] | null;
  /** Most bytes that a repository's mirror, or a release while it is fetched, may take on the disk. */
  mostBytes?: number;
}

/** For one check. */
export function createModuleResolver({ cache, credentials, allowed, mostBytes = 2 ** 30 }: ModuleResolverOptions): ModuleResolver {
  const repositories = createGitModules({ cache, credentials, allowed, mostBytes });
  return {
    resolve: async (wanted, forge, sources): Promise<ResolvedModule> => {
      const { source, name, title } = wanted;
      if (source.kind === "git") return repositories.resolve(wanted, source, sources);
      if (source.kind === "forge")
        return resolveFromForge(cache, source, { forge, sources: [sources, ...(allowed ? [allowed] : [])], name, mostBytes });
      const text =
        source.kind === "tree" ? `the Puppetfile says that it is in the tree, and it is not` : `its line is not understood: ${source.why}`;
      return { ok: false, text, hint: `Vendor ${title}, or write its line in one of the forms of docs/modules.md.` };
    },
    history: (source, from, to) => repositories.history(source, from, to),
    read: ({ folder }, path) => readKept(folder, join(path)),
  };
}
