import type { Clue, Evidence } from "./evidence.ts";
import type { LineStep } from "./line.ts";
import type { Trouble } from "./stage-verdict.ts";

/** A commit of a release that may be what went wrong. */
export interface Suspect {
  /** On the base branch's own line. */
  commit: string;
  /** The pull request that it landed; null for a push around the gate. */
  number: number | null;
  /** The share of what went wrong that points to it, from 0 to 1. */
  score: number;
  /** The weightiest first. */
  why: readonly Why[];
}

/** Why a commit is suspected, as data. */
export interface Why {
  /**
   * - `line`: it wrote the line that declares the resource, or the data or file that its change comes from.
   * - `block`: it wrote other lines of the same declaration, or of the same key.
   * - `pin`: it changed the Puppetfile's pin of the module that the resource is declared in.
   * - `file`: it changed the file otherwise, or took lines away there, which nobody can be asked about any more.
   * - `release`: nothing points anywhere, and it is in the release.
   */
  how: "line" | "block" | "pin" | "file" | "release";
  trouble: Trouble["kind"];
  resource: string | null;
  nodes: number;
  /** Null of `release`. */
  clue: Clue | null;
}

/** What git says of one clue: commits of the release's own line, and how they have to do with the place. */
export interface Trace {
  clue: Clue;
  how: Exclude<Why["how"], "release">;
  commits: readonly string[];
}

/** A line that declares what fails says most; that somebody touched the same file says little. */
const weights: Readonly<Record<Why["how"], number>> = { line: 8, block: 6, pin: 8, file: 2, release: 1 };
const clueWeights: Readonly<Record<Clue["by"], number>> = { event: 1, declared: 0.75, cause: 1, compile: 1, kind: 0.25 };
/** Silence and what changes besides have more causes than a release. */
const troubleWeights: Readonly<Record<Trouble["kind"], number>> = {
  "compile-failed": 1,
  "touched-failed": 1,
  "newly-failed": 1,
  "unexpected-change": 0.5,
  "newly-silent": 0.5,
  "catalog-differs": 0.5,
};

const most = { suspects: 10, why: 5 };

/**
 * The suspects of a release, the likeliest first. Each thing that went wrong is shared out by its nodes among the commits that its clues lead to, by the clues'
 * weights; where none leads anywhere, evenly among all commits of the release, which is said. `release` is its part of the line, the oldest first: of two
 * that are as likely the newer one is named first.
 */
export function rank(release: readonly LineStep[], evidence: readonly Evidence[], traces: readonly (readonly Trace[])[]): Suspect[] {
  const found = new Map(
    release.map(({ sha, number }) => [sha, { commit: sha, number, score: 0, why: [] as (Why & { weight: number })[] }]),
  );
  let total = 0;
  for (const [at, { trouble, resource, nodes }] of evidence.entries()) {
    const mass = nodes * troubleWeights[trouble];
    total += mass;
    const led = (traces[at] ?? []).flatMap(({ clue, how, commits }) => {
      const own = commits.filter((commit) => found.has(commit));
      const weight = (weights[how] * clueWeights[clue.by] * (clue.certain ? 1 : 0.5)) / Math.max(1, own.length);
      return own.map((commit) => ({ commit, how, clue, weight }));
    });
    const shared = led.length > 0 ? led : release.map(({ sha }) => ({ commit: sha, how: "release" as const, clue: null, weight: 1 }));
    const sum = shared.reduce((all, { weight }) => all + weight, 0);
    for (const { commit, how, clue, weight } of shared) {
      const one = found.get(commit);
      if (one === undefined) continue;
      one.score += (mass * weight) / sum;
      one.why.push({ how, trouble, resource, nodes, clue, weight: mass * weight });
    }
  }
  return [...found.values()]
    .toReversed()
    .filter(({ score }) => score > 0)
    .map(({ commit, number, score, why }) => ({ commit, number, score: Math.round((1000 * score) / total) / 1000, why: weightiest(why) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, most.suspects);
}

const weightiest = (why: readonly (Why & { weight: number })[]): Why[] =>
  why
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, most.why)
    .map(({ how, trouble, resource, nodes, clue }) => ({ how, trouble, resource, nodes, clue }));

/** From this share on one suspect is clear. */
const clear = 0.75;

/**
 * The one suspect whose revert may be proposed without asking anybody: three quarters of what went wrong point to it, and by something else than that it
 * was in the release; or it is all that the release has. Null where nobody is clearly it.
 */
export function clearSuspect(suspects: readonly Suspect[]): Suspect | null {
  const [first] = suspects;
  if (first === undefined || first.score < clear) return null;
  // Where nothing points anywhere, all of a release are suspects.
  return suspects.length === 1 || first.why.some(({ how }) => how !== "release") ? first : null;
}
