import type { Effect } from "../gate/decide.ts";
import type { Report } from "../gate/report.ts";
import type { Standing } from "../gate/view.ts";
import { isWorse } from "../gate/view.ts";
import { annotationsOf, mostAtOnce } from "./annotations.ts";
import type { Annotation } from "./annotations.ts";
import { everyPage } from "./api.ts";
import type { Place } from "./api.ts";
import { checkRunText, retiredText } from "./words.ts";

export const checkRunName = "puppet-gate";

type Conclusion = "success" | "action_required" | "failure";
const conclusions: Record<Exclude<Standing, "checking">, Conclusion> = {
  pass: "success",
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
 * Makes the check run of this head and base say this. It is found again by its external id, the base it was checked against: a newer base
 * begins a new run, because GitHub only ever adds annotations to an old one; of one name it shows the latest.
 */
export async function showCheckRun(
  { api, repo }: Place,
  appId: number,
  effect: Extract<Effect, { kind: "check-run" }>,
  report: Report | null,
): Promise<void> {
  const { head, pair, view } = effect;
  const run = await findRun({ api, repo }, appId, head, pair);
  const said = {
    ...stateOf(
      view.standing,
      view.worse.map(({ standing }) => standing),
    ),
    output: checkRunText(view, report),
  };
  const annotations = report === null ? [] : annotationsOf(report);
  const rest = run === undefined ? annotations : annotations.slice(run.output.annotations_count);
  const [first = [], ...more] = chunks(rest);
  const output = { ...said.output, annotations: first };
  if (run !== undefined && first.length === 0 && saysSo(run, said)) return;
  const id =
    run === undefined
      ? (await api.rest.checks.create({ ...repo, ...said, name: checkRunName, head_sha: head, external_id: pair, output })).data.id
      : (await api.rest.checks.update({ ...repo, ...said, check_run_id: run.id, output })).data.id;
  for (const annotations of more)
    await api.rest.checks.update({ ...repo, ...said, check_run_id: id, output: { ...said.output, annotations } });
}

async function findRun({ api, repo }: Place, appId: number, head: string, pair: string): Promise<Run | undefined> {
  const asked = { ...repo, ref: head, check_name: checkRunName, app_id: appId, filter: "all" } as const;
  const runs = await everyPage(async (page): Promise<{ data: Run[]; headers: { link?: string } }> => {
    const { data, headers } = await api.rest.checks.listForRef({ ...asked, ...page });
    return { data: data.check_runs, headers };
  });
  return runs.find(({ external_id }) => external_id === pair);
}

/** Ends a run that was left in progress. One that came to an end, or never was, stays as it is. */
export async function retireCheckRun(
  { api, repo }: Place,
  appId: number,
  { head, pair }: Extract<Effect, { kind: "retire-check-run" }>,
): Promise<void> {
  const run = await findRun({ api, repo }, appId, head, pair);
  if (run === undefined || run.status === "completed") return;
  await api.rest.checks.update({ ...repo, check_run_id: run.id, status: "completed", conclusion: "cancelled", output: retiredText });
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
