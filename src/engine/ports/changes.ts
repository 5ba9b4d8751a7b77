import type { Policy } from "../../policy/schema.ts";

export interface ChangeKey {
  /** GitHub's id of the repository. */
  repository: number;
  number: number;
}

export interface Pair {
  base: string;
  head: string;
}

/** Whom a change reaches by its check, for lists and measures, and from which permission on somebody sees data of nodes. */
export interface ChangeReach {
  services: readonly string[];
  /** `acme/web`: owners of these services. */
  teams: readonly string[];
  nodes: Policy["pages"]["nodes"];
}
