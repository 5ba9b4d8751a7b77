import { becameWords, caughtWords, draftWords, type ExpectationStats } from "../../../gate/expectation-stats.ts";
import { counted } from "../../../gate/explain.ts";
import { common, definitions } from "../../../measures/definitions.ts";
import { byName, byWeek, type Group, type Week } from "../../../measures/groups.ts";
import type { Measured } from "../../../measures/rows.ts";
import type { Spread } from "../../../measures/spread.ts";
import { summaryOf, type Assumed, type Period, type Summary } from "../../../measures/summary.ts";
import { csv } from "../../csv.ts";
import { markup, none, type Markup } from "../../html.ts";
import type { Answer, Asked } from "../answers.ts";
import type { CausedWait } from "../../../rollout/caused.ts";
import type { MeasuredTo } from "../ports.ts";
import { spanText } from "../../../rollout/waited-words.ts";
import { waitedSection } from "./waited.ts";
import { chart } from "./chart.ts";
import { dayMs, dayOf, dayText, fileName, lasts, percent, query, table } from "./parts.ts";

/** How long changes and releases take, and how many of them fail: of a repository, a service or a team, and never of a person. */

export interface MetricsAsked extends Period {
  service: string | null;
  team: string | null;
  assumed: Assumed;
  /** Null for the page. */
  file: "numbers" | "changes" | null;
}

/** Weeks that are shown where nobody asks for others, and days that one page shows at most. */
const usualDays = 84;
const mostDays = 371;
const longestName = 500;

/** What is asked for by an address; a sentence where that is nothing that there is. */
export function metricsAsked({ query: asked }: Asked, now: Date): MetricsAsked | string {
  const tomorrow = Math.floor(now.getTime() / dayMs) * dayMs + dayMs;
  const [fromText, toText] = [asked.get("from") ?? "", asked.get("to") ?? ""];
  const last = toText === "" ? tomorrow - dayMs : dayOf(toText);
  if (last === null) return "Days are written as 2026-01-31.";
  const to = last + dayMs;
  const from = fromText === "" ? to - usualDays * dayMs : dayOf(fromText);
  if (from === null) return "Days are written as 2026-01-31.";
  if (from >= to) return "The first day comes after the last.";
  if (to - from > mostDays * dayMs) return `One page shows ${mostDays} days at most: ask for a year, and then for the one before.`;
  const [service, team] = [asked.get("service") ?? "", asked.get("team") ?? ""];
  if (service.length > longestName || team.length > longestName) return "No service or team has a name as long as that.";
  const minutes = numberIn(asked.get("minutes"), 15, 10_000);
  const hours = numberIn(asked.get("hours"), 24, 10_000);
  if (minutes === null || hours === null) return "Minutes and hours of a central review are numbers, and not negative.";
  const file = asked.get("format") === "csv" ? (asked.get("of") === "changes" ? "changes" : "numbers") : null;
  return { from, to, service: service === "" ? null : service, team: team === "" ? null : team, assumed: { minutes, hours }, file };
}

function numberIn(text: string | null, usual: number, most: number): number | null {
  if (text === null || text === "") return usual;
  return /^\d{1,5}(?:\.\d{1,2})?$/u.test(text) && Number(text) <= most ? Number(text) : null;
}

export function metrics(
  name: string,
  asked: MetricsAsked,
  measured: Measured,
  { measuredTo, expectations, waited }: { measuredTo: MeasuredTo; expectations: ExpectationStats; waited: readonly CausedWait[] },
): Answer {
  const { assumed, service, team } = asked;
  const summary = summaryOf(measured, asked, assumed);
  const halts = waitedBy(waited, asked);
  const address = (more: Record<string, string>): string => `/${name}/metrics${query({ ...partsOf(asked), ...more })}`;
  const body = markup`<h1>How long changes take</h1>
    ${filters(name, asked)}
    <p class="note">${dayText(asked.from)} to ${dayText(asked.to - dayMs)}${service === null ? "" : `, service ${service}`}${team === null ? "" : `, team ${team}`}. ${behindText(measuredTo)}
      <a href="${address({ format: "csv" })}">These numbers as CSV</a> · <a href="${address({ format: "csv", of: "changes" })}">The changes behind them as CSV</a></p>
    <dl class="measures">${[...measuresOf(summary, assumed), waitedMeasure(halts)].map(({ label, value, beside, means }) => markup`<div><dt>${label}</dt><dd><b>${value}</b> <span class="note">${beside}</span></dd><dd class="means">${means}</dd></div>`)}</dl>
    ${trend(byWeek(measured, asked))}
    ${groupsMarkup("By service", "services", byName("services", measured, asked, assumed), (group) => address({ service: group }))}
    ${groupsMarkup("By team", "teams", byName("teams", measured, asked, assumed), (group) => address({ team: group }))}
    ${expectationsMarkup(expectations, asked.from)}
    ${waitedSection(name, halts, "In this time.")}
    <section aria-labelledby="common"><h2 id="common">What holds for all of them</h2><ul>${common.map((line) => markup`<li>${line}</li>`)}</ul></section>`;
  return { kind: "page", status: 200, title: `Metrics of ${name}`, body, place: { name, here: "metrics" } };
}

