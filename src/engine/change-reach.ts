import type { Policy } from "../policy/schema.ts";

/** Whom a change reaches by its check, for lists and measures, and from which permission on somebody sees data of nodes. */
export interface ChangeReach {
  services: readonly string[];
  /** `acme/web`: owners of these services. */
  teams: readonly string[];
  nodes: Policy["pages"]["nodes"];
}
