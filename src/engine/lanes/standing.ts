import type { Proof, LaneForge, Proposal } from "../ports/lanes.ts";
import type { PuppetfileModules } from "../ports/modules.ts";
import { laneNames, versionFindings, versionScript } from "../preconditions/environment-conf.ts";
import { pinFindings } from "../preconditions/pins.ts";
import type { FoundRepository, Wanted } from "./plan.ts";

/** What is so once lanes are made, read once more: which branches have production's files, and what people have to see to. */

/** What stands at the end, read once more. */
export async function prove(
  forge: LaneForge,
  { tips }: FoundRepository,
  { production, branches }: { production: string; branches: readonly string[] },
): Promise<Proof> {
  const commit = tips.get(production) ?? "";
  const tree = await forge.treeOf(commit);
  const there = branches.flatMap((branch) => {
    const tip = tips.get(branch) ?? null;
    return tip === null || branch === production ? [] : [{ branch, commit: tip }];
  });
  const trees = new Map([[commit, tree]]);
  for (const { commit: tip } of there) if (!trees.has(tip)) trees.set(tip, await forge.treeOf(tip));
  const isSame = (tip: string): boolean => trees.get(tip) === tree;
  return {
    production,
    commit,
    tree,
    same: there.filter(({ commit: tip }) => isSame(tip)).map(({ branch }) => branch),
    other: there.filter(({ commit: tip }) => !isSame(tip)),
  };
}

/** What was merged into production beside the merge branch would be missing in every release. */
export async function behind(
  forge: LaneForge,
  { defaultBranch, tips }: FoundRepository,
  { production, mergeBranch }: Wanted,
): Promise<string[]> {
  const [at, home] = [tips.get(production) ?? null, tips.get(mergeBranch) ?? null];
  if (defaultBranch !== mergeBranch || at === null || home === null || at === home) return [];
  const count = await forge.lacking(mergeBranch, at);
  return count === null || count === 0
    ? []
    : [
        `${production} has ${count} ${count === 1 ? "commit" : "commits"} that ${mergeBranch} lacks: merge ${production} into it by a pull request, because nothing is rolled out until then`,
      ];
}

/** Of the Puppetfile and environment.conf; what manifests and data have is told change by change. */
export async function debtsOf(forge: LaneForge, readPuppetfile: (text: string) => PuppetfileModules, commit: string): Promise<string[]> {
  const [puppetfile, conf] = [await forge.fileAt(commit, "Puppetfile"), await forge.fileAt(commit, "environment.conf")];
  const script = versionScript(conf);
  const content = script === null ? null : await forge.fileAt(commit, script);
  const found = [
    ...(puppetfile === null ? [] : pinFindings(readPuppetfile(puppetfile))),
    ...(conf === null ? [] : laneNames(conf)),
    ...versionFindings(conf, script === null ? null : { path: script, content: content === null ? null : Buffer.from(content, "utf8") }),
  ];
  return found.map(({ path, line, message }) => `${path ?? ""}${line === null ? "" : `:${line}`}: ${message}`);
}

/** Whoever could not push to production shall not be able to push to what will become production. */
export async function unguarded(
  forge: LaneForge,
  { production, mergeBranch }: { production: string; mergeBranch: string },
  { rulesets }: Proposal,
  isApplied: boolean,
): Promise<string[]> {
  const before = await forge.rulesOn(production);
  const after = await forge.rulesOn(mergeBranch);
  const made = isApplied
    ? rulesets.flatMap(({ conditions, rules }) => (conditions.ref_name.include.includes(`refs/heads/${mergeBranch}`) ? rules : []))
    : [];
  const kinds = new Set([...after, ...made.map(({ type }) => type)]);
  return [...before].filter((kind) => !kinds.has(kind)).sort();
}