const partsOf = ({ from, to, service, team, assumed }: MetricsAsked): Record<string, string | number | null> => ({
  from: dayText(from),
  to: dayText(to - dayMs),
  service,
  team,
  ...(assumed.minutes === 15 ? {} : { minutes: assumed.minutes }),
  ...(assumed.hours === 24 ? {} : { hours: assumed.hours }),
});

const behindText = ({ seq, of }: MeasuredTo): string =>
  seq >= of ? `As of entry ${of} of the ledger.` : `As of entry ${seq} of the ledger; ${of - seq} newer ones are being read.`;

const filters = (name: string, { from, to, service, team, assumed }: MetricsAsked): Markup =>
  markup`<form method="get" action="/${name}/metrics" class="filter">
    <label>From <input type="date" name="from" value="${dayText(from)}" /></label>
    <label>To, with that day <input type="date" name="to" value="${dayText(to - dayMs)}" /></label>
    <label>Service <input name="service" value="${service ?? ""}" maxlength="${longestName}" /></label>
    <label>Team <input name="team" value="${team ?? ""}" maxlength="${longestName}" placeholder="acme/web" /></label>
    <label>A central review: minutes of work <input name="minutes" inputmode="decimal" size="5" value="${assumed.minutes}" /></label>
    <label>and hours of waiting <input name="hours" inputmode="decimal" size="5" value="${assumed.hours}" /></label>
    <button>Show</button>
  </form>`;

interface Measure {
  key: string;
  label: string;
  value: string;
  beside: string;
  means: string;
}

function measuresOf(summary: Summary, assumed: Assumed): Measure[] {
  const spread = (key: keyof typeof definitions, label: string, { count, median, ninth }: Spread, of: string): Measure => ({
    key,
    label,
    value: lasts(median),
    beside: count === 0 ? "none in this time" : `median · p90 ${lasts(ninth)} · ${count} ${of}`,
    means: definitions[key],
  });
  const { selfMerges, failures, ways, toil } = summary;
  return [
    spread("review", "Review wait", summary.review, "changes"),
    spread("toLanded", "Open to landed", summary.toLanded, "changes"),
    spread("toEverywhere", "Open to everywhere", summary.toEverywhere, "changes"),
    spread("landedToEverywhere", "Landed to everywhere", summary.landedToEverywhere, "changes"),
    {
      key: "frequency",
      label: "Frequency",
      value: `${summary.landed}`,
      beside: `changes landed · ${counted(summary.done, "release")} everywhere`,
      means: definitions.frequency,
    },
    {
      key: "failures",
      label: "Change-failure rate",
      value: percent(failures.share),
      beside: `${failures.part} of ${counted(failures.whole, "release")}: ${ways.halted} halted or taken back, ${ways.reverted} reverted, ${ways.hotfixed} hotfixed`,
      means: definitions.failures,
    },
    {
      ...spread("restore", "Time to restore", summary.restore, "restorations"),
      ...(summary.unrestored === 0
        ? {}
        : { beside: `${summary.restore.count} restorations, p90 ${lasts(summary.restore.ninth)} · ${summary.unrestored} not well again` }),
    },
    {
      key: "selfMerges",
      label: "Share of self-merges",
      value: percent(selfMerges.share),
      beside: `${selfMerges.part} of ${counted(selfMerges.whole, "change")}`,
      means: definitions.selfMerges,
    },
    {
      key: "toil",
      label: "Toil saved, as assumed",
      value: `${toil.work.toFixed(1)} h of work`,
      beside: `and ${toil.wait.toFixed(0)} h of waiting, over ${toil.changes} changes at ${assumed.minutes} min and ${assumed.hours} h each`,
      means: definitions.toil,
    },
    { key: "outside", label: "Around the gate", value: `${summary.outside}`, beside: "changes", means: definitions.outside },
    { key: "glass", label: "By break-glass", value: `${summary.glass}`, beside: "changes", means: definitions.glass },
  ];
}

