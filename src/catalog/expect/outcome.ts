import type { Judged } from "./evaluate.ts";
import { itemKey, type Item } from "./recorder.ts";

/** What became of an expectation on a node, or of one over the fleet as a whole. */
export type Become =
  | { is: "holds" }
  /** It held before, or is broken by more than it was. */
  | { is: "broken"; items: readonly Item[]; total: number }
  | { is: "already"; items: readonly Item[]; total: number }
  | { is: "mended" }
  /** Of what the change reaches. */
  | { is: "unknown"; reason: string }
  /** Of what the change does not reach, so that it can't be what breaks it. */
  | { is: "unknown-already"; reason: string };

/**
 * Holds what an expectation comes to with the change against what it came to before: broken by a resource that did not break it before is broken
 * anew. `reached`: whether the change does anything to what was looked at, so that what can't be told may be its doing. `before` is null where
 * there was nothing to look at.
 */
export function become(before: Judged | null, after: Judged, reached: boolean): Become {
  if (after.is === "holds") return before?.is === "fails" ? { is: "mended" } : { is: "holds" };
  if (after.is === "unknown") {
    const isOld = !reached && before?.is === "unknown" && before.reason === after.reason;
    return { is: isOld ? "unknown-already" : "unknown", reason: after.reason };
  }
  if (before?.is !== "fails") return { ...after, is: "broken" };
  // Not all of them are told one by one: then more of them are more, and as many are taken for the same.
  if (before.total > before.items.length) return { ...after, is: after.total > before.total ? "broken" : "already" };
  const old = new Set(before.items.map(itemKey));
  const items = after.items.filter((item) => !old.has(itemKey(item)));
  const total = items.length + after.total - after.items.length;
  return total > 0 ? { is: "broken", items, total } : { ...after, is: "already" };
}
