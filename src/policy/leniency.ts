import { z } from "zod";
import { glob, owner, words } from "./atoms.ts";

/** What a policy lets pass of what a comparison finds: differences that are noise, and catalogs that are meant to be empty. */

const pattern = z.string().min(1, "a pattern").max(500);

const ignoreSchema = z
  .strictObject({
    type: pattern.describe("The resource's type, as Puppet writes it: `File`, `Concat_fragment`. `*` stands for any text here and below."),
    title: pattern.default("*").describe("Its title. Default: any."),
    attribute: pattern.describe("The attribute. Resources that come or go, and relations, are never left out."),
    any_line: pattern.optional().describe("Only where at least one line that goes or comes is like this."),
    every_line: pattern.optional().describe("Only where every line that goes or comes is like this."),
    reason: words.describe("Why nobody needs to see it."),
  })
  .describe("Differences that are left out. What deserves a second look or restarts something is told all the same.");

export const differencesSchema = z.strictObject({
  ignore: z.array(ignoreSchema).max(100).default([]).describe("Differences that are noise. Reports say how many they leave out."),
});

export const emptySchema = z
  .strictObject({
    nodes: z.array(glob).min(1).max(200).describe("Certnames, as patterns."),
    owner: owner.describe("Whose word that is: `@ann` or `@acme/web`."),
    reason: words.describe("Why nothing is managed there."),
  })
  .describe("Nodes whose catalog is meant to hold nothing. Any other catalog without a resource counts as one that could not be analysed.");

/** Differences of attributes that are left out of what a change does. Each pattern is of the whole text; `*` stands for any. */
export interface Ignored {
  type: string;
  title: string;
  attribute: string;
  /** Null: whatever lines differ. */
  anyLine: string | null;
  everyLine: string | null;
  reason: string;
}

export interface MeantEmpty {
  /** Globs of certnames. */
  nodes: readonly string[];
  owner: string;
  reason: string;
}

export const toIgnored = ({ any_line, every_line, ...entry }: z.output<typeof ignoreSchema>): Ignored => ({
  ...entry,
  anyLine: any_line ?? null,
  everyLine: every_line ?? null,
});

/**
 * Whether the whole of a text is like a pattern in which `*` stands for any text. Linear in text times parts, whatever both are: the text
 * is a head's, and an expression of a policy's could be made to take for ever on it.
 */
export function isLike(text: string, like: string): boolean {
  const parts = like.split("*");
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === like;
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
