import { z } from "zod";

/**
 * What r10k and g10k write into an environment's folder: `.r10k-deploy.json` at the end of a deploy, `.g10k-deploy.json` at its beginning and once more
 * at its end (r10k 3.15, lib/r10k/action/deploy/environment.rb; g10k 0.9). What stands in it came from a repository by another machine: it
 * is looked at as hostile.
 */
export const deployFiles = [".r10k-deploy.json", ".g10k-deploy.json"] as const;

/** What a deploy file says: the commit, or why there is none that could be relied on. */
export type Deployed =
  | { commit: string; why: null; modules: readonly Module[] | null }
  | { commit: null; why: string; modules: readonly Module[] | null };

export interface Module {
  name: string;
  version: string;
}

/** Bytes: a few hundred for each module. */
export const largestDeployFile = 4 * 1024 * 1024;

const text = z.string().max(1000);
const fileSchema = z.looseObject({
  signature: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u),
  deploy_success: z.boolean(),
  module_deploys: z
    .array(
      z.looseObject({
        name: text.min(1),
        version: z.union([text, z.number(), z.record(text, z.unknown()), z.null()]).optional(),
        sha: text.nullish(),
      }),
    )
    .max(10_000)
    .optional(),
});

/** Reads one of them; `modules` is null where it names none, as g10k's. */
export function readDeployFile(content: string): Deployed {
  const none = (why: string, modules: readonly Module[] | null = null): Deployed => ({ commit: null, why, modules });
  if (content.trim() === "") return none("there is no deploy file");
  if (Buffer.byteLength(content) > largestDeployFile) return none("its deploy file is larger than any tool writes");
  const value = parsed(content);
  if (value === undefined) return none("its deploy file is torn or no JSON");
  const file = fileSchema.safeParse(value);
  if (!file.success) {
    const [issue] = file.error.issues;
    return none(`its deploy file has no usable \`${issue?.path.join(".") ?? ""}\``);
  }
  const { signature, deploy_success: isWhole, module_deploys: deploys } = file.data;
  const modules = deploys?.map(({ name, version, sha }) => ({ name, version: sha ?? versionOf(version) })).sort(byName) ?? null;
  if (isWhole) return { commit: signature, why: null, modules };
  return none(`the deploy of ${signature} is incomplete: it still goes on, or failed`, modules);
}

export const byName = (a: Module, b: Module): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const versionOf = (version: unknown): string => (typeof version === "string" ? version : JSON.stringify(version ?? null));

/** What is no JSON gives undefined, which JSON can't. */
function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
