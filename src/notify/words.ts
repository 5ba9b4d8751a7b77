import type { Announcement, Digest, Told, What } from "../rollout/announcement.ts";
import type { Missing, StageVerdict, Trouble } from "../rollout/stage-verdict.ts";
import type { Halt } from "../rollout/state.ts";

/** All that is said in chat channels. Media only differ in how they quote and link. */

/** A piece of a line: our own words, or a text that is anybody's and is never markup. */
export type Part = string | { quoted: string };

export interface Worded {
  parts: readonly Part[];
  /** Where to read on; null for nothing. */
  link: string | null;
}

export function wordsOf(announcement: Announcement): Worded {
  if (announcement.kind === "trial") return { parts: ["puppet-gate: a test line, nothing happened"], link: null };
  const { repository, link } = announcement;
  const parts = announcement.kind === "told" ? told(announcement) : digest(announcement);
  return { parts: [`[${repository}] `, ...parts], link };
}

function told({ lane, release, changes, what, happenedAt }: Told): Part[] {
  const where = lane === null ? "" : `${lane}: `;
  const it = `${release === null ? "nothing" : `release ${short(release)}`}${changes.length === 0 ? "" : ` of ${numbers(changes)}`}`;
  const late = happenedAt === null ? [] : [` (at ${minuteOf(happenedAt)})`];
  return [...saidOf(what, { where, it, lane: lane ?? "the rollout", isOfRelease: release !== null }), ...late];
}

interface About {
  /** With a colon and a blank; empty for all lanes. */
  where: string;
  it: string;
  lane: string;
  isOfRelease: boolean;
}

function saidOf(what: What, { where, it, lane, isOfRelease }: About): Part[] {
  if (what.kind === "started") return [`${where}${it} has started`, ...(what.by === null ? [] : [", let in by ", { quoted: what.by }])];
  if (what.kind === "halted") {
    const blamed = what.suspects.length === 0 ? [] : [`; suspect${what.suspects.length === 1 ? "" : "s"}: ${numbers(what.suspects)}`];
    return [`${lane} stands still${isOfRelease ? ` with ${it}` : ""}: `, ...why(what.why), ...blamed];
  }
  if (what.kind === "promoted") return [`${where}${it} counts as good: `, ...onWord(what)];
  if (what.kind === "returning")
    return [`${where}${it} is taken back: `, ...(what.by === null ? [{ quoted: what.reason }] : onWord({ ...what, by: what.by }))];
  if (what.kind === "paused") return [`${lane} is paused until ${minuteOf(what.until)}: `, ...onWord(what)];
  if (what.kind === "resumed")
    return [`${lane} goes on: `, ...(what.by === null ? ["the pause is over"] : [{ quoted: what.by }, " said so"])];
  if (what.kind === "returned") return [`${where}back at ${it}, which was found good`];
  if (what.kind === "passed") return [`${where}${it} was found good`];
  what.kind satisfies "done";
  return [`${it} went through all lanes`];
}

const onWord = ({ by, reason }: { by: string; reason: string }): Part[] => [{ quoted: by }, " says ", { quoted: reason }];

const minuteOf = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

function digest({ count, started, done, halted, other }: Digest): Part[] {
  const counted = [
    ...(halted.length > 0 ? [`stood still: ${some(halted)}`] : []),
    ...(started > 0 ? [`${started} started`] : []),
    ...(done > 0 ? [`${done} done`] : []),
    ...(other > 0 ? [`${other} about what stood still or was paused`] : []),
  ];
  return [`and ${count} more: ${counted.join("; ")}`];
}

function why(of: Halt["why"]): Part[] {
  if (of.kind === "person") return [{ quoted: of.by.name }, " stopped it: ", { quoted: of.reason }];
  if (of.kind === "moved-elsewhere")
    return [of.tip === null ? "somebody took its branch away" : `somebody else moved its branch to ${short(of.tip)}`];
  if (of.kind === "off-the-line") return [`the base branch does not lead to ${short(of.commit)} any more`];
  if (of.kind === "verdict") return verdictWords(of.verdict);
  if (of.kind === "modules-differ")
    return ["it would get other modules than ", { quoted: of.than }, ": ", ...quotes(of.modules.map(({ name }) => name))];
  of satisfies { kind: "not-in-policy" };
  return ["the policy has no such lane any more"];
}

function verdictWords(verdict: StageVerdict): Part[] {
  if (verdict.kind === "failed") return listed(verdict.troubles.map(troubleWords));
  if (verdict.kind === "passed") return ["it was found good"];
  return ["neither good nor bad at its deadline, for want of ", ...listed(verdict.missing.map(missingWords))];
}

function troubleWords({ kind, certnames, resources }: Trouble): Part[] {
  const nodes = nodesOf(certnames);
  if (kind === "compile-failed") return ["no catalog for ", ...nodes];
  if (kind === "newly-silent") return ["silence from ", ...nodes];
  if (kind === "catalog-differs") return ["compilers give other catalogs than the review saw on ", ...nodes];
  const what = resources.length === 0 ? ["a resource"] : quotes(resources);
  if (kind === "touched-failed") return [...what, ", which the release changes, fails on ", ...nodes];
  if (kind === "newly-failed") return [...what, " fails on ", ...nodes];
  kind satisfies "unexpected-change";
  return [...what, ", which the release does not change, changes on ", ...nodes];
}

function missingWords(missing: Missing): Part[] {
  if (missing.kind === "bake") return [`${Math.ceil(missing.minutes)} more minutes under observation`];
  if (missing.kind === "coverage") return [`runs: ${missing.ran} of ${missing.of} nodes ran it, ${missing.percent} percent are asked for`];
  if (missing.kind === "unconfirmed") return ["a second run of ", ...nodesOf(missing.certnames), ", where something failed once"];
  if (missing.kind === "no-pass") return ["any node that passed"];
  missing satisfies { kind: "class" };
  return missing.certnames.length === 0 ? ["a node of a class that changes"] : ["a good run of one of ", ...nodesOf(missing.certnames)];
}

/** As many as a line bears; the link has the rest. */
const most = 3;

function nodesOf(certnames: readonly string[]): Part[] {
  return [`${certnames.length} ${certnames.length === 1 ? "node" : "nodes"} (`, ...quotes(certnames), ")"];
}

function quotes(texts: readonly string[]): Part[] {
  const shown = texts.slice(0, most).flatMap((quoted, at): Part[] => [...(at === 0 ? [] : [", "]), { quoted }]);
  return texts.length > most ? [...shown, ` and ${texts.length - most} more`] : shown;
}

function listed(all: readonly Part[][]): Part[] {
  const shown = all.slice(0, most).flatMap((parts, at): Part[] => [...(at === 0 ? [] : ["; "]), ...parts]);
  return all.length > most ? [...shown, `; and ${all.length - most} more`] : shown;
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 10).join(", ")}${names.length > 10 ? ` and ${names.length - 10} more` : ""}`;

const numbers = (all: readonly number[]): string => some(all.map((number) => `#${number}`));

/** As git and GitHub shorten it. */
const short = (commit: string): string => commit.slice(0, 7);
