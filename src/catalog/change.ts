import type { Source, Value } from "./catalog.ts";
import type { Concern, EffectGroup } from "./effects.ts";

/** One difference between a node's two catalogs: of a resource as a whole, or of one attribute. */
export interface Change {
  type: string;
  /** After's title, or before's where there is no after. */
  title: string;
  /** Null for a whole resource. */
  attribute: string | null;
  change: EffectGroup["change"];
  /**
   * - `system`: what a provider would carry out.
   * - `secret`: the same where only secrets differ; `before` and `after` are null.
   * - `class-parameter`: of a class or a defined type; what it comes to, its resources say.
   * - `ordering`: relationships and stages.
   * - `type-only`: the same written differently (`1` for `"1"`), a new title for the same thing.
   */
  kind: EffectGroup["kind"];
  /** The attribute's value, null where it has none. Of a whole resource a hash of its attributes; of a rename the titles. */
  before: Value;
  after: Value;
  /** Where the resource is declared, after the change if it still is. */
  source: Source | null;
  /** Why it deserves a second look (`concerns.ts`); missing where it does not. */
  concerns?: readonly Concern[];
  /** Whether its type would not take the value of a side without the node, so that values were compared as they are written. */
  asWritten?: true;
  /** What the two values alone don't tell, as a fragment of a sentence. */
  note?: string;
}

/** Whether a change reaches the system of the node, as far as a catalog can tell. */
export const reachesSystem = ({ kind }: Pick<Change, "kind">): boolean => kind === "system" || kind === "secret";
