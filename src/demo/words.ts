import type { Paint } from "../cli/paint.ts";
import { counted, countsOf, coverageOf } from "../gate/explain.ts";
import { causeWords, changingNodes, sharePhrases } from "../gate/reach.ts";
import { secondLooks } from "../gate/second-look.ts";
import { plain } from "../cli/plain.ts";
import type { Report } from "../gate/report.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import type { Scene } from "./gate-story.ts";
import type { LaneScene } from "./rollout-story.ts";
import type { Story } from "./control-repo/story.ts";

/** All words of the demo's terminal but those of the stories themselves. */

const width = 100;
const label = 13;

const verdictStyles: Record<Report["verdict"]["outcome"], "green" | "red" | "yellow"> = {
  pass: "green",
  blocked: "red",
  unknown: "yellow",
};

/** What this is, before anything happens. */
export const introduction = (repo: ControlRepo, paint: Paint): string =>
  [
    paint("bold", `A control repo with ${repo.nodes} machines, and ${repo.stories.length} changes that somebody would like to merge`),
    ...wrap(
      `It lies in ${repo.folder}, with everything real: git, Puppet in its sandbox, puppet-lint. Each change is merged with ${repo.base} in memory, ` +
        "linted, compiled for every machine on both sides, compared and judged. Nothing leaves this machine.",
      width,
    ),
    "",
  ].join("\n");

/** How it went. `repo` is where the repository still lies, if somebody wanted it. */
export function outcome(
  stories: number,
  wrongs: readonly string[],
  { page, repo }: { page: string; repo: string | null },
  paint: Paint,
): string {
  const verdict =
    wrongs.length === 0
      ? paint(
          ["bold", "green"],
          `All ${stories} changes were judged as they should be, the three at the gate went as they should, and so did the releases through the lanes.`,
        )
      : paint(["bold", "red"], `Otherwise than it should: ${wrongs.join(", ")}.`);
  const next =
    repo === null
      ? []
      : [`The repository is still in ${repo}: npm run -s puppet-gate -- check --repo ${repo} --base production --head BRANCH`];
  return [verdict, `One change's report as a page, for a browser: ${page}`, ...next, ""].join("\n");
}

/** What an auditor would ask of it. `kept`: the folder of what stays of the demo. */
export const auditWords = (kept: string, paint: Paint): string =>
  [
    paint("bold", "All of it is in the gate's ledger. Ask it, from this folder:"),
    ...auditCommands(kept).map(({ command, what }) => `  npm run -s puppet-gate -- ${command}\n      ${paint("cyan", what)}`),
    "",
  ].join("\n");

/** Each works while the gate's server runs, which answers then, and after it ended. */
const auditCommands = (kept: string): { command: string; what: string }[] => [
  { command: `audit ask participants --data ${kept}/data`, what: "who wrote, approved and merged each change, and on which tree" },
  { command: `audit export ${kept}/bundle --data ${kept}/data`, what: "all of it as a bundle that needs neither this server nor its word" },
  { command: `audit verify ${kept}/bundle`, what: "whether every entry is in the log that was signed" },
];

/** Where people can look at what was done, while it is served. */
export const pagesWords = (url: string, paint: Paint): string =>
  [paint("bold", `The pages over what was just done: ${url}`), "Ctrl-C ends this. What is in the ledger stays."].join("\n");

/** Live, while something is waited for. */
export const atTheGate = "at the gate…";
export const onTheWay = (minutes: number): string => `on its way, ${minutes} minutes by the fleet's clock…`;

/** Before the scenes at the gate. */
export const gateIntroduction = (paint: Paint): string =>
  [
    paint("bold", "At the gate: the GitHub App, on a stand-in for GitHub with a real git repository behind it"),
    ...wrap(
      "Real webhooks, a real database, and the same check. What follows is what people would see on the pull request's page: one change that is refused twice and lands, one that does more than its author meant, and one that stays out.",
      width,
    ),
    "",
  ].join("\n");

/** The newest scene at the gate: who did what, and what is new on the pull request's page. `seconds`: how long it took. */
export function renderScene(scenes: readonly Scene[], seconds: number, paint: Paint): string {
  const [scene, last] = [scenes.at(-1), scenes.at(-2)];
  if (scene === undefined) return "";
  const { act, lookAt, check, labels, comment, landed, wrong } = scene;
  // Of another pull request all is new.
  const before = last?.number === scene.number ? last : undefined;
  const seen = new Set(before === undefined ? [] : excerpt(before.comment));
  const style = check.conclusion === "success" ? "green" : "yellow";
  return [
    ...heading(`${scenes.length}. ${act}`, seconds, paint),
    ...row("check run", `${check.conclusion}: ${plain(check.title)}`).map((line) => paint(style, line)),
    ...(before === undefined ? row("labels", labels.map((name) => plain(name)).join(", ")) : []),
    ...excerpt(comment)
      .filter((line) => !seen.has(line))
      .flatMap((line, index) => row(index === 0 ? "comment" : "", line)),
    ...(landed === null
      ? []
      : row(
          "landed",
          `${landed.sha.slice(0, 10)} “${plain(landed.subject)}”, parents ${landed.parents.map((sha) => sha.slice(0, 10)).join(" and ")}, tree ${landed.tree.slice(0, 10)}`,
        )),
    ...row("look at", lookAt).map((line) => paint("cyan", line)),
    ...wrong.flatMap((text) => row("WRONG", plain(text, 500))).map((line) => paint("red", line)),
    "",
  ].join("\n");
}

