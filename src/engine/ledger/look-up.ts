import { z } from "zod";
import { toTold } from "../../ledger/questions/trail.ts";
import { commitmentTo, type Entry, textOfBlob } from "../../ledger/entry.ts";

/** Looking things up in the ledger for people, a page at a time: what is asked for is bounded, and says where it ended. */

interface KeptEntry {
  seq: number;
  entry: Entry;
}

export interface Asked {
  kinds: readonly string[] | null;
  subject: string | null;
  /** GitHub's number of a person. */
  person: number | null;
  /** A part of what an entry rests on, in any case. */
  text: string | null;
  from: Date | null;
  to: Date | null;
  below: number | null;
  /** Entries of one page, at most. */
  most: number;
}

export interface LookUpRecords {
  listEntries(repository: number, asked: Omit<Asked, "person" | "text"> & { actor: string | null }): Promise<readonly KeptEntry[]>;
  showEntry(repository: number, seq: number): Promise<KeptEntry | null>;
  blobsOf(digests: readonly string[]): Promise<readonly { sha256: string; blob: string }[]>;
  people(): Promise<readonly { id: number; salt: string }[]>;
  saltOf(person: number): Promise<string | null>;
  loginsOf(people: readonly number[]): Promise<ReadonlyMap<number, string>>;
}

/** Whom an entry is about: null for nobody; `id` null for somebody whom the ledger was asked to forget. */
export type Somebody = { id: number | null; login: string | null; commitment: string } | null;

export interface ListedEntry {
  seq: number;
  entry: Entry;
  who: Somebody;
}

export interface EntryPage {
  rows: readonly ListedEntry[];
  /** Where the next page goes on; null where nothing is left. */
  below: number | null;
  /** How many entries were read for a text, where that was looked for. */
  looked: number | null;
}

/** Entries that are read at most where a text is looked for. */
const window = 2_000;

/**
 * Kinds of which what they rest on holds no data of nodes, and which therefore everybody sees who may read the repository. A kind that is not here is shown to
 * whoever may see nodes.
 */
const withoutNodes: ReadonlySet<string> = new Set([
  "approval-received",
  "approval-bound",
  "approval-kept",
  "approval-dropped",
  "policy-in-force",
  "trusted",
  "wish",
  "wish-ended",
  "break-glass",
  "break-glass-ended",
  "debt-owed",
  "debt-paid",
  "contributed",
  "merge-intended",
  "landed",
  "landed-outside",
  "tree-differs",
  "frozen",
  "unfrozen",
  "direct-push",
  "expectation-drafted",
  "reverted",
  "history-rewritten",
  "check-forged",
  "command-forged",
  "blind",
  "lane-entered",
  "lane-moved",
  "lane-ready",
  "lane-superseded",
  "lane-promoted",
  "lane-let-in",
  "lane-resumed",
  "lane-quarantined",
  "commit-unquarantined",
  "rollout-paused",
  "rollout-resumed",
  "rollout-ordered",
  "rollout-refused",
  "rollout-done",
]);

/** @param seesNodes whether who looks may see data of nodes: a text is looked for in nothing else than they see */
export async function lookUp(records: LookUpRecords, repository: number, asked: Asked, seesNodes: boolean): Promise<EntryPage> {
  const { person, text, most: pageSize, ...rest } = asked;
  const salt = person === null ? null : await records.saltOf(person);
  if (person !== null && salt === null) return { rows: [], below: null, looked: null };
  const most = text === null ? pageSize + 1 : window;
  const found = await records.listEntries(repository, {
    ...rest,
    actor: person === null || salt === null ? null : commitmentTo(person, salt),
    most,
  });
  const fitting = text === null ? found : await having(records, found, text, seesNodes);
  const shown = fitting.slice(0, pageSize);
  const isMore = fitting.length > pageSize || (text !== null && found.length === most);
  const last = fitting.length > pageSize || text === null ? shown.at(-1) : found.at(-1);
  return {
    rows: await named(records, shown),
    below: isMore ? (last?.seq ?? null) : null,
    looked: text === null ? null : fitting.length > pageSize ? found.findIndex(({ seq }) => seq === last?.seq) + 1 : found.length,
  };
}

async function having(records: LookUpRecords, found: readonly KeptEntry[], text: string, seesNodes: boolean): Promise<KeptEntry[]> {
  const wanted = text.toLowerCase();
  const readable = found.filter(({ entry }) => seesNodes || withoutNodes.has(entry.kind));
  const blobs = await records.blobsOf(readable.flatMap(({ entry }) => entry.evidence));
  const holding = new Set(blobs.flatMap(({ sha256, blob }) => (textOfBlob(blob).toLowerCase().includes(wanted) ? [sha256] : [])));
  const own = new Set(readable.map(({ seq }) => seq));
  return found.filter(
    ({ seq, entry }) => entry.subject.toLowerCase().includes(wanted) || (own.has(seq) && entry.evidence.some((one) => holding.has(one))),
  );
}

async function named(records: LookUpRecords, found: readonly KeptEntry[]): Promise<ListedEntry[]> {
  const somebody = await somebodyOf(
    records,
    found.map(({ entry }) => entry.actor),
  );
  return found.map(({ seq, entry }) => ({ seq, entry, who: somebody(entry.actor) }));
}

