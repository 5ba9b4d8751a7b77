import type { Concern, EffectGroup, NodeOutcome } from "../catalog/effects.ts";
import { toFamilies, type Family } from "../catalog/families.ts";
import type { Report } from "./report.ts";

/** What every surface says of a report in the same words, or shows in the same order. Text in it is as it came: surfaces make it safe. */

/** One sentence of counts, without capital and stop: what the change does to how many nodes. */
export function countsOf(report: Report): string {
  const total = report.nodes.length;
  const with_ = (outcome: NodeOutcome["outcome"]): number => report.nodes.filter((node) => node.outcome === outcome).length;
  const parts = [
    part(with_("broken"), "would no longer compile"),
    part(with_("changed"), "would change"),
    part(with_("fixed"), "would compile again"),
    part(with_("not-analysable"), "can't be analysed"),
  ].flat();
  if (report.tree === null) return "base and head do not merge";
  if (total === 0) return "no node was looked at";
  const old = with_("pre-existing");
  if (parts.length === 0) return `${nothingChanges(total, old)}${leftOut(report)}${onAgents(report)}`;
  return `of ${counted(total, "node")}, ${[...parts, ...part(old, "did not compile before either")].join(", ")}`;
}

/** Where the limits of all this are written down. */
export const limitsPage = "https://github.com/puppet-gate/puppet-gate/blob/main/docs/limitations.md";

/**
 * One sentence, without its stop, of how much was looked at and what no catalog shows; null where nothing was looked at. Nodes that compile again
 * are looked at, and have no catalog on base to be compared with.
 */
export function coverageOf(report: Pick<Report, "coverage" | "nodes">): string | null {
  const { coverage } = report;
  if (coverage === undefined || coverage.nodes === 0) return null;
  const all = coverage.nodes === 1 ? "" : "all ";
  const compared = coverage.compared - nodesWith(report, "fixed").length;
  const seen = `catalogs of ${compared === coverage.nodes ? all : `${compared} of `}${counted(coverage.nodes, "node")} were compared`;
  if (coverage.unseen.length === 0) return seen;
  return `${seen}; not seen: ${coverage.unseen.map(({ count, text }) => `${count} ${text}`).join("; ")}`;
}

/** What did not compile on either side may change all the same: nobody can see it. */
function nothingChanges(total: number, old: number): string {
  if (old === 0) return `nothing changes on ${counted(total, "node")}`;
  if (old === total) return `${counted(total, "node")} did not compile before either: no change can be seen`;
  return `nothing changes on the ${counted(total - old, "node")} that ${total - old === 1 ? "compiles" : "compile"}; ${old} did not compile before either`;
}

/** What operations call noise is a difference all the same. */
const leftOut = ({ coverage }: Report): string =>
  coverage?.unseen.some(({ what }) => what === "ignored") === true ? ", but for differences that the policy leaves out" : "";

/** A change to what runs on the nodes is none to a catalog. */
function onAgents({ coverage }: Report): string {
  const code = coverage?.unseen.filter(({ what }) => what === "facts" || what === "providers" || what === "types") ?? [];
  return code.length === 0 ? "" : `, as far as catalogs show: Ruby that runs on the nodes changes`;
}

const part = (n: number, words: string): string[] => (n === 0 ? [] : [`${n} ${words}`]);

export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export interface Trouble {
  outcome: NodeOutcome["outcome"];
  reason: string;
  certnames: string[];
}

const troubles: ReadonlyArray<NodeOutcome["outcome"]> = ["broken", "not-analysable", "fixed", "pre-existing"];

/** Nodes that do not compile, or did not, put together by reason: what the change breaks before what was broken already. */
export function troubled({ nodes }: Report): Trouble[] {
  return troubles.flatMap((outcome) => {
    const byReason = Map.groupBy(
      nodes.filter((node) => node.outcome === outcome),
      ({ reason }) => reason ?? "no reason was given",
    );
    return [...byReason].map(([reason, same]) => ({ outcome, reason, certnames: same.map(({ certname }) => certname) }));
  });
}

