import { z } from "zod";

import type { CollectorFilter } from "../catalog/collector.ts";
import type { Taints } from "../catalog/taints.ts";
import type { OutsideRead, Reads } from "../engine/ports/compile.ts";
import type { Trace } from "../plan/trace.ts";
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

/** Of a trace, texts in all and characters of them: a catalog of some thousand resources has some thousand texts. */
const mostTexts = 200_000;
const mostCharacters = 16 * 1024 * 1024;
const texts = z.array(z.string().max(longest)).max(mostTexts);
const traceSchema = z
  .strictObject({
    manifests: texts,
    functions: texts,
    types: texts,
    files: texts,
    folders: texts,
    data: z.array(z.strictObject({ path: z.string().max(longest), keys: texts.nullable() })).max(mostTexts),
    absent: texts,
    keys: texts,
    node: z.string().max(longest).nullable(),
    outside: z.boolean(),
    impure: texts,
  })
  .refine((trace) => {
    const all = textsOf(trace);
    return all.length <= mostTexts && all.reduce((sum, text) => sum + text.length, 0) <= mostCharacters;
  });

const textsOf = ({ manifests, functions, types, files, folders, data, absent, keys, node, impure }: Trace): string[] => [
  ...[manifests, functions, types, files, folders, absent, keys, impure, node === null ? [] : [node]].flat(),
  ...data.flatMap(({ path, keys: asked }) => (asked === null ? [path] : [path, ...asked])),
];

/** What a worker says that a compile read and asked for: hostile until it has passed here. */
export const readsSchema = z.strictObject({
  facts: z.array(z.array(z.string().max(200)).max(16)).max(5_001),
  used: outsideSchema,
  missing: outsideSchema,
  collectors: z.array(z.strictObject({ type: z.string().max(256), filter: filterSchema })).max(2_000),
  // One that is none, or too large, is left out whole: a node without a trace is always compiled.
  trace: traceSchema.optional().catch(undefined),
});

/**
 * Names are interpolated, and can hold a secret. A filter that does is given as none, which finds more and not less; a trace that does is
 * left out, since names with a hole in them are others.
 */
export function withoutSecrets({ facts, used, missing, collectors, trace }: z.infer<typeof readsSchema>, taints: Taints): Reads {
  return {
    facts,
    used: namesWithoutSecrets(used, taints),
    missing: namesWithoutSecrets(missing, taints),
    collectors: collectors.map(({ type, filter }) => ({ type, filter: taints.isIn(JSON.stringify(filter)) ? null : filter })),
    ...(trace === undefined || taints.isIn(textsOf(trace).join("\n")) ? {} : { trace }),
  };
}

export const namesWithoutSecrets = (reads: readonly OutsideRead[], taints: Taints): OutsideRead[] =>
  reads.map(({ kind, name: asked }) => ({ kind, name: taints.redact(asked) }));
