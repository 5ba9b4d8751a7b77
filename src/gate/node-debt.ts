import { minimatch } from "minimatch";
import type { NodeOutcome } from "../catalog/effects.ts";
import type { NodeDebt } from "../policy/requirement.ts";

/** A node that was in trouble on base already, and the debt that the policy has it under; null where it has none. */
export interface OwedNode {
  node: NodeOutcome;
  debt: NodeDebt | null;
  /** Whether its day is over. */
  isDue: boolean;
}

/**
 * Nodes whose trouble this change did not make, by what the policy says of them. The first entry that names a node is its own. `today` is
 * `YYYY-MM-DD`, UTC; a debt lasts to the end of its day.
 */
export function owedNodes(nodes: readonly NodeOutcome[], debts: readonly NodeDebt[], today: string): OwedNode[] {
  return nodes
    .filter((node) => node.old === true)
    .map((node) => {
      const debt = debts.find((entry) => entry.nodes.some((glob) => minimatch(node.certname, glob))) ?? null;
      return { node, debt, isDue: debt !== null && debt.until < today };
    });
}

/** A debt in words: whose, and until when. */
export const debtWords = ({ owner, until, reason }: NodeDebt): string => `${owner} owes it until ${until} (${reason})`;
