import type { Report } from "../../src/gate/report.ts";

/** What came of the changes that were looked at. */
export class Tally {
  changes = 0;
  /** Changes that could not be looked at. */
  failed = 0;
  /** Verdicts about one node in one change. */
  verdicts = 0;
  /** Nodes that the plan has compiled, and those of them whose catalog is another. */
  reached = 0;
  changed = 0;
  missed = 0;
  readonly #began = performance.now();

  add({ nodes, coverage }: Report): void {
    this.changes += 1;
    this.verdicts += nodes.length;
    this.reached += coverage?.plan?.reached ?? 0;
    this.missed += coverage?.plan?.missed.length ?? 0;
    this.changed += nodes.filter(({ outcome, old }) => old !== true && different.has(outcome)).length;
  }

  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }
}

const different: ReadonlySet<string> = new Set(["changed", "broken", "fixed"]);

/** The one line of figures. Surplus: of the nodes that were compiled, those that turned out to be the same. */
export function lineOf({ changes, failed, verdicts, reached, changed, missed, seconds }: Tally): string {
  const surplus = reached === 0 ? 0 : Math.round((100 * (reached - (changed - missed))) / reached);
  const per = verdicts === 0 ? 0 : (100_000 * missed) / verdicts;
  return (
    `soundness: ${changes} changes, ${verdicts} node verdicts, ${changed} changed, ${reached} compiled by plan, ${missed} missed ` +
    `(${per.toFixed(1)} per 100,000), surplus ${surplus} %, ${failed} not looked at, ${Math.round(seconds)} s`
  );
}
