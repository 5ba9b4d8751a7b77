import type { Unplaced } from "../../catalog/finding.ts";
import type { ModuleSource, PuppetfileModules } from "../ports/modules.ts";
import { precondition } from "./finding.ts";

const puppetfile = "Puppetfile";

/**
 * What of a Puppetfile may be other code in the next lane, or tomorrow: a lane proves nothing of a release whose modules move. It is read as the list that it
 * usually is and never run, so a line that is more than that is told as well.
 */
export function pinFindings({ modules, notUnderstood }: PuppetfileModules): Unplaced[] {
  const found = (line: number, text: string): Unplaced =>
    precondition("unpinned-module", { path: puppetfile, line }, `${text}: the same release could have another one in the next lane`);
  return [
    ...modules.flatMap(({ title, line, source }) => {
      const why = unpinned(source);
      return why === null ? [] : [found(line, `the module ${title} ${why}`)];
    }),
    ...notUnderstood.map(({ line }) =>
      found(line, "only running this line would tell which module it asks for; write it as a plain `mod`"),
    ),
  ];
}

/** Whether a tag is protected nobody can see here. */
function unpinned(source: ModuleSource): string | null {
  if (source.kind === "tree") return null;
  if (source.kind === "unknown") return `can't be pinned as it stands (${source.why}); name a commit, a tag or a version`;
  if (source.kind === "forge") return source.version === null ? "has no version; write one, such as '9.6.0'" : null;
  const { point } = source;
  if (point === null) return "follows its default branch; name a `commit:` or a `tag:`";
  if (point.kind === "branch") return `follows the branch ${point.name}; name a \`commit:\` or a \`tag:\``;
  const isWhole = /^[0-9a-f]{40}$/u.test(point.name);
  if (point.kind === "ref" && !isWhole)
    return `has \`ref: ${point.name}\`, which may be a branch; say \`tag:\`, or \`commit:\` with the whole id`;
  return null;
}
