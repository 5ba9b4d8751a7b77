import { z } from "zod";

import { MalformedCatalog, parseCatalog, Taints } from "../catalog/parse.ts";
import type { CompileError, CompileLimits, CompileOutcome } from "../engine/ports/compile.ts";
import type { NodeStatements } from "../engine/ports/puppet.ts";
import { namesWithoutSecrets, outsideSchema, readsSchema, withoutSecrets } from "./answer-reads.ts";
import { hostile, tooLong, tooMuchMemory } from "./failures.ts";
import { visible } from "./visible.ts";

/** Levels of JSON in an answer. Ruby writes no more than 100. */
const deepest = 110;

const errorSchema = z.object({
  code: z.enum(["compile", "no-node", "memory", "output", "crash"]),
  message: z.string(),
  path: z.string().max(4096).nullable(),
  line: z.int().positive().nullable(),
});
const failedSchema = z.object({ certname: z.string(), ok: z.literal(false), error: errorSchema, missing: outsideSchema.default([]) });
const texts = z.array(z.string()).default([]);
const knownSchema = z.object({ secrets: texts, encrypted: texts });
const statementsSchema = z.object({ names: z.array(z.string().min(1).max(256)).max(100_000), open: z.boolean() });

export interface Reading {
  certname: string;
  root: string;
  limits: CompileLimits;
  /** A keyed digest, for what must not be shown. */
  seal: (text: string) => string;
}

/**
 * The outcome that a worker's line tells of, which is hostile until it is checked: size by the reader of lines, then depth, schema, and that
 * it speaks of the node that was asked for. A worker can still lie within the schema: that is why changes to Ruby need an owner.
 */
export function readOutcome(line: Buffer, { certname, root, limits, seal }: Reading): CompileOutcome {
  const refuse = (why: string): CompileOutcome => ({ certname, ok: false, error: hostile(why) });
  if (isTooDeep(line, deepest)) return refuse(`it is nested deeper than ${deepest} levels`);
  const answer = parseJson(line);
  const head = knownSchema.extend({ certname: z.string(), ok: z.boolean() }).safeParse(answer);
  if (!head.success) return refuse("it is no answer");
  if (head.data.certname !== certname) return refuse("it is about another node");
  // A catalog's own secrets alone decide what is sealed in it: with those of others, it would depend on who was compiled first.
  const taints = new Taints();
  for (const secret of [...head.data.secrets, ...head.data.encrypted]) taints.add(secret);
  if (!head.data.ok) {
    const failed = failedSchema.safeParse(answer);
    if (!failed.success) return refuse("its error is none");
    const { error, missing } = failed.data;
    return { certname, ok: false, error: toError(error, limits, taints), taints, missing: namesWithoutSecrets(missing, taints) };
  }
  const told = z.object({ reads: readsSchema.optional() }).safeParse(answer);
  if (!told.success) return refuse("it tells of reads that are none");
  const { reads } = told.data;
  try {
    const catalog = parseCatalog(answer, seal, { root, taints });
    const { encrypted } = head.data;
    return { certname, ok: true, catalog, taints, encrypted, ...(reads === undefined ? {} : { reads: withoutSecrets(reads, taints) }) };
  } catch (error) {
    if (error instanceof MalformedCatalog) return refuse(visible(taints.redact(error.message)));
    throw error;
  }
}

/** What a worker says of the main manifest's node statements; null where it is no such thing. */
export function readStatements(line: Buffer): NodeStatements | CompileError | null {
  const answer = isTooDeep(line, deepest) ? undefined : parseJson(line);
  const statements = statementsSchema.safeParse(answer);
  if (statements.success) return statements.data;
  const failed = z.object({ ok: z.literal(false), error: errorSchema }).safeParse(answer);
  return failed.success ? { ...failed.data.error, message: visible(failed.data.error.message, 2000) } : null;
}

export const isReady = (line: Buffer): boolean => line.toString() === '{"ready":true}';

/** What a worker says of the tree it was given: an unfit one has loaded what this tree brings itself. */
export const readBegun = (line: Buffer): "begun" | "unfit" | null => {
  const said = line.toString();
  return said === '{"begun":true}' ? "begun" : said === '{"begun":false}' ? "unfit" : null;
};

export const isDone = (line: Buffer): boolean => line.toString() === '{"done":true}';

/** Secrets go before anything is cut or made visible: what is left of one after that would not be found. */
function toError(error: z.infer<typeof errorSchema>, limits: CompileLimits, taints: Taints): CompileError {
  if (error.code === "memory") return tooMuchMemory(limits);
  if (error.code === "output") return tooLong(limits);
  const { code, path, line } = error;
  const message = visible(taints.redact(error.message), 2000);
  if (path === null) return { code, message, path, line: null };
  if (!path.startsWith("/") && !path.split("/").includes("..")) return { code, message, path: visible(taints.redact(path), 4096), line };
  // A module from outside the tree: its place is worth saying, but is none that a change could be shown at.
  const where = visible(taints.redact(path).replace(/^\/etc\/puppetlabs\/code\/modules-\d+\//, ""), 300);
  return { code, message: `${message} (${where}${line === null ? "" : `:${line}`})`, path: null, line: null };
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString()) as unknown;
  } catch {
    return undefined; // which every schema refuses
  }
}

/** Counts brackets outside strings, so that nothing recursive ever sees what is too deep. */
function isTooDeep(json: Buffer, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === 0x22) at = endOfString(json, at);
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

/** The place of the quote that ends a string: the next that an even number of backslashes stands before. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(0x22, start + 1); end >= 0; end = json.indexOf(0x22, end + 1)) {
    let slashes = 0;
    while (json[end - 1 - slashes] === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return json.length;
}
