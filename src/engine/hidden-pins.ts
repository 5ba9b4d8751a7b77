import { findingsOf } from "../catalog/finding.ts";
import type { Finding } from "../catalog/effects.ts";
import { pinOf } from "./module-changes.ts";
import { modulesOfTree } from "./modules.ts";
import type { ChangedFile, TreeEntry } from "./ports/repository.ts";
import type { EnvironmentLayout } from "./ports/environment.ts";
import type { WantedModule } from "./ports/modules.ts";
import type { SideModules } from "./resolve-modules.ts";

/**
 * Pins of the Puppetfile that change though the module lies in the tree, which is what gets compiled: what the new pin would do is not looked at,
 * and whoever deploys by the Puppetfile gets it. Not where the module's folder changes too, as when somebody brings both up to date.
 */
export function hiddenPins(
  sides: { base: SideModules; merged: SideModules },
  merged: { entries: readonly TreeEntry[]; layout: EnvironmentLayout },
  changed: readonly ChangedFile[],
): Finding[] {
  const vendored = modulesOfTree(merged);
  const before = wantedBy(sides.base);
  return [...wantedBy(sides.merged).values()].flatMap((wanted): Finding[] => {
    const folder = vendored.get(wanted.name);
    const was = before.get(wanted.name);
    const isSame = was !== undefined && JSON.stringify(was.source) === JSON.stringify(wanted.source);
    if (folder === undefined || isSame || wanted.source.kind === "tree") return [];
    if (changed.some(({ path, oldPath }) => [path, oldPath].some((each) => each?.startsWith(`${folder}/`)))) return [];
    const from = was === undefined ? "" : ` instead of ${pinOf(was.source)}`;
    const message =
      `${wanted.name} is pinned to ${pinOf(wanted.source)}${from}, and ${folder} of the tree was compiled in its place: what the pin does was not ` +
      "looked at. Bring that folder up to date in the same change, or take the folder or the line away";
    return [findingsOf("modules")("warning", { path: "Puppetfile", line: wanted.line }, "pin-hidden", message)];
  });
}

/** By name, the first line of each, as with everything that reads it. */
const wantedBy = ({ puppetfile }: SideModules): Map<string, WantedModule> =>
  new Map((puppetfile?.modules ?? []).toReversed().map((wanted) => [wanted.name, wanted]));
