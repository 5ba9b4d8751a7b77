/** What is said of a change that went wrong: the expectation that would have caught it, or why none can be drafted. */
export type DraftTold =
  | {
      kind: "drafted";
      name: string;
      /** Where its file goes. */
      path: string;
      /** The file, whole. */
      text: string;
      /** The resource that it is about. */
      resource: string;
      severity: "block" | "approval";
      /** Others that it could be about, where nothing tells which of them went wrong; empty where something does. */
      others: readonly string[];
    }
  | { kind: "none"; why: NoDraft };

/**
 * - `compile`: the catalog did not compile on the fleet, and did when it was checked.
 * - `silent`: nodes fell silent, and nothing of what the change does to them is known to do that.
 * - `differs`: the fleet got other catalogs than were checked.
 * - `untouched`: what failed is nothing that the change's catalogs show.
 * - `quiet`: the change does nothing that a catalog shows.
 * - `unchecked`: nothing is kept of a check of it.
 * - `invalid`: the gate's draft does not pass its own examples, which its log has.
 */
export type NoDraft = "compile" | "silent" | "differs" | "untouched" | "quiet" | "unchecked" | "invalid";
