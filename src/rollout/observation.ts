import type { Known } from "../policy/known.ts";
import type { Line } from "./line.ts";
import type { Unpredicted } from "./catalog-check.ts";
import type { ModuleAt } from "./module-drift.ts";
import type { NodeVerdict, Ran } from "./node-verdict.ts";
import type { SourcePlace } from "./source-place.ts";

/** What is so now, as far as it could be learnt. Times are milliseconds since 1970. */
export interface Observation {
  line: Line;
  /** By the lane's name. */
  lanes: ReadonlyMap<string, LaneSeen>;
  /** Why nothing may enter a lane now: nodes in two lanes, a binding freeze; one sentence each. Empty where nothing holds. */
  held: readonly string[];
}

export interface LaneSeen {
  /** Where its branch is; null where it is gone. */
  tip: Known<string | null>;
  /** The commit that every compiler has proven to serve, with the modules beside it, and PuppetDB's time once the last had; null while they differ. */
  served: Known<{ commit: string; at: number; modules?: readonly ModuleAt[] } | null>;
  /** Why compilers serve nothing that could be told, a sentence for each; missing where there are none. */
  behind?: readonly string[];
  /** Of a stage that is watched. Unknown: the fleet could not be observed, which says nothing about it. */
  fleet: Known<Fleet>;
}

export interface Fleet {
  nodes: readonly NodeVerdict[];
  /** Certnames of the lane by how their catalogs differ; empty where the release changes none. */
  classes: ReadonlyMap<string, readonly string[]>;
  /** When this was so, by PuppetDB's clock. */
  at: number;
  /** When the newest run of its environment arrived, by the same clock; 0 where there is none. */
  heardAt?: number;
  /** Where agents say that the resources are declared that these verdicts are about. */
  places?: ReadonlyMap<string, readonly SourcePlace[]>;
  /** Nodes whose real catalog differs from the one before the release otherwise than it was said to; those of which that can't be told are left out. */
  catalogs?: readonly Unpredicted[];
  /** For the record: which run of each node had it, and what was said that it would change. Nothing is decided by that. */
  record?: { ran: ReadonlyMap<string, Ran>; classes: ReadonlyArray<{ nodes: number; touched: readonly string[] }> };
}