/** Effects for people to read: families of groups, and how many parameters of classes and defines are left out as without effect. */
export function effectsOf({ groups }: Report): { families: Family[]; parameters: number } {
  const effects = groups.filter(({ kind }) => kind !== "class-parameter");
  return { families: toFamilies(effects), parameters: groups.length - effects.length };
}

/**
 * What happens to a group's resource. An attribute that comes or goes is a change to a resource that was there and stays: nobody may read
 * `added Service[x] noop` as a new service.
 */
export const changeOf = ({ change, attribute }: Pick<EffectGroup, "change" | "attribute">): EffectGroup["change"] =>
  attribute === null || change === "renamed" ? change : "changed";

/** The same in words, with what becomes of a resource that leaves the catalog; marks of it that the words have said already are left out. */
export function fateOf(group: EffectGroup, concerns: readonly Concern[]): { words: string; because: string; told: readonly Concern[] } {
  const change = changeOf(group);
  if (change !== "removed") return { words: change, because: "", told: [] };
  if (concerns.includes("deletes")) return { words: "deleted", because: "purged, because nothing declares it any more", told: ["deletes"] };
  if (concerns.includes("unmanaged")) return { words: "no longer managed", because: "what is there stays", told: ["unmanaged"] };
  return { words: change, because: "", told: [] };
}

/** Lint findings that base has too, counted; without a stop. */
export const debtWords = (count: number): string =>
  `${counted(count, "lint finding")} in the changed files ${count === 1 ? "is" : "are"} on base too and ${count === 1 ? "blocks" : "block"} nothing`;

/** What is to be known of nodes that compile again, one sentence without its stop: nothing is there to compare their catalogs with. */
export const noBefore =
  "base has no catalog to compare with, so what changes and restarts there is not known; the next run applies all that was missed";

/** Nodes of one outcome, in the report's order. */
export const nodesWith = ({ nodes }: Pick<Report, "nodes">, outcome: NodeOutcome["outcome"]): string[] =>
  nodes.filter((node) => node.outcome === outcome).map(({ certname }) => certname);

/** Nodes whose catalogs could not be compared, by why, as the beginning of a sentence, the names, and its end; what the change breaks comes first. */
export function uncompared(report: Pick<Report, "nodes">): Array<{ words: string; certnames: string[]; after: string }> {
  return [
    { words: "Would no longer compile (the agent goes on with its old catalog)", certnames: nodesWith(report, "broken"), after: "" },
    { words: "Can't be analysed", certnames: nodesWith(report, "not-analysable"), after: "" },
    { words: "Would compile again", certnames: nodesWith(report, "fixed"), after: `; ${noBefore}` },
    {
      words: "Did not compile before either, so what changes there can't be seen",
      certnames: nodesWith(report, "pre-existing"),
      after: "",
    },
  ].filter(({ certnames }) => certnames.length > 0);
}