/** As far as anybody may know: whoever was forgotten stays a commitment. */
export async function somebodyOf(
  records: Pick<LookUpRecords, "people" | "loginsOf">,
  actors: readonly (string | null)[],
): Promise<(actor: string | null) => Somebody> {
  const wanted = new Set(actors.filter((actor) => actor !== null));
  const people = wanted.size === 0 ? [] : await records.people();
  const ids = new Map(people.map(({ id, salt }) => [commitmentTo(id, salt), id] as const).filter(([commitment]) => wanted.has(commitment)));
  const logins = await records.loginsOf([...ids.values()]);
  return (actor) => {
    if (actor === null) return null;
    const id = ids.get(actor) ?? null;
    return { id, login: id === null ? null : (logins.get(id) ?? null), commitment: actor };
  };
}

/** One entry with the texts that it rests on, by their digests: null where one was forgotten, and all null with `hidden` for who may not see them. */
export interface ShownEntry extends ListedEntry {
  texts: readonly { sha256: string; text: string | null }[];
  hidden: boolean;
}

export async function lookAtEntry(records: LookUpRecords, repository: number, seq: number, seesNodes: boolean): Promise<ShownEntry | null> {
  const found = await records.showEntry(repository, seq);
  if (found === null) return null;
  const hidden = !seesNodes && !withoutNodes.has(found.entry.kind);
  const blobs = hidden ? [] : await records.blobsOf(found.entry.evidence);
  const texts = new Map(blobs.map(({ sha256, blob }) => [sha256, textOfBlob(blob)]));
  const [listed] = await named(records, [found]);
  if (listed === undefined) return null;
  return { ...listed, texts: found.entry.evidence.map((sha256) => ({ sha256, text: texts.get(sha256) ?? null })), hidden };
}

type Became = "received" | "bound" | "kept" | "dropped";

/** An approval that came in, and what became of it, oldest first; times are ISO 8601. */
interface ShownApproval {
  who: Somebody;
  commit: string | null;
  became: { seq: number; at: string; state: Became; why: string | null }[];
}

/** Of how many entries of one change the texts are read, the newest: somebody may push a thousand times. */
const mostOfChange = 500;

/** Of how many verdicts it is told what was in the way: theirs are longer. */
const mostVerdicts = 100;

/** `judged`: of a verdict whose text is there. */
interface HistoryEntry {
  seq: number;
  kind: Entry["kind"];
  at: string;
  who: Somebody;
  judged?: { outcome: string; rules: string[] };
}

/** What the ledger has of a change: its entries, and its approvals by what was told of each. */
export async function historyOf(
  records: Pick<LookUpRecords, "blobsOf" | "people" | "loginsOf">,
  entries: readonly KeptEntry[],
): Promise<{ entries: HistoryEntry[]; approvals: ShownApproval[] }> {
  const somebody = await somebodyOf(
    records,
    entries.map(({ entry }) => entry.actor),
  );
  const told = entries.filter(({ entry }) => entry.kind.startsWith("approval-")).slice(-mostOfChange);
  const verdicts = entries.filter(({ entry }) => entry.kind === "verdict").slice(-mostVerdicts);
  const blobs = await records.blobsOf([...told, ...verdicts].flatMap(({ entry }) => entry.evidence.slice(0, 1)));
  const texts = new Map(blobs.map(({ sha256, blob }) => [sha256, blob]));
  const approvals = new Map<string, ShownApproval>();
  for (const { seq, entry } of told) {
    const { about } = toTold(seq - 1, JSON.stringify(entry), (sha256) => texts.get(sha256));
    const key = typeof about["review"] === "number" ? String(about["review"]) : `entry ${seq}`;
    const own = approvals.get(key) ?? { who: somebody(entry.actor), commit: null, became: [] };
    approvals.set(key, own);
    own.commit ??= textOf(about["commit"]);
    own.became.push({ seq, at: entry.at, state: entry.kind.slice("approval-".length) as Became, why: textOf(about["why"]) });
  }
  const judged = new Map(
    verdicts.flatMap(({ seq, entry }) => {
      const blob = texts.get(entry.evidence[0] ?? "");
      const found = blob === undefined ? null : judgedIn(textOfBlob(blob));
      return found === null ? [] : [[seq, found] as const];
    }),
  );
  return {
    entries: entries.map(({ seq, entry: { kind, at, actor } }) => {
      const verdict = judged.get(seq);
      return { seq, kind, at, who: somebody(actor), ...(verdict !== undefined && { judged: verdict }) };
    }),
    approvals: [...approvals.values()],
  };
}

const verdictSchema = z.object({
  verdict: z.object({
    outcome: z.string(),
    reasons: z.array(z.object({ rule: z.string(), outcome: z.string(), observed: z.boolean().optional() })),
  }),
});

/** Names and outcomes alone: what a rule said may name nodes. Null for a text that is none of a verdict. */
function judgedIn(text: string): NonNullable<HistoryEntry["judged"]> | null {
  const found = verdictSchema.safeParse(jsonOf(text));
  if (!found.success) return null;
  const { outcome, reasons } = found.data.verdict;
  const open = reasons.filter((reason) => reason.observed !== true && reason.outcome !== "pass" && reason.outcome !== "skipped");
  return { outcome, rules: open.map(({ rule }) => rule) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
