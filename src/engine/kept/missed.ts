import { findingsOf } from "../../catalog/finding.ts";
import type { Finding } from "../../catalog/effects.ts";

/** What is to be said of nodes that a plan would have missed. */
export const missedWords = (certnames: readonly string[]): string =>
  `${certnames.slice(0, 5).join(", ")}${certnames.length > 5 ? ` and ${certnames.length - 5} more` : ""}: another catalog, though nothing differs that it was ` +
  "seen to rest on, so what need not be compiled can't be told here. Nothing that was kept of this repository is used any more; this is a fault of " +
  "puppet-gate: report it, and recheck (every node is compiled then)";

/** A plan that was wrong. Nothing of the kind may land, since others like it may have gone unseen. */
export const missedFinding = (certname: string): Finding => findingsOf("compile")("error", null, "missed-node", missedWords([certname]));
