import type { CacheShelf, Distrust, RepositoryProofs } from "../engine/ports/cache.ts";
import type { Known } from "../gate/facts.ts";
import { Problem } from "../problem.ts";
import { plain } from "./plain.ts";
import { missesPer100000, proofRows } from "./proof-words.ts";

/** What `puppet-gate cache` works on. */
export interface KeptCompiles {
  /** A folder, or what else it is. */
  place: string;
  shelf: Pick<CacheShelf, "size" | "clear"> & { lastRun?: () => Promise<LastRun | null> };
  /** What the marks say; null for one that can't be read. */
  marks: () => Promise<readonly (Distrust | null)[]>;
  /** What nights and samples proved; absent where nobody counts that. */
  proofs?: () => Promise<Known<readonly RepositoryProofs[]>>;
}

/** How the last check went that used it. */
export interface LastRun {
  /** ISO 8601. */
  at: string;
  hits: number;
  misses: number;
  broken: number;
  written: number;
  refused: number;
}

interface Output {
  write(text: string): unknown;
}

const schema = "puppet-gate/cache@1";

/** `puppet-gate cache status`: what is kept, how the last run went with it, what was proven of it, and what is not to be trusted. */
export async function cacheStatus({ place, shelf, ...kept }: KeptCompiles, json: boolean, output: Output): Promise<void> {
  const size = await shelf.size();
  const lastRun = (await shelf.lastRun?.()) ?? null;
  const proofs = (await kept.proofs?.()) ?? null;
  const distrusted = (await kept.marks()).map((mark) => named(mark, proofs));
  if (json) output.write(`${JSON.stringify({ schema, place, ...size, lastRun, distrusted, proofs: shown(proofs) }, null, 2)}\n`);
  else
    output.write(
      `${[`Compiles of base, kept in ${plain(place)}`, ...rows(size, lastRun), ...proven(proofs), ...marked(distrusted)].join("\n")}\n`,
    );
}

type Proofs = Known<readonly RepositoryProofs[]> | null;

/** A server's checks call repositories by their numbers. */
function named(mark: Distrust | null, proofs: Proofs): Distrust | null {
  const known = proofs?.known === true ? proofs.value : [];
  const own = known.find(({ repository }) => String(repository) === mark?.repository);
  return mark === null ? null : { ...mark, repository: own?.name ?? mark.repository };
}

const shown = (proofs: Proofs): unknown =>
  proofs?.known === true
    ? { known: true, repositories: proofs.value.map((each) => ({ ...each, missesPer100000: missesPer100000(each) })) }
    : proofs;

function proven(proofs: Proofs): string[] {
  if (proofs === null) return [];
  return proofs.known ? proofRows(proofs.value) : [`  proven    not known: ${proofs.reason}`];
}

/** `puppet-gate cache clear`: removes all of it, and with it every mark that something of it is not to be trusted. */
export async function cacheClear({ place, shelf }: KeptCompiles, json: boolean, output: Output): Promise<void> {
  const cleared = await shelf.size();
  await shelf.clear();
  if (json) output.write(`${JSON.stringify({ schema, place, cleared }, null, 2)}\n`);
  else output.write(`Removed ${entriesOf(cleared)}${marksOf(cleared)} from ${plain(place)}. The next check compiles base anew.\n`);
}

type Size = Awaited<ReturnType<CacheShelf["size"]>>;

const rows = (size: Size, lastRun: LastRun | null): string[] => [
  `  kept      ${entriesOf(size)}`,
  ...(lastRun === null ? [] : [`  last run  ${runOf(lastRun)}`]),
];

function marked(distrusted: readonly (Distrust | null)[]): string[] {
  if (distrusted.length === 0) return [];
  const them = distrusted.length === 1 ? "A repository is" : `${distrusted.length} repositories are`;
  return [
    `  ${them} marked: a compile differed from the kept one. \`puppet-gate cache clear\` removes all, marks too.`,
    ...distrusted.map((mark) => (mark === null ? "    a mark that can't be read" : `    ${plain(mark.repository)}: ${plain(mark.why)}`)),
  ];
}

const entriesOf = ({ entries, bytes }: Size): string =>
  `${entries.toLocaleString("en")} ${entries === 1 ? "entry" : "entries"}, ${mebibytes(bytes)}`;

const marksOf = ({ marks }: Size): string => (marks === 0 ? "" : ` and ${marks} ${marks === 1 ? "mark" : "marks"}`);

function runOf({ at, hits, misses, broken, written, refused }: LastRun): string {
  const more = [broken > 0 ? `${broken} broken` : "", refused > 0 ? `${refused} could not be kept` : ""].filter((each) => each !== "");
  return [`${at.slice(0, 16).replace("T", " ")} UTC: ${hits} found, ${misses} not, ${written} kept`, ...more].join(", ");
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

/** What is said when kept compiles can't be used. The check goes on without them. */
export function cacheTrouble(error: unknown, place: string): Problem {
  const { text, hint } =
    error instanceof Problem
      ? error
      : {
          text: `${error instanceof Error ? error.message : String(error)}.`,
          hint: "Make room or give rights there, or take another (--cache).",
        };
  return new Problem(
    { code: "cache", text: `Compiles could not be kept in ${place}, or not read there: ${text} The check is right all the same.`, hint },
    { cause: error },
  );
}
