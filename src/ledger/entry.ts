import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { mostEntryBytes } from "./entry-bundles.ts";

/**
 * One record of the ledger. What is hashed is its canonical form (RFC 8785), so that anybody can compute it again. It holds no person and no
 * text: `actor` is a commitment to a numeric id that can be made to say nothing by forgetting its salt, and texts are named by their digest.
 */
export interface Entry {
  v: 1;
  kind: EntryKind;
  /** ISO 8601, UTC, with milliseconds: this machine's clock. */
  at: string;
  /** GitHub's id of the repository; 0 for what is about the installation as a whole. */
  repo: number;
  /** What it is about: `pull/7`, `branch/main`. */
  subject: string;
  /** Who did it, as `commitmentTo` gives it; null for nobody, the gate itself, and where that is not known. */
  actor: string | null;
  /** SHA-256 of the blobs that it rests on, sorted, each once: `blobOf` has their form. */
  evidence: readonly string[];
  /** The same event has the same key: it is recorded once. */
  idempotencyKey: string;
}

export type EntryKind =
  | "approval-received"
  | "approval-bound"
  | "approval-kept"
  | "approval-dropped"
  | "verdict"
  | "policy-in-force"
  | "trusted"
  | "wish"
  | "wish-ended"
  | "break-glass"
  | "break-glass-ended"
  | "debt-owed"
  | "debt-paid"
  | "contributed"
  | "merge-intended"
  | "merge-refused"
  | "landed"
  | "landed-outside"
  | "tree-differs"
  | "frozen"
  | "unfrozen"
  | "direct-push"
  | "expectation-drafted"
  | "reverted"
  | "history-rewritten"
  | "kept-compile-wrong"
  | "check-forged"
  | "command-forged"
  | "log-began"
  | "log-key-rotated"
  | "log-succeeded"
  | "forgotten"
  | "blind"
  | "lane-moved-outside"
  | "lane-nodes"
  | "lane-entered"
  | "lane-moved"
  | "lane-ready"
  | "lane-passed"
  | "lane-halted"
  | "lane-superseded"
  | "lane-promoted"
  | "lane-let-in"
  | "lane-resumed"
  | "lane-returning"
  | "lane-quarantined"
  | "commit-unquarantined"
  | "rollout-paused"
  | "rollout-resumed"
  | "rollout-ordered"
  | "rollout-refused"
  | "lane-returned"
  | "rollout-done";

/** What is to be recorded, before people became commitments and texts digests. */
export interface Draft {
  kind: EntryKind;
  /** `pull/7`, `branch/main`. */
  subject: string;
  /** Numeric id of the person. */
  actor: number | null;
  /** Texts, as canonical JSON (RFC 8785). */
  evidence: readonly string[];
  /** Unique within the repository for what happened; told again, it is the same. */
  key: string;
}

/** An entry of a draft whose evidence are blobs by now. `commitments` has one for every actor, as `commitmentTo` gives it. */
export function toEntry(
  draft: Draft,
  { repository, at, commitments }: { repository: number; at: Date; commitments: ReadonlyMap<number, string> },
): Entry {
  const actor = draft.actor === null ? null : commitments.get(draft.actor);
  if (actor === undefined) throw new Error("an entry's actor has no commitment");
  return {
    v: 1,
    kind: draft.kind,
    at: at.toISOString(),
    repo: repository,
    subject: short(draft.subject),
    actor,
    evidence: [...new Set(draft.evidence.map(digestOf))].sort(),
    idempotencyKey: `${repository}/${short(draft.key)}`,
  };
}

/** The bytes that an entry's hash is of, as text: RFC 8785. */
export function canonicalForm(entry: Entry): string {
  const text = canonicalize(entry);
  if (text === undefined) throw new Error("an entry has no canonical form");
  if (Buffer.byteLength(text) > mostEntryBytes)
    throw new Error(`an entry has more than ${mostEntryBytes} bytes: what it rests on belongs into evidence`);
  return text;
}

/**
 * A text as entries commit to it: after a line with a salt of its own, 32 random bytes in hexadecimal. Without that, whoever has an entry could try out
 * which person a text named that was forgotten since. Texts from before there were salts have none, and no line for one.
 */
export const blobOf = (text: string, salt: string | null): string => (salt === null ? text : `${salt}\n${text}`);

/** The text of a blob. */
export const textOfBlob = (blob: string): string => (/^[0-9a-f]{64}\n/u.test(blob) ? blob.slice(65) : blob);

/** SHA-256 of a text's UTF-8, in hexadecimal: the name of a piece of evidence. */
export const digestOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** `salt` is 32 random bytes in hexadecimal, kept apart: without it nobody can tell whose commitment this is. */
export const commitmentTo = (id: number, salt: string): string => digestOf(`${salt}:${id}`);

/** UTF-8 has no lone surrogates, and RFC 8785 refuses them. Names that people give, such as of checks, may be of any length: no entry is refused over one. */
function short(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.length <= mostName ? wellFormed : `${wellFormed.slice(0, mostName).toWellFormed()}:${digestOf(wellFormed)}`;
}

/** Far from the bytes that an entry may have, whatever these characters are and however JSON writes them. */
const mostName = 2_000;
