import type { Place } from "./api.ts";
import { statusOf } from "./failure.ts";

/** Puts labels on a pull request and takes others away. A label that is gone already was taken away. */
export async function setLabels(
  { api, repo }: Place,
  number: number,
  { add, remove }: { add: readonly string[]; remove: readonly string[] },
): Promise<void> {
  if (add.length > 0) await api.rest.issues.addLabels({ ...repo, issue_number: number, labels: [...add] });
  for (const name of remove) {
    try {
      await api.rest.issues.removeLabel({ ...repo, issue_number: number, name });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }
}
