import { createHash } from "node:crypto";
import { z } from "zod";
import { type NodeAnswer, type SideAnswer } from "../../catalog/expect/questions.ts";
import type { ExpectNode } from "../../catalog/expect/node-view.ts";
import type { Expectation } from "../../catalog/expect/schema.ts";
import type { CompileCache } from "../ports/cache.ts";

/** What an expectation of base comes to on a catalog of base: of nothing else anything is kept. */
export type KeptAnswer = Pick<NodeAnswer, "asked" | "before">;

/** Grows where the same expectation would come to something else on the same catalog. */
const edition = 1;

const item = z.strictObject({
  subject: z.string(),
  attribute: z.string().nullable(),
  value: z.string().nullable(),
  path: z.string().nullable(),
  line: z.number().nullable(),
});
const side = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("holds") }),
  z.strictObject({ is: z.literal("fails"), items: z.array(item), total: z.number() }),
  z.strictObject({ is: z.literal("unknown"), reason: z.string() }),
  z.strictObject({ is: z.literal("taken"), value: z.unknown() }),
  z.strictObject({ is: z.literal("none") }),
]);
const asked = z.discriminatedUnion("known", [
  z.strictObject({ known: z.literal(true), value: z.boolean() }),
  z.strictObject({ known: z.literal(false), reason: z.string() }),
]);
/** `h` it holds, `n` it does not ask about the node: most are one of these, for thousands of nodes. */
const keptSchema = z.strictObject({
  expectations: z.array(z.string()),
  nodes: z.record(z.string(), z.tuple([z.string(), z.array(z.union([z.literal(["h", "n"]), z.strictObject({ asked, before: side })]))])),
});

/**
 * Results on base's catalogs from check to check, one entry for all expectations and nodes of a scope. A result is good for as long as the
 * expression, the worker's answer that the catalog was read from, and what is known of the node are the same.
 */
export class KeptResults {
  readonly #cache: CompileCache | null;
  readonly #key: string;
  readonly #digests: readonly string[];
  readonly #before: ReadonlyMap<string, Kept>;
  readonly #now = new Map<string, Kept>();
  #isNew = false;

  private constructor(cache: CompileCache | null, key: string, digests: readonly string[], before: ReadonlyMap<string, Kept>) {
    this.#cache = cache;
    this.#key = key;
    this.#digests = digests;
    this.#before = before;
  }

  static async open(cache: CompileCache | null, scope: string, expectations: readonly Expectation[]): Promise<KeptResults> {
    const key = sha256(JSON.stringify(["expectations", edition, scope]));
    const digests = expectations.map(({ for: of, scope: looks, expect, each }) =>
      sha256(JSON.stringify([of, looks, expect, each])).slice(0, 32),
    );
    const body = expectations.length === 0 ? null : ((await cache?.read(key)) ?? null);
    return new KeptResults(cache, key, digests, body === null ? new Map() : readBody(body, digests));
  }

  /** What is kept of a node, for each expectation; null where it is to be evaluated. */
  find(certname: string, key: string | null): KeptAnswer[] | null {
    const kept = this.#now.get(certname) ?? this.#before.get(certname);
    if (kept === undefined || key === null || kept.key !== key) return null;
    const whole = kept.results.filter((each) => each !== null);
    return whole.length === this.#digests.length ? whole : null;
  }

  /** Keeps a node's results as they were found, or goes on keeping them. An unknown that a limit made is not kept. */
  add(certname: string, key: string | null, results: readonly (KeptAnswer | null)[], isNew: boolean): void {
    if (key === null) return;
    this.#now.set(certname, { key, results });
    this.#isNew ||= isNew;
  }

  async save(): Promise<void> {
    if (this.#cache === null || !this.#isNew) return;
    // One that is incomplete is left out, not guessed.
    const whole = [...this.#now].filter(([, { results }]) => !results.includes(null));
    const nodes = Object.fromEntries(whole.map(([certname, { key, results }]) => [certname, [key, results.map(packed)]]));
    await this.#cache.write(this.#key, Buffer.from(JSON.stringify({ expectations: this.#digests, nodes })));
  }
}

/** What a result depends on besides the expression; null where the catalog is not kept. */
export const resultKey = (answer: string, node: ExpectNode): string | null =>
  answer === "" ? null : sha256(JSON.stringify([answer, node]));

function readBody(body: Buffer, digests: readonly string[]): Map<string, Kept> {
  const read = keptSchema.safeParse(JSON.parse(body.toString("utf8")));
  if (!read.success) return new Map();
  const { expectations, nodes } = read.data;
  const places = digests.map((digest) => expectations.indexOf(digest));
  return new Map(
    Object.entries(nodes).map(([certname, [key, results]]) => {
      const found = places.map((place) => results[place] ?? null);
      return [certname, { key, results: found.map((each) => (each === null ? null : unpacked(each))) }];
    }),
  );
}

interface Kept {
  key: string;
  /** In the order of the expectations; null where one was not evaluated. */
  results: readonly (KeptAnswer | null)[];
}

type Packed = "h" | "n" | KeptAnswer;

function packed(answer: KeptAnswer | null): Packed | null {
  if (answer === null) return null;
  const { asked: of, before } = answer;
  if (of.known && !of.value) return "n";
  return of.known && before.is === "holds" ? "h" : { asked: of, before };
}

const unpacked = (each: "h" | "n" | { asked: KeptAnswer["asked"]; before: unknown }): KeptAnswer =>
  each === "n"
    ? { asked: { known: true, value: false }, before: { is: "none" } }
    : each === "h"
      ? { asked: { known: true, value: true }, before: { is: "holds" } }
      : { asked: each.asked, before: each.before as SideAnswer };

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
