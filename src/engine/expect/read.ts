import { findingsOf } from "../../catalog/finding.ts";
import type { ExampleFault } from "../../catalog/expect/examples.ts";
import { loadExpectation, type LoadedExpectation } from "../../catalog/expect/load.ts";
import type { Expectation } from "../../catalog/expect/schema.ts";
import type { Told } from "../../catalog/expect/told.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { PolicyProblem } from "../../policy/problems.ts";
import type { Repository, TreeEntry } from "../ports/repository.ts";

/** The folder of a control repo that expectations are read from. */
export const expectationsFolder = "expectations/";
/** More than reviewers keep in mind; and what they cost is paid in each check. */
const mostFiles = 200;
const longestFile = 256 * 1024;

/** An expectation to judge by. `new` and `changed` are the change's own: they can only add to what base's say. */
export interface Asked {
  expectation: Expectation;
  origin: "base" | "new" | "changed";
  /** Of one of base: the change takes it away, or alters it so that it may ask less or of others. */
  ends?: NonNullable<Told["ends"]>;
}

export interface ReadExpectations {
  base: readonly Asked[];
  head: readonly Asked[];
  findings: readonly Finding[];
  /** Files of base that can't be read and that the change does not touch: what they ask nobody knows. */
  unread: readonly PolicyProblem[];
}

interface Loaded {
  byName: ReadonlyMap<string, { expectation: Expectation; oid: string }>;
  problems: ReadonlyArray<PolicyProblem & { /** Files that it is as much about. */ beside: readonly string[] }>;
}

type Load = (text: string, path: string) => Promise<LoadedExpectation>;

/** Reads both trees' expectations, as git objects; `apart` reads those of the change. What it takes away or alters of base's is judged by base's all the same, and told. */
export async function readExpectations(
  { readObject }: Pick<Repository, "readObject">,
  base: readonly TreeEntry[],
  merged: readonly TreeEntry[],
  apart: Load,
): Promise<ReadExpectations> {
  // What a change leaves as it is had a review, and is read once.
  const known = new Map<string, LoadedExpectation>();
  const was = await loadAll(readObject, base, async (text, path, oid) => {
    const loaded = loadExpectation(text, path);
    known.set(`${oid} ${path}`, loaded);
    return loaded;
  });
  const is = await loadAll(readObject, merged, async (text, path, oid) => known.get(`${oid} ${path}`) ?? apart(text, path));
  const oids = new Map(filesOf(base).map(({ path, oid }) => [path, oid]));
  const mergedOids = new Map(filesOf(merged).map(({ path, oid }) => [path, oid]));
  const isTouched = (path: string): boolean => oids.get(path) !== mergedOids.get(path);
  const findings: Finding[] = is.problems.filter(({ path, beside }) => [path, ...beside].some(isTouched)).map(badFinding);
  const head: Asked[] = [];
  for (const [name, { expectation, oid }] of is.byName) {
    const before = was.byName.get(name);
    if (before === undefined) head.push({ expectation, origin: "new" });
    else if (before.oid !== oid) {
      findings.push(changedFinding(before.expectation, expectation));
      if (!asksTheSame(before.expectation, expectation)) head.push({ expectation, origin: "changed" });
    }
  }
  for (const [name, { expectation }] of was.byName) if (!is.byName.has(name)) findings.push(goneFinding(expectation));
  return {
    base: [...was.byName.values()].map(({ expectation }) => ({
      expectation,
      origin: "base",
      ...endsOf(expectation, is.byName.get(expectation.name)?.expectation ?? null),
    })),
    head,
    findings,
    unread: was.problems
      .filter(({ path }) => !isTouched(path))
      .map(({ path, line, column, text, hint }) => ({ path, line, column, text, hint })),
  };
}

export const filesOf = (entries: readonly TreeEntry[]): TreeEntry[] =>
  entries.filter(
    ({ path, mode }) => path.startsWith(expectationsFolder) && /\.ya?ml$/u.test(path) && (mode === "100644" || mode === "100755"),
  );