function waitedMeasure(halts: readonly CausedWait[]): Measure {
  const numbers = new Set(halts.flatMap(({ changes }) => changes.map(({ number }) => number)));
  const minutes = halts.reduce((sum, one) => sum + one.minutes, 0);
  return {
    key: "waited",
    label: "Waiting that halts caused",
    value: halts.length === 0 ? "none" : spanText(minutes),
    beside: halts.length === 0 ? "in this time" : `${counted(numbers.size, "change")} over ${counted(halts.length, "halt")}`,
    means: definitions.waited,
  };
}

function trend(weeks: readonly Week[]): Markup {
  if (weeks.length < 2) return none;
  const points = weeks.map(({ from, landed, toLanded, begun, failed }) => ({
    label: dayText(from).slice(5),
    bar: landed,
    dot: toLanded.median,
    text: `Week of ${dayText(from)}: ${landed} landed, open to landed ${lasts(toLanded.median)} in the median, ${failed} of ${begun} releases failed`,
  }));
  const rows = weeks.map(
    ({ from, landed, review, toLanded, begun, failed }) =>
      markup`<tr><th scope="row">${dayText(from)}</th><td>${landed}</td><td>${lasts(review.median)}</td><td>${lasts(toLanded.median)}</td><td>${lasts(toLanded.ninth)}</td><td>${failed} of ${begun}</td></tr>`,
  );
  return markup`<section aria-labelledby="trend"><h2 id="trend">Week by week</h2>
    <figure>${chart("Changes landed each week, and their median from open to landed; the table below has the same", points)}
    <figcaption class="note"><span class="key bar"></span> changes landed <span class="key line"></span> open to landed, median; each on its own scale from zero</figcaption></figure>
    <details><summary>The same as a table</summary>${table("Weeks as a table", ["Week of", "Landed", "Review wait", "Open to landed", "p90", "Releases failed"], rows)}</details>
  </section>`;
}

/** What a service or a team waited, where one is asked for; the same halts otherwise. */
function waitedBy(waited: readonly CausedWait[], { service, team }: MetricsAsked): CausedWait[] {
  if (service === null && team === null) return [...waited];
  return waited
    .map((one) => {
      const changes = one.changes.filter(
        ({ services, teams = [] }) => (service === null || services.includes(service)) && (team === null || teams.includes(team)),
      );
      return { ...one, changes, minutes: changes.reduce((sum, { minutes }) => sum + minutes, 0) };
    })
    .filter(({ changes }) => changes.length > 0)
    .sort((one, other) => other.minutes - one.minutes);
}

const mostGroups = 200;

function groupsMarkup(title: string, id: string, groups: readonly Group[], address: (name: string) => string): Markup {
  if (groups.length === 0) return none;
  const rows = groups
    .slice(0, mostGroups)
    .map(
      ({ name, summary }) =>
        markup`<tr><th scope="row"><a href="${address(name)}">${name}</a></th><td>${summary.landed}</td>${[summary.review, summary.toLanded, summary.toEverywhere].map(({ median, ninth }) => markup`<td>${lasts(median)}</td><td>${lasts(ninth)}</td>`)}<td>${percent(summary.failures.share)}</td><td>${lasts(summary.restore.median)}</td><td>${percent(summary.selfMerges.share)}</td></tr>`,
    );
  const head = [
    "",
    "Landed",
    "Review wait",
    "p90",
    "Open to landed",
    "p90",
    "Open to everywhere",
    "p90",
    "Failed",
    "Restored in",
    "Self-merges",
  ];
  return markup`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
    <div class="numbers">${table(`${title}, as a table`, [markup`<span class="hidden">Name</span>`, ...head.slice(1)], rows)}</div>
    ${groups.length > mostGroups ? markup`<p class="note">The first ${mostGroups} of ${groups.length}; the CSV has all.</p>` : none}
  </section>`;
}