/** Before the lanes. */
export const lanesIntroduction = (paint: Paint): string =>
  [
    paint("bold", "Lane by lane: what was merged is carried out in stages, and watched"),
    ...wrap(
      "Two compilers that deploy real git branches, agents that leave Puppet's own stored reports, and a clock that runs ahead. Each lane is a branch, which is moved from where it is expected or not at all.",
      width,
    ),
    "",
  ].join("\n");

/** Where every lane is by now, and what the gate wrote meanwhile. `at`: which scene it is, from 1; `seconds`: how long it took. */
export function renderLanes({ act, lookAt, lanes, status, said, wrong }: LaneScene, at: number, seconds: number, paint: Paint): string {
  return [
    ...heading(`${at}. ${act}`, seconds, paint),
    ...lanes.flatMap(({ lane, environment, machines, has, stands }) =>
      row(lane, `${environment}, ${counted(machines, "machine")}: has ${has}`).map((line) => paint(laneStyles[stands], line)),
    ),
    ...status.flatMap((line, index) => row(index === 0 ? "status" : "", plain(line, 600))),
    ...said.flatMap(({ where, text }) => excerpt(text).flatMap((line, index) => row(index === 0 ? `in ${where}` : "", line))),
    ...row("look at", lookAt).map((line) => paint("cyan", line)),
    ...wrong.flatMap((text) => row("WRONG", plain(text, 500))).map((line) => paint("red", line)),
    "",
  ].join("\n");
}

/** A scene's, with the time that it took at the right. */
function heading(text: string, seconds: number, paint: Paint): string[] {
  const time = `${seconds.toFixed(1)} s`;
  const lines = wrap(text, width - 9);
  return lines.map((line, at) =>
    at > 0 ? paint("bold", `   ${line}`) : `${paint("bold", line.padEnd(width - time.length))}${paint("dim", time)}`,
  );
}

const laneStyles: Record<LaneScene["lanes"][number]["stands"], "red" | "green" | "yellow"> = {
  still: "red",
  well: "green",
  watched: "yellow",
};

/** Of the gate's comment what is not folded away and not in order, as a person would read it. */
const excerpt = (comment: string): string[] =>
  comment
    .replaceAll(/<details>.*?<\/details>|<!--.*?-->|<sub>.*?<\/sub>/gsu, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^- (?:pass|skipped) /u.test(line))
    .map((line) =>
      plain(
        line.replaceAll(/\]\(<?http[^)]*\)/gu, "]").replaceAll(/&#(\d+);/gu, (_, code) => String.fromCodePoint(Number(code))),
        400,
      ),
    );

/** One story, compact: what was asked, what came of it, what to look at, and whether it came out as it should. `page` is where its report lies. */
export function renderStory(story: Story, report: Report, wrong: readonly string[], page: string | null, paint: Paint): string {
  const verdict = paint(["bold", verdictStyles[report.verdict.outcome]], report.verdict.outcome.toUpperCase().padEnd(8));
  const time = `${((report.timing["total"] ?? 0) / 1000).toFixed(1)} s`;
  return [
    `${verdict} ${paint("bold", story.branch.padEnd(width - 9 - time.length))}${paint("dim", time)}`,
    ...row("change", `“${story.title}”, by ${story.author.name}`),
    ...row("fleet", countsOf(report)),
    ...(coverageOf(report) === null || report.coverage?.unseen.length === 0 ? [] : row("looked at", plain(coverageOf(report) ?? "", 400))),
    ...radiusRows(report),
    ...lookRows(report),
    ...causeRows(report),
    ...(page === null ? [] : row("page", page).map((line) => paint("cyan", line))),
    ...report.verdict.reasons
      .filter(({ outcome }) => outcome === "fail" || outcome === "unknown")
      .flatMap(({ rule, text }) => row(rule, plain(text, 300))),
    ...(report.debt.lint > 0 ? row("debt", `${report.debt.lint} lint findings that production has already, and nobody is held up by`) : []),
    ...row("look at", story.lookAt).map((line) => paint("cyan", line)),
    ...wrong.flatMap((text) => row("WRONG", plain(text, 500))).map((line) => paint("red", line)),
    "",
  ].join("\n");
}

function radiusRows(report: Report): string[] {
  const { radius } = report;
  if (radius.nodes === 0) return [];
  const restarts = radius.restarts.map(({ type, title, nodes }) => `${plain(type)}[${plain(title)}] on ${nodes}`);
  return [
    ...row(
      "radius",
      `${radius.size}, ${Math.round(radius.share * 100)} % of the nodes, in ${radius.datacentres.map((name) => plain(name)).join(", ")}`,
    ),
    ...row("services", sharePhrases(changingNodes(report), report, (name) => plain(name, 60), 8).join(", ")),
    ...(restarts.length > 0 ? row("restarts", restarts.join(", ")) : []),
  ];
}

function lookRows(report: Report): string[] {
  const looks = secondLooks(report).map(
    ({ words, resources, nodes, each }) =>
      `${words}: ${few(resources.map((one) => plain(one, 80)))} on ${each ? "" : "one or more of "}${counted(nodes.length, "node")}`,
  );
  return looks.length === 0 ? [] : row("look twice", looks.slice(0, 4).join("; "));
}

function causeRows({ causes = [] }: Report): string[] {
  return causes
    .slice(0, 2)
    .flatMap(({ kind, name, resources, nodes, certain }) =>
      row(
        "comes from",
        `${certain ? "" : "likely "}${causeWords[kind]} ${plain(name, 120)}: ${counted(resources, "resource")} on ${counted(nodes, "node")}`,
      ),
    );
}

const few = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;

/** A label and a text beside it, wrapped at words; one line at least. */
const row = (name: string, text: string): string[] =>
  wrap(text, width - label).map((line, at) => `  ${(at === 0 ? name : "").padEnd(label - 2)}${line}`);

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