async function loadAll(
  read: Repository["readObject"],
  entries: readonly TreeEntry[],
  load: (text: string, path: string, oid: string) => Promise<LoadedExpectation>,
): Promise<Loaded> {
  const files = filesOf(entries);
  const byName = new Map<string, { expectation: Expectation; oid: string; path: string }>();
  const problems: Array<Loaded["problems"][number]> = [];
  const bad = (path: string, line: number, text: string, hint: string, beside: readonly string[] = []): void =>
    void problems.push({ path, line, column: 1, text, hint, beside });
  for (const { path, oid, size } of files.slice(0, mostFiles)) {
    const bytes = size > longestFile ? null : await read(oid);
    if (bytes === null) {
      bad(path, 1, `The file has ${size} bytes; expected at most ${longestFile}.`, "Make it shorter.");
      continue;
    }
    const loaded = await load(bytes.toString("utf8"), path, oid);
    if (!loaded.ok) problems.push(...loaded.problems.map((problem) => ({ ...problem, beside: [] })));
    else {
      const { name, line } = loaded.expectation;
      const other = byName.get(name);
      if (other === undefined) byName.set(name, { expectation: loaded.expectation, oid, path });
      else bad(path, line, `Another expectation is called "${name}" (${other.path}).`, "Give each its own name.", [other.path]);
    }
  }
  const over = files[mostFiles];
  if (over !== undefined)
    bad(
      over.path,
      1,
      `There are ${files.length} files; expected at most ${mostFiles}.`,
      "Put what belongs together into one.",
      paths(files),
    );
  return { byName, problems };
}

const paths = (files: readonly TreeEntry[]): string[] => files.map(({ path }) => path);

/** Whether both come to the same on any catalog, and do the same where they do not hold. */
const asksTheSame = (one: Expectation, other: Expectation): boolean =>
  JSON.stringify([one.for, one.scope, one.expect, one.each, one.severity, one.owners]) ===
  JSON.stringify([other.for, other.scope, other.expect, other.each, other.severity, other.owners]);

/** Whether a change takes one away, or alters more of it than its words; where it only weighs more, nothing is lost. */
function endsOf(before: Expectation, after: Expectation | null): Pick<Asked, "ends"> {
  const from = before.owners.length > 0 ? before.owners : before.ask;
  if (after === null) return { ends: { how: "removed", from: [...from] } };
  const isKept =
    asksTheSame(before, { ...after, severity: before.severity, owners: before.owners }) &&
    weight[after.severity] >= weight[before.severity];
  const sameWeight = after.severity !== before.severity || JSON.stringify(after.owners) === JSON.stringify(before.owners);
  return isKept && sameWeight && JSON.stringify(after.ask) === JSON.stringify(before.ask)
    ? {}
    : { ends: { how: "altered", from: [...from] } };
}

function changedFinding(before: Expectation, after: Expectation): Finding {
  const words = asksTheSame(before, after)
    ? "its words change here, and what it asks stays"
    : `it changes here${severityWords(before, after)}; this change was judged by base's and by this one`;
  return finding("notice", after, "expectation-changes", `${after.name}: ${words}`);
}

const weight = { warn: 0, approval: 1, block: 2 } as const;

const severityWords = (before: Expectation, after: Expectation): string =>
  weight[after.severity] < weight[before.severity] ? `, and weighs less than it did (${before.severity}, now ${after.severity})` : "";

const goneFinding = (expectation: Expectation): Finding =>
  finding(
    "notice",
    { ...expectation, line: null },
    "expectation-goes",
    `${expectation.name} goes with this change, which was judged by it all the same: nobody asks for it any more once this has landed, so that ${(expectation.owners.length > 0 ? expectation.owners : expectation.ask).join(" or ")} has to approve`,
  );

const badFinding = ({ text, hint, ...place }: PolicyProblem): Finding => finding("error", place, "bad-expectation", `${text} ${hint}`);

/** An example that comes out otherwise than its file says. */
export function exampleFinding(expectation: Expectation, { example, expected, got, reason }: ExampleFault): Finding {
  const why = reason === null ? "" : `: ${reason}`;
  return finding(
    "error",
    expectation,
    "bad-example",
    `${expectation.name}: its example "${example}" should ${exampleWords[expected]}, and ${cameOut[got]}${why}`,
  );
}

/** An expectation of the change's own that goes over a limit. */
export const outFinding = (expectation: Expectation, reason: string): Finding =>
  finding("error", expectation, "bad-expectation", `${expectation.name}: ${reason}`);

const exampleWords: Readonly<Record<ExampleFault["expected"], string>> = { pass: "pass", fail: "fail", unknown: "be unknown" };
const cameOut: Readonly<Record<ExampleFault["got"], string>> = { pass: "passes", fail: "fails", unknown: "can't be told" };

const finding = findingsOf("expectations");
