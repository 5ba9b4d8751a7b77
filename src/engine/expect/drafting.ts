import { written } from "../../catalog/expect/compose.ts";
import { type Draft, draftOf, weightiest } from "../../catalog/expect/draft.ts";
import type { DraftTold, NoDraft } from "../../catalog/expect/draft-told.ts";
import { loadExpectation } from "../../catalog/expect/load.ts";
import type { Concern, EffectGroup } from "../../catalog/effects.ts";
import type { Origin } from "../../gate/event.ts";
import type { Checked } from "../../gate/facts.ts";
import type { Report } from "../../gate/report.ts";
import { owner } from "../../policy/atoms.ts";
import type { Event } from "../../rollout/effects.ts";
import type { Trouble } from "../../rollout/stage-verdict.ts";
import type { ChangeKey } from "../ports/changes.ts";
import type { Log } from "../ports/log.ts";
import { Bench, headLimits } from "./bench.ts";
import type { StartEvaluator } from "../ports/evaluator.ts";
import { expectationsFolder } from "./read.ts";

export interface DraftingPorts {
  records: {
    lastCheckedOf(change: ChangeKey): Promise<Checked | null>;
    showChange(repository: number, number: number): Promise<{ about: { opener: string | null } | null } | null>;
  };
  /** What is drafted is tried on its examples, as in a check. */
  start: StartEvaluator;
  log: Log;
}

type Halted = Extract<Event, { kind: "halted" }>;

/** What is known of how a change went wrong. */
export type WentWrong = { cause: "halt"; event: Halted } | { cause: "revert"; by: number | null; commit: string };

/** The expectation that would have caught what went wrong with a change, tried on its examples; or why there is none. */
export async function draftFor(ports: DraftingPorts, origin: Origin, number: number, wrong: WentWrong): Promise<DraftTold> {
  const repository = origin.repository.id;
  const checked = await ports.records.lastCheckedOf({ repository, number });
  if (checked === null || checked.report.tree === null) return { kind: "none", why: "unchecked" };
  const { report } = checked;
  const pointed =
    wrong.cause === "halt" ? pointedTo(wrong.event, number, report) : { resources: weightiest(report), why: "quiet" as const };
  const happened = happenedWords(number, wrong);
  const found = pointed.resources.flatMap((resource) => {
    const draft = isNameable(resource) ? draftOf(resource, report, happened) : null;
    return draft === null ? [] : [{ resource, draft }];
  });
  const [first] = found;
  if (first === undefined) return { kind: "none", why: pointed.why };
  const { resource, draft } = first;
  const about = (await ports.records.showChange(repository, number))?.about ?? null;
  const ask = askedOf(checked, wrong, [
    ...(about?.opener === null || about === null ? [] : [`@${about.opener}`]),
    `@${origin.repository.owner}`,
  ]);
  const others = wrong.cause === "halt" ? [] : found.slice(1, 6).map((one) => one.resource);
  return tried(ports, { draft, resource, others }, { why: whyWords(resource, number, wrong), ask, taken: takenNames(report) });
}

/** A title may be of any length, and hold what no file of people has. */
const isNameable = (resource: string): boolean =>
  resource.length <= 500 && resource.isWellFormed() && /^[A-Za-z][\w:]*\[[\s\S]+\]$/u.test(resource);

async function tried(
  { start, log }: DraftingPorts,
  { draft, resource, others }: { draft: Draft; resource: string; others: readonly string[] },
  { why, ask, taken }: { why: string; ask: readonly string[]; taken: ReadonlySet<string> },
): Promise<DraftTold> {
  const { severity } = draft;
  const { name, text } = written(draft, { name: freeName(draft.name, taken), why, ask, service: null, severity });
  const path = `${expectationsFolder}${name}.yml`;
  const loaded = loadExpectation(text, path);
  if (!loaded.ok) {
    log.error({ path, problems: loaded.problems }, "the draft of an expectation can't be read: a fault of the gate");
    return { kind: "none", why: "invalid" };
  }
  const bench = new Bench([loaded.expectation], { start, limits: headLimits, now: () => performance.now(), signal: undefined });
  try {
    const faults = await bench.examples(0);
    if (Array.isArray(faults) && faults.length === 0) return { kind: "drafted", name, path, text, resource, severity, others };
    log.error({ path, faults }, "the draft of an expectation does not pass its own examples: a fault of the gate");
    return { kind: "none", why: "invalid" };
  } finally {
    await bench.end();
  }
}