/** What reviewers look for, by what it caught: rules are compared, and nobody who wrote or broke one. */
function expectationsMarkup({ expectations, drafts }: ExpectationStats, since: number): Markup {
  const happened = drafts.filter((draft) => draft.happened > 0);
  if (expectations.length === 0 && happened.length === 0) return none;
  const rows = expectations
    .slice(0, mostGroups)
    .map(
      (one) =>
        markup`<tr><th scope="row">${one.name}<br /><span class="note">${one.path}</span></th><td>${one.severity}</td><td>${one.changes}</td><td>${caughtWords(one)}</td><td>${becameWords(one)}</td><td>${one.unknown}</td></tr>`,
    );
  return markup`<section aria-labelledby="expectations"><h2 id="expectations">What expectations caught</h2>
    <p class="note">Since ${dayText(since)}, each change counted once for each expectation; services and teams do not choose here.</p>
    ${rows.length === 0 ? none : table("Expectations as a table", ["Expectation", "Weight", "Changes held against it", "Caught", "What became of these", "Could not be told"], rows)}
    ${happened.length === 0 ? none : markup`<ul>${happened.map((draft) => markup`<li>${draftWords(draft)}</li>`)}</ul>`}
  </section>`;
}

/** The numbers with their definitions, of the whole and of each service and team; or the changes that they were made of, without persons. */
export function metricsCsv(name: string, asked: MetricsAsked, measured: Measured): Answer {
  if (asked.file === "changes") return changesCsv(name, asked, measured);
  const head = ["of", "name", "measure", "count", "median hours", "p90 hours", "part", "whole", "definition"];
  const whole = { name: "", summary: summaryOf(measured, asked, asked.assumed) };
  const groups = (["services", "teams"] as const).flatMap((of) =>
    byName(of, measured, asked, asked.assumed).map((group) => ({ of: of === "services" ? "service" : "team", ...group })),
  );
  const rows = [{ of: "all", ...whole }, ...groups].flatMap(({ of, name: group, summary }) =>
    numbersOf(summary).map((row) => [of, group, ...row]),
  );
  return { kind: "csv", name: fileName(name, "metrics", dayText(asked.from), dayText(asked.to - dayMs)), text: csv([head, ...rows]) };
}

type Cells = (string | number | null)[];

function numbersOf(summary: Summary): Cells[] {
  const hours = (ms: number | null): number | null => (ms === null ? null : Math.round(ms / 36_000) / 100);
  const spread = (key: keyof typeof definitions, { count, median, ninth }: Spread): Cells => [
    key,
    count,
    hours(median),
    hours(ninth),
    null,
    null,
    definitions[key],
  ];
  const counted = (key: keyof typeof definitions, part: number, whole: number | null): Cells => [
    key,
    null,
    null,
    null,
    part,
    whole,
    definitions[key],
  ];
  return [
    spread("review", summary.review),
    spread("toLanded", summary.toLanded),
    spread("toEverywhere", summary.toEverywhere),
    spread("landedToEverywhere", summary.landedToEverywhere),
    spread("restore", summary.restore),
    counted("failures", summary.failures.part, summary.failures.whole),
    counted("selfMerges", summary.selfMerges.part, summary.selfMerges.whole),
    counted("frequency", summary.landed, null),
    counted("outside", summary.outside, null),
    counted("glass", summary.glass, null),
    ["toil hours of work", summary.toil.changes, null, null, round(summary.toil.work), null, definitions.toil],
    ["toil hours of waiting", summary.toil.changes, null, null, round(summary.toil.wait), null, definitions.toil],
  ];
}

const round = (value: number): number => Math.round(value * 100) / 100;

function changesCsv(name: string, asked: MetricsAsked, { changes }: Measured): Answer {
  const moment = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const head = [
    "number",
    "opened",
    "first review",
    "landed",
    "everywhere",
    "self-merge",
    "break-glass",
    "around the gate",
    "services",
    "teams",
  ];
  const sorted = [...changes].sort((one, other) => one.number - other.number);
  const rows = sorted.map((change) => [
    change.number,
    moment(change.openedAt),
    moment(change.reviewedAt),
    moment(change.landedAt),
    moment(change.everywhereAt),
    change.own === null ? "unknown" : String(change.own),
    String(change.glass),
    String(change.outside),
    change.services.join(" "),
    change.teams.join(" "),
  ]);
  return {
    kind: "csv",
    name: fileName(name, "changes-measured", dayText(asked.from), dayText(asked.to - dayMs)),
    text: csv([head, ...rows]),
  };
}
