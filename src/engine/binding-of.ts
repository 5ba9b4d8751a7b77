import type { Binding } from "../gate/facts.ts";
import type { ChangeKey, Pair } from "./ports/changes.ts";
import type { Records } from "./ports/records.ts";

/** What an approval of this pair is given for, by its check; null where that is not done, or found nothing that could land. */
export async function bindingOf(
  records: Pick<Records, "findCheck">,
  change: ChangeKey,
  pair: Pair,
  baseRef: string,
): Promise<Binding | null> {
  const found = await records.findCheck(change, pair);
  if (found?.result.ok !== true) return null;
  const { patch, digest, report } = found.result.checked;
  return report.tree === null ? null : { base: pair.base, baseRef, tree: report.tree, patch, digest, permission: null };
}
