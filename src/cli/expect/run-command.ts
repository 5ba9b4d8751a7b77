import type { Told } from "../../catalog/expect/told.ts";
import { evidenceWords, expectationsShown, outcomeWords, titleOfTold } from "../../gate/expectations.ts";
import type { Report } from "../../gate/report.ts";
import { Problem } from "../../problem.ts";
import { readConfig, type RunCheck, type Terminal } from "../check-command.ts";
import { readCheckOptions, type WrittenCheckOptions } from "../options.ts";
import { plain } from "../plain.ts";
import { progressLine } from "../progress.ts";
import { type Paint, painter, renderProblem } from "../paint.ts";

/** `puppet-gate expect`: judges a change by its expectations, prints what became of them, gives the exit code. */
export async function expectCommand(
  written: WrittenCheckOptions,
  { explain, cwd }: { explain: string | null; cwd: string },
  run: RunCheck,
  terminal: Terminal,
): Promise<0 | 1> {
  const options = { ...readCheckOptions(written, cwd), expectations: true };
  const progress = progressLine(terminal.stderr, terminal.now);
  const paint = painter(terminal.stdout);
  try {
    const policy = options.config === null ? null : { path: options.config, text: await readConfig(options.config) };
    const report = await run(options, policy, (step) => progress.show(step));
    progress.end();
    const told = explain === null ? (report.expectations ?? []) : namedIn(report, explain);
    const reasons = report.verdict.reasons.filter(({ rule }) => rule === "expectations");
    const ok = reasons.every(({ outcome }) => outcome === "pass" || outcome === "skipped");
    const findings = report.findings.filter(({ check }) => check === "expectations");
    if (options.json)
      terminal.stdout.write(`${JSON.stringify({ schema: "puppet-gate/expect@1", ok, reasons, expectations: told, findings }, null, 2)}\n`);
    else if (explain !== null) terminal.stdout.write(told.map((each) => explained(each, paint)).join("\n"));
    else terminal.stdout.write(rendered(report, told, paint));
    return ok ? 0 : 1;
  } catch (error) {
    progress.end();
    if (!(error instanceof Problem)) throw error;
    const { code, text, hint } = error;
    if (options.json)
      terminal.stdout.write(`${JSON.stringify({ schema: "puppet-gate/expect@1", error: { code, text, hint } }, null, 2)}\n`);
    else terminal.stderr.write(renderProblem(error, painter(terminal.stderr)));
    return 1;
  }
}

function namedIn({ expectations = [] }: Report, name: string): Told[] {
  const found = expectations.filter((each) => each.name === name);
  if (found.length > 0) return found;
  throw new Problem({
    code: "no-such-expectation",
    text: `No expectation is called ${name} (--explain).`,
    hint:
      expectations.length === 0
        ? "There is none: write one with `puppet-gate expect new`."
        : `There are ${expectations.map((each) => each.name).join(", ")}.`,
  });
}

const styles = { broken: "red", unknown: "yellow", already: "yellow", "unknown-already": "yellow", holds: "green", nobody: "dim" } as const;

/** Each with its outcome, and of what is in trouble the first that is known. */
function rendered(report: Report, told: readonly Told[], paint: Paint): string {
  const reasons = report.verdict.reasons.filter(({ rule, outcome }) => rule === "expectations" && outcome !== "pass");
  if (told.length === 0 && reasons.length === 0)
    return "There are no expectations: write one with `puppet-gate expect new`, or look at policies/expectations.\n";
  const { shown } = expectationsShown(told);
  const lines = [...shown, ...told.filter((each) => !shown.includes(each))].flatMap((each) => [
    `${paint(styles[each.outcome], each.outcome.padEnd(15))}  ${plain(titleOfTold(each))}  ${paint("dim", plain(outcomeWords(each)))}`,
    ...evidenceLines(each, paint, 3),
    ...each.unknown.slice(0, 3).map(({ reason }) => `    ${plain(reason, 600)}`),
  ]);
  const findings = report.findings
    .filter(({ check, code }) => check === "expectations" && !told.some(({ name }) => name === code))
    .map(
      ({ path, line, message }) => `${path === null ? "" : `${plain(path)}${line === null ? "" : `:${line}`}: `}${plain(message, 1_000)}`,
    );
  const why = reasons.map(({ outcome, text }) => `${paint(outcome === "fail" ? "red" : "yellow", outcome)}  ${plain(text, 1_500)}`);
  return `${[...lines, ...findings, ...why].join("\n")}\n`;
}

function evidenceLines({ evidence, more }: Told, paint: Paint, most: number): string[] {
  const shown = evidence.slice(0, most).map((one) => {
    const place = one.path === null ? "" : paint("dim", `  ${plain(one.path)}${one.line === null ? "" : `:${one.line}`}`);
    return `    ${plain(evidenceWords(one), 400)}${one.old === true ? " (before as well)" : ""}${place}`;
  });
  const left = evidence.length - shown.length + more;
  return left === 0 ? shown : [...shown, `    …and ${left} more: --explain NAME tells ${left === 1 ? "it" : "them"}`];
}

/** All that is known of one. */
function explained(told: Told, paint: Paint): string {
  const { nodes } = told;
  const counts = Object.entries(nodes).map(([what, count]) => `${count} ${what}`);
  const severity = told.severity === "approval" ? `needs an approval by ${told.owners.join(" or ")}` : told.severity;
  const rows = [
    `${paint(["bold", styles[told.outcome]], plain(titleOfTold(told)))}  ${plain(outcomeWords(told))}`,
    `  ${plain(told.why, 600)}`,
    paint(
      "dim",
      `  ${plain(`${told.path}:${told.line}, over ${told.scope === "fleet" ? "the fleet" : `each ${told.scope}`}, ${severity}; ask ${told.ask.join(", ")}`, 600)}`,
    ),
    paint("dim", `  nodes: ${counts.join(", ")}`),
    ...told.evidence.flatMap((one) => [
      ...evidenceLines({ ...told, evidence: [one], more: 0 }, paint, 1),
      ...(one.nodes.length > 1
        ? [
            paint(
              "dim",
              `        ${plain(one.nodes.slice(0, 20).join(", "), 1_500)}${one.nodes.length > 20 || one.moreNodes !== undefined ? ", …" : ""}`,
            ),
          ]
        : []),
    ]),
    ...(told.more > 0 ? [`    …and ${told.more} more`] : []),
    ...told.unknown.map(
      ({ reason, nodes: some }) =>
        `    not known${some.length === 0 ? "" : ` on ${some.slice(0, 5).join(", ")}${some.length > 5 ? ", …" : ""}`}: ${plain(reason, 600)}`,
    ),
  ];
  return `${rows.join("\n")}\n`;
}
