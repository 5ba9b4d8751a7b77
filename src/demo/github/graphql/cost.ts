import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/** What a query costs of the hour's points. https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api */

export interface Cost {
  points: number;
  /** Nodes that the query may return at most. */
  nodes: number;
}

/** A connection is one request for each node of the one around it; a hundred requests are a point. */
export function costOf(document: DocumentNode, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): Cost {
  const fragments = new Map(
    document.definitions
      .filter((entry): entry is FragmentDefinitionNode => entry.kind === Kind.FRAGMENT_DEFINITION)
      .map((entry) => [entry.name.value, entry]),
  );
  let requests = 0;
  let nodes = 0;
  const walk = (set: SelectionSetNode | undefined, parents: number): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.INLINE_FRAGMENT) walk(selection.selectionSet, parents);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) walk(fragments.get(selection.name.value)?.selectionSet, parents);
      else {
        const bound = selection.arguments?.find(({ name }) => name.value === "first" || name.value === "last");
        const size = bound === undefined ? null : numberOf(bound.value, variables);
        if (size !== null) {
          requests += parents;
          nodes += parents * size;
        }
        walk(selection.selectionSet, size === null ? parents : parents * size);
      }
    }
  };
  walk(operation.selectionSet, 1);
  return { points: Math.max(1, Math.round(requests / 100)), nodes };
}

function numberOf(value: ValueNode, variables: Readonly<Record<string, unknown>>): number | null {
  if (value.kind === Kind.INT) return Number(value.value);
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : null;
  return typeof given === "number" ? given : null;
}