/** A sentence of ours with its capital and one stop. (What looks behind itself begins a run once, and not at each of its signs.) */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/(?<![.\s])[.\s]+$/u, "")}.`;

/**
 * That nothing restarts, without capital and stop, and of which nodes that can be said; null where a missing restart does not mean none: of nodes that
 * compile again nobody can tell, nor of some that import what others export. What is no service of Puppet's, no catalog tells.
 */
export function noRestarts({ nodes, radius }: Pick<Report, "nodes" | "radius">): string | null {
  const isNone = radius.restarts.length === 0 && nodes.some(({ outcome }) => outcome === "changed");
  if (!isNone || blindRestarts({ nodes }).length > 0) return null;
  const isSeenWhole = nodes.every(({ outcome }) => outcome === "changed" || outcome === "unchanged");
  return `Puppet restarts no service${isSeenWhole ? "" : " on the nodes that were compared"}`;
}

/** Nodes of which it is not known what restarts, with why; in the report's order. */
export const blindRestarts = ({ nodes }: Pick<Report, "nodes">): Array<{ certname: string; reason: string }> =>
  nodes.flatMap(({ certname, unplaced, reason }) => (unplaced?.includes("restarts") === true ? [{ certname, reason: reason ?? "" }] : []));

/**
 * The same where there is little room: without what only nodes have that compile again. All of theirs counts as new, because base has nothing to
 * compare with, and says nothing of the change. `afresh` is how many effects those are.
 */
export function toldOf(report: Report): ReturnType<typeof effectsOf> & { afresh: number } {
  const { families, parameters } = effectsOf(report);
  const fixed = new Set(nodesWith(report, "fixed"));
  const told = families.filter(({ nodes }) => !nodes.every((certname) => fixed.has(certname)));
  return { families: told, parameters, afresh: families.length - told.length };
}

export const afreshText = (afresh: number): string =>
  `${counted(afresh, "resource")} of nodes that would compile again ${afresh === 1 ? "is" : "are"} not listed here: without a catalog on base, all count as new`;

/** What a group is besides a change to the system; empty for that. */
export function kindWordsOf({ kind, attribute }: Pick<EffectGroup, "kind" | "attribute">): string {
  const sends = attribute === "notify" || attribute === "subscribe";
  return kind === "ordering" && sends ? "whom it restarts" : kindWords[kind];
}

const kindWords: Record<EffectGroup["kind"], string> = {
  system: "",
  secret: "secret",
  ordering: "only the order of the run",
  "type-only": "the same, written otherwise",
  "class-parameter": "parameter",
};

/** What values alone don't tell of a family, each note once. */
export const notesOf = ({ groups }: Family): string[] => [...new Set(groups.flatMap(({ note }) => (note === undefined ? [] : [note])))];

/** One edit of values, as lines that go and lines that come, with the nodes it is made on. */
export interface Edit {
  removed: string[];
  added: string[];
  nodes: string[];
}

/** The distinct edits of a family: a template that names its host differs everywhere and is edited alike. Empty for new titles and secrets. */
export function editsOf({ groups }: Family): Edit[] {
  const edits = new Map<string, Edit>();
  for (const group of groups) {
    if (group.change === "renamed" || group.kind === "secret") continue;
    const lines = editOf(group);
    if (group.attribute === null && lines.removed.length + lines.added.length === 0) continue;
    const key = JSON.stringify(lines);
    const known = edits.get(key);
    if (known === undefined) edits.set(key, { ...lines, nodes: [...group.nodes] });
    else known.nodes.push(...group.nodes);
  }
  return [...edits.values()].sort((a, b) => b.nodes.length - a.nodes.length);
}

function editOf(group: EffectGroup): Omit<Edit, "nodes"> {
  if (group.attribute === null) return { removed: attributesOf(group.before), added: attributesOf(group.after) };
  const asText = [group.before, group.after].some((value) => typeof value === "string" && value.includes("\n"));
  const before = group.change === "added" ? [] : linesOf(group.before, asText);
  const after = group.change === "removed" ? [] : linesOf(group.after, asText);
  return { removed: without(before, after).map(visible), added: without(after, before).map(visible) };
}

/** What two groups of a family have in common exactly if they make the same edit. */
export const editKeyOf = (group: EffectGroup): string =>
  JSON.stringify(group.attribute === null || group.kind === "secret" ? [group.before, group.after] : editOf(group));

/** Text as its lines where one side has several, anything else as JSON. */
function linesOf(value: EffectGroup["before"], asText: boolean): string[] {
  if (typeof value !== "string" || !asText) return [JSON.stringify(value)];
  if (value === "") return [];
  return value.endsWith("\n") ? value.slice(0, -1).split("\n") : [...value.split("\n"), noNewline];
}

/** Attributes of a resource that comes or goes, one a line. What has no value left to show is a secret. */
const attributesOf = (resource: EffectGroup["before"]): string[] =>
  typeof resource !== "object" || resource === null || Array.isArray(resource)
    ? []
    : Object.entries(resource).map(([name, value]) => `${name} => ${value === null ? "(secret)" : JSON.stringify(value)}`);

const noNewline = "\\ No newline at end of file";

/** A line that is shown as one that goes or comes: with what nobody sees at its end. */
const visible = (line: string): string =>
  line.replace(/(?<![ \t])[ \t]+(?=\r?$)/u, (blanks) => blanks.replaceAll(" ", "·").replaceAll("\t", "→")).replace(/\r$/u, "\\r");

/** The lines of one side that the other lacks, each as often as it lacks it. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
