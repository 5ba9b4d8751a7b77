import type { Effect } from "../gate/decide.ts";
import type { Report } from "../gate/report.ts";
import type { Standing } from "../gate/view.ts";
import { isWorse } from "../gate/view.ts";
import { annotationsOf, mostAtOnce } from "./annotations.ts";
import type { Annotation } from "./annotations.ts";
import { everyPage, onHead } from "./api.ts";
import type { Place } from "./api.ts";
import { checkRunText, retiredText } from "./words.ts";

export const checkRunName = "puppet-gate";

type Conclusion = "success" | "neutral" | "action_required" | "failure";
const conclusions: Record<Exclude<Standing, "checking">, Conclusion> = {
  pass: "success",
  observed: "neutral",
  waiting: "action_required",
  blocked: "failure",
  unknown: "failure",
};

interface Run {
  id: number;
  external_id: string | null;
  status: string;
  conclusion: string | null;
  output: { title: string | null; summary: string | null; text: string | null; annotations_count: number };
}

/**
 * Makes the check run of this change and head say this. Its external id names the change and the base that was checked against. A new run
 * is begun for another base, because GitHub only ever adds annotations to an old one, and where a completed run has to be in progress
 * again, because GitHub does not take that back; of runs of one name it shows the newest.
 */
export async function showCheckRun(
  place: Place,
  appId: number,
  effect: Extract<Effect, { kind: "check-run" }>,
  report: Report | null,
): Promise<void> {
  const { head, pair, view } = effect;
  const { api, repo } = place;
  const external_id = `${view.number}:${pair}`;
  const others = view.worse.map(({ standing }) => standing);
  const said = { ...stateOf(view.standing, others), output: checkRunText(view, report) };
  const newest = await newestRun(place, appId, head, view.number);
  const isReopened = newest?.status === "completed" && said.status === "in_progress";
  const run = newest?.external_id === external_id && !isReopened ? newest : undefined;
  const annotations = report === null ? [] : annotationsOf(report);
  const rest = annotations.slice(run?.output.annotations_count ?? 0);
  const [first = [], ...more] = chunks(rest);
  const output = { ...said.output, annotations: first };
  if (run !== undefined && first.length === 0 && saysSo(run, said)) return;
  const id =
    run === undefined
      ? (await api.rest.checks.create({ ...repo, ...said, name: checkRunName, head_sha: head, external_id, output })).data.id
      : (await api.rest.checks.update({ ...repo, ...said, check_run_id: run.id, output })).data.id;
  for (const annotations of more)
    await api.rest.checks.update({ ...repo, ...said, check_run_id: id, output: { ...said.output, annotations } });
}

/** All runs of the gate on this head. */
export async function runsOf({ api, repo }: Place, appId: number, head: string): Promise<Run[]> {
  const asked = { ...repo, ref: head, check_name: checkRunName, app_id: appId, filter: "all" } as const;
  return everyPage(onHead("check runs of this gate"), async (page) => {
    const { data, headers } = await api.rest.checks.listForRef({ ...asked, ...page });
    return { data: data.check_runs, headers };
  });
}

/** The run of this change that GitHub shows for this head. Ids grow with time. */
async function newestRun(place: Place, appId: number, head: string, number: number): Promise<Run | undefined> {
  const runs = await runsOf(place, appId, head);
  const own = runs.filter(({ external_id }) => external_id?.startsWith(`${number}:`) === true);
  return own.reduce<Run | undefined>((newest, run) => (newest === undefined || run.id > newest.id ? run : newest), undefined);
}

/** Ends the run of a head and base if it was left in progress. One that came to an end, or never was, stays as it is. */
export async function retireCheckRun(
  place: Place,
  appId: number,
  number: number,
  { head, pair }: Extract<Effect, { kind: "retire-check-run" }>,
): Promise<void> {
  const run = await newestRun(place, appId, head, number);
  if (run === undefined || run.external_id !== `${number}:${pair}` || run.status === "completed") return;
  const ended = { status: "completed", conclusion: "cancelled", output: retiredText } as const;
  await place.api.rest.checks.update({ ...place.repo, check_run_id: run.id, ...ended });
}

function stateOf(own: Standing, others: readonly Standing[]): { status: "in_progress" } | { status: "completed"; conclusion: Conclusion } {
  const worst = others.reduce((worse, standing) => (isWorse(standing, worse) ? standing : worse), own);
  return worst === "checking" ? { status: "in_progress" } : { status: "completed", conclusion: conclusions[worst] };
}

function saysSo(run: Run, said: ReturnType<typeof stateOf> & { output: ReturnType<typeof checkRunText> }): boolean {
  const { title, summary, text } = said.output;
  const conclusion = said.status === "completed" ? said.conclusion : null;
  return (
    run.status === said.status &&
    run.conclusion === conclusion &&
    run.output.title === title &&
    run.output.summary === summary &&
    (run.output.text ?? "") === text
  );
}

const chunks = (annotations: readonly Annotation[]): Annotation[][] =>
  Array.from({ length: Math.ceil(annotations.length / mostAtOnce) }, (_, at) => annotations.slice(at * mostAtOnce, (at + 1) * mostAtOnce));
