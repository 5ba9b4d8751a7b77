import { z } from "zod";

import type { CollectorFilter } from "../catalog/collector.ts";
import type { Taints } from "../catalog/taints.ts";
import type { OutsideRead, Reads } from "../engine/ports.ts";
import { visible } from "./visible.ts";

/** Bounds are those that the worker keeps to (`fact_reads.rb`, `stand_ins.rb`); one that does not is no worker of ours. */
const longest = 2_000;
const name = z
  .string()
  .max(longest)
  .transform((text) => visible(text, longest));
export const outsideSchema = z.array(z.strictObject({ kind: z.enum(["hiera", "file", "dns", "puppetdb"]), name })).max(2_000);
const operand = z.union([z.string().max(2_000), z.number(), z.boolean(), z.null(), z.array(z.string().max(2_000)).max(200)]);
const deepestFilter = 30;

const filterSchema = z.unknown().transform((given, context): CollectorFilter | null => {
  if (given === null || isFilter(given, deepestFilter)) return given;
  context.addIssue({ code: "custom", message: "no filter of a collector" });
  return z.NEVER;
});

function isFilter(given: unknown, deepest: number): given is CollectorFilter {
  if (!Array.isArray(given) || given.length !== 3 || deepest === 0) return false;
  const [left, operator, right] = given as [unknown, unknown, unknown];
  if (operator === "and" || operator === "or") return isFilter(left, deepest - 1) && isFilter(right, deepest - 1);
  return (operator === "==" || operator === "!=") && typeof left === "string" && left.length <= 300 && operand.safeParse(right).success;
}

/** What a worker says that a compile read and asked for: hostile until it has passed here. */
export const readsSchema = z.strictObject({
  facts: z.array(z.array(z.string().max(200)).max(16)).max(5_001),
  used: outsideSchema,
  missing: outsideSchema,
  collectors: z.array(z.strictObject({ type: z.string().max(256), filter: filterSchema })).max(2_000),
});

/** Names are interpolated, and can hold a secret. A filter that does is given as none, which finds more and not less. */
export function withoutSecrets({ facts, used, missing, collectors }: Reads, taints: Taints): Reads {
  return {
    facts,
    used: namesWithoutSecrets(used, taints),
    missing: namesWithoutSecrets(missing, taints),
    collectors: collectors.map(({ type, filter }) => ({ type, filter: taints.isIn(JSON.stringify(filter)) ? null : filter })),
  };
}

export const namesWithoutSecrets = (reads: readonly OutsideRead[], taints: Taints): OutsideRead[] =>
  reads.map(({ kind, name: asked }) => ({ kind, name: taints.redact(asked) }));
