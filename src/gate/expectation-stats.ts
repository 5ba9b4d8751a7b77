/** What reviewers' expectations caught, as the metrics, `puppet-gate expect stats` and pages have it, and the words for it. */

export interface ExpectationStats {
  /** Whoever caught most first. */
  expectations: readonly ExpectationCount[];
  /** What went wrong all the same, and what was drafted of it. */
  drafts: readonly DraftCount[];
}

/** Counts changes, each once however often it was pushed to. */
export interface ExpectationCount {
  name: string;
  /** Its file, and how much it weighed, when a change was held against it last. */
  path: string;
  severity: "block" | "warn" | "approval";
  /** Held against so many. */
  changes: number;
  /** Those that broke what was held before, by what it weighed then. */
  caught: { blocked: number; asked: number; warned: number };
  /**
   * What became of these: `mended` landed without breaking it; `approved` and `warned` landed with it, as it lets them; `despite` landed although it blocks, by
   * break-glass or around the gate; `closed` never landed; `open` has yet to.
   */
  became: { mended: number; approved: number; warned: number; despite: number; open: number; closed: number };
  /** Of which it could not be told in one of their checks. */
  unknown: number;
  /** That found it broken on base, and did not break it. */
  already: number;
  /** When it last caught one, ISO 8601; null where it never did. */
  lastCaught: string | null;
}

export interface DraftCount {
  cause: "halt" | "revert";
  /** Changes that a halt pointed to, or that were taken back. */
  happened: number;
  /** For which an expectation was drafted: not everything that goes wrong shows in a catalog. */
  drafted: number;
  /** Of these, drafts that changes are held against by now, under the name that they were drafted with. */
  takenUp: number;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, one) => all + one, 0);

export const caughtOf = ({ caught }: ExpectationCount): number => sum(caught);

const listed = (parts: readonly (readonly [number, string])[]): string =>
  parts.flatMap(([count, words]) => (count === 0 ? [] : [`${count} ${words}`])).join(", ");

/** `3 blocked, 1 asked for an approval`; `nothing` where it caught none. */
export const caughtWords = ({ caught: { blocked, asked, warned } }: ExpectationCount): string =>
  listed([
    [blocked, "blocked"],
    [asked, "asked for an approval"],
    [warned, "warned"],
  ]) || "nothing";

/** `2 mended and landed, 1 open`; empty where it caught none. */
export const becameWords = ({ became: { mended, approved, warned, despite, open, closed } }: ExpectationCount): string =>
  listed([
    [mended, "mended and landed"],
    [approved, "landed with the approval"],
    [warned, "landed with the warning"],
    [despite, "landed all the same"],
    [open, "open"],
    [closed, "closed"],
  ]);

const causes: Readonly<Record<DraftCount["cause"], (count: number) => string>> = {
  halt: (count) => `${count} ${count === 1 ? "change" : "changes"} that a lane stood still over`,
  revert: (count) => `${count} ${count === 1 ? "change" : "changes"} that ${count === 1 ? "was" : "were"} taken back`,
};

/** `2 changes that were taken back: 1 expectation drafted, none taken up`. */
export const draftWords = ({ cause, happened, drafted, takenUp }: DraftCount): string =>
  `${causes[cause](happened)}: ${drafted === 0 ? "no expectation" : `${drafted} ${drafted === 1 ? "expectation" : "expectations"}`} drafted` +
  (drafted === 0 ? "" : `, ${takenUp === 0 ? "none" : takenUp} taken up`);