/** Failures of resources; what is silent or does not compile has none. */
const ofResources: ReadonlySet<Trouble["kind"]> = new Set(["touched-failed", "newly-failed", "unexpected-change"]);

/** The resources that a halt points to, those first that made this change a suspect; and why nothing can be drafted where the change does nothing to any of them. */
function pointedTo({ halt, suspects = [] }: Halted, number: number, report: Report): { resources: string[]; why: NoDraft } {
  const troubles = halt.why.kind === "verdict" && halt.why.verdict.kind === "failed" ? halt.why.verdict.troubles : [];
  const own = suspects.find((suspect) => suspect.number === number)?.why ?? [];
  const failed = troubles.filter(({ kind }) => ofResources.has(kind)).flatMap(({ resources }) => resources);
  const silent = troubles.filter(({ kind }) => kind === "newly-silent").flatMap(({ certnames }) => certnames);
  const all = new Set(failed);
  const resources = [...own.flatMap(({ resource }) => (resource !== null && all.has(resource) ? [resource] : [])), ...failed];
  const kinds = new Set(troubles.map(({ kind }) => kind));
  const why: NoDraft =
    failed.length > 0 ? "untouched" : kinds.has("compile-failed") ? "compile" : kinds.has("catalog-differs") ? "differs" : "silent";
  return { resources: [...new Set([...resources, ...cuttingOff(report.groups, new Set(silent))])], why };
}

/** What may keep a node from telling anything of itself. */
const cutting: ReadonlySet<Concern> = new Set(["firewall", "login", "accounts", "ssh-keys", "mounts", "stops", "deletes"]);

const cuttingOff = (groups: readonly EffectGroup[], silent: ReadonlySet<string>): string[] =>
  groups
    .filter(({ concerns = [], nodes }) => concerns.some((concern) => cutting.has(concern)) && nodes.some((name) => silent.has(name)))
    .map(({ type, title }) => `${type}[${title}]`);

/** Owners of the services in trouble, or of those that the change reaches; else `others`, the first that can be named. */
function askedOf({ policy, report }: Checked, wrong: WentWrong, others: readonly string[]): string[] {
  const affected = wrong.cause === "halt" ? (wrong.event.affected ?? []) : [];
  const reached = affected.length > 0 ? [] : policy.services.filter(({ name }) => report.radius.services.includes(name));
  const owners = [...new Set([...affected, ...reached].flatMap((one) => one.owners))];
  const named = [owners, ...others.map((one) => [one])].map((some) => some.filter((one) => owner.safeParse(one).success));
  return (named.find((some) => some.length > 0) ?? []).slice(0, 10);
}

/** Of an example, so at most so long. */
const clipped = (words: string, longest: number): string =>
  words.length <= longest ? words : `${words.slice(0, longest - 1).toWellFormed()}…`;

const pullOf = (by: number | null, commit: string): string => (by === null ? commit.slice(0, 10) : `#${by}`);

const happenedWords = (number: number, wrong: WentWrong): string =>
  clipped(
    wrong.cause === "halt"
      ? `as #${number} had it when the lane ${wrong.event.lane} stood still`
      : `as #${number} had it, which ${pullOf(wrong.by, wrong.commit)} took back`,
    300,
  );

function whyWords(resource: string, number: number, wrong: WentWrong): string {
  const what = clipped(resource, 150);
  return wrong.cause === "halt"
    ? `The lane ${clipped(wrong.event.lane, 100)} stood still over ${what} after #${number} had landed.`
    : `#${number} landed with ${what}, and ${pullOf(wrong.by, wrong.commit)} had to take it back.`;
}

const takenNames = ({ expectations = [] }: Report): ReadonlySet<string> => new Set(expectations.map(({ name }) => name));

/** One that is there already did not catch it: another value, or another change of the same. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`${name}-${count}`)) count += 1;
  return `${name}-${count}`;
}
