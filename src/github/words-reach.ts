import { blindRestarts, counted, countsOf, coverageOf, limitsPage, nodesWith, noRestarts, sentence, uncompared } from "../gate/explain.ts";
import { moduleFacts, modulesOf, versionsOf } from "../gate/module-words.ts";
import { changingNodes, reachOf, sharePhrases, sharesOf, type Reach, type ReachCell, type ReachRow } from "../gate/reach.ts";
import type { Report } from "../gate/report.ts";
import { secondLooks, type SecondLook } from "../gate/second-look.ts";
import { code, prose } from "./escape.ts";
import { causesText } from "./words-causes.ts";

/** How far a change reaches, in words for GitHub: who sees nothing but these can name nodes, services and restarts. */

const most = { services: 20, named: 100, whole: 12, datacentres: 6, restarts: 10, nodes: 12, names: 5, few: 3, modules: 8, files: 5 };

/** Counts first: how many nodes, of which services, where; then what restarts, what deserves a second look, where it comes from. */
export function effectSummary(report: Report): string {
  const reached = changingNodes(report);
  const compiling = new Set(nodesWith(report, "fixed"));
  const looks = secondLooks(report);
  return [
    `**${sentence(countsOf(report))}**${sizeText(report)}`,
    ...uncompared(report).map(({ words, certnames, after }) => nodesText(words, certnames, after)),
    changingText(
      reached.filter((certname) => !compiling.has(certname)),
      report,
    ),
    reached.length === 0 ? "" : reachText(reachOf(report)),
    restartsText(
      report,
      looks.filter(({ concern }) => concern === "stops"),
    ),
    looksText(looks.filter(({ concern }) => concern !== "stops")),
    causesText(report),
    modulesText(report),
    coverageText(report),
  ]
    .filter((section) => section !== "")
    .join("\n\n");
}

/** The radius counts what is known to change: nodes that break, and what nobody can tell of others, are beside it. */
function sizeText(report: Report): string {
  const { radius } = report;
  if (radius.nodes === 0) return "";
  const [broken, fixed] = [nodesWith(report, "broken").length, nodesWith(report, "fixed").length];
  const but = [
    ...(broken === 0 ? [] : [`the ${counted(broken, "node")} that ${broken === 1 ? "breaks" : "break"} not counted`]),
    ...(fixed === 0 ? [] : [`how much changes on ${fixed} of them not known`]),
  ];
  return ` Blast radius ${[`${radius.size}: ${Math.round(radius.share * 100)} % of all nodes`, ...but].join(", ")}.`;
}

const nodesText = (words: string, certnames: readonly string[], after = ""): string =>
  certnames.length === 0 ? "" : `${words}: ${named(certnames, most.nodes)}${after}.`;

/** Names where they are few; where whole services change, the table says so in fewer words, and the names are below. */
function changingText(certnames: readonly string[], report: Report): string {
  // Without services the names are all there is to go by.
  if (certnames.length > 0 && !hasServices(certnames, report))
    return `${nodesText("Would change", certnames)} ${certnames.length === 1 ? "Its services are" : "Their services are"} not known: ${noServices}`;
  const isWhole = sharesOf(certnames, report).every(({ service, some, of }) => service !== null && some === of);
  return certnames.length > (isWhole ? most.names : most.nodes) ? "" : nodesText("Would change", certnames);
}

const noServices = "name them under `services` in the policy.";

const hasServices = (certnames: readonly string[], report: Report): boolean =>
  sharesOf(certnames, report).some(({ service }) => service !== null);

/** How much was looked at, in one line, and where to read what can't be; empty where nothing was looked at. */
function coverageText(report: Report): string {
  const coverage = coverageOf(report);
  return coverage === null ? "" : `<sub>${prose(sentence(coverage), 1_000)} [What no catalog shows](${limitsPage})</sub>`;
}

/** A table of services by datacentres; a list where it would be too wide to read, or have one column. */
function reachText({ datacentres, rows }: Reach): string {
  // Where neither services nor datacentres are known, a table of one number says nothing.
  if (rows.every(({ service }) => service === null) && datacentres.every((each) => each === null)) return "";
  if (datacentres.every((each) => each === null)) return byService(rows);
  const shown = rows.slice(0, most.services);
  const more = rows.length > shown.length ? `\n\n${byService(rows.slice(most.services))}` : "";
  if (datacentres.length > most.datacentres) return `${shown.map((row) => `- ${rowText(row)}`).join("\n")}${more}`;
  const heads = ["Nodes that change", ...datacentres.map((each) => prose(each ?? "no datacentre known", 60))];
  const lines = shown.map(({ service, cells }) => [
    serviceName(service),
    ...cells.map((cell) => (cell === null ? "no node" : cellText(cell))),
  ]);
  const table = [heads, heads.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const isAll = rows.some(({ cells }) => cells.some((cell) => cell !== null && cell.changing === cell.nodes));
  return `${table}${more}${isAll ? "\n\nBold: every node of that service there." : ""}`;
}

/** All of them in a sentence or three; many that change as a whole only by their number, because the names are below. */
function byService(rows: readonly ReachRow[]): string {
  const named = rows.filter(({ service }) => service !== null);
  const none = rows.find(({ service }) => service === null);
  const shown = named.slice(0, most.named);
  const whole = shown.filter(({ changing, nodes }) => changing === nodes);
  const parts = shown.filter(({ changing, nodes }) => changing !== nodes);
  const counts = ({ service, changing, nodes }: ReachRow): string =>
    `${serviceName(service)} (${changing === nodes ? nodes : `${changing} of ${nodes}`})`;
  if (parts.length === 0 && whole.length > most.whole && named.length === shown.length)
    return `Every node of all ${whole.length} services changes${none === undefined ? "" : `, and ${counted(none.changing, "node")} of none`}.`;
  return [
    whole.length === 0 ? "" : `Every node of ${listed(whole.map(counts))} changes.`,
    parts.length === 0 ? "" : `Some nodes of ${listed(parts.map(counts))} change.`,
    named.length > shown.length ? `And nodes of ${named.length - shown.length} more services.` : "",
    none === undefined ? "" : `${counted(none.changing, "node")} of no service ${none.changing === 1 ? "changes" : "change"}.`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

const listed = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((text) => text !== "").join(" and ");

function cellText({ changing, nodes, broken, unseen }: ReachCell): string {
  const count = changing === nodes ? `**${changing} of ${nodes}**` : `${changing} of ${nodes}`;
  return [count, ...(broken === 0 ? [] : [`${broken} broken`]), ...(unseen === 0 ? [] : [`${unseen} not seen`])].join(", ");
}

const rowText = ({ service, changing, nodes }: ReachRow): string =>
  `${serviceName(service)}: ${changing} of ${counted(nodes, "node")} ${changing === 1 ? "changes" : "change"}`;

const serviceName = (service: string | null): string => (service === null ? "no service" : prose(service, 60));

/** What restarts and what stops. */
function restartsText(report: Report, stops: readonly SecondLook[]): string {
  const { restarts } = report.radius;
  const still = [
    ...stops.map(
      ({ resources, nodes, each }) => `- stops ${named(resources)} on ${each ? "" : "one or more of "}${onNodes(nodes, nodes.length)}`,
    ),
    ...blindText(report),
  ];
  const none = noRestarts(report);
  if (restarts.length + still.length === 0) return none === null ? "" : sentence(none);
  const lines = restarts
    .slice(0, most.restarts)
    .map(
      ({ type, title, nodes, cause, certnames = [] }) =>
        `- restarts ${code(`${type}[${title}]`)} on ${onNodes(certnames, nodes)}${sharesText(certnames, report)}: ${prose(cause, 300)}`,
    );
  const others = restarts.slice(most.restarts).map(({ type, title, nodes }) => `${code(`${type}[${title}]`, 120)} (${nodes})`);
  if (others.length > 0) {
    const left = others.length - most.named;
    const names = others.slice(0, most.named).join(", ");
    lines.push(`- restarts besides, on so many nodes: ${names}${left > 0 ? ` and ${left} more` : ""}`);
  }
  return [...lines, ...still].join("\n");
}

/** Nodes that import what changes, and of which nobody knows whether it restarts anything. */
function blindText(report: Report): string[] {
  const blind = blindRestarts(report);
  const [first] = blind;
  if (first === undefined) return [];
  const names = named(
    blind.map(({ certname }) => certname),
    most.nodes,
  );
  return [`- what restarts on ${names} is not known in full: ${prose(first.reason, 400)}`];
}

/** Few nodes by name. */
const onNodes = (certnames: readonly string[], count: number): string =>
  certnames.length === 0 || certnames.length > most.few ? counted(count, "node") : named(certnames, most.few);

/** Of which services these nodes are: ` (every node of web; 2 of 9 search nodes)`. */
export function sharesText(certnames: readonly string[], report: Report): string {
  const phrases = sharePhrases(certnames, report, (service) => prose(service, 60), most.services);
  return phrases.length === 0 ? "" : ` (${phrases.join("; ")})`;
}

/** What is to be said of the same resources on the same nodes is said in one line. */
function looksText(looks: readonly SecondLook[]): string {
  if (looks.length === 0) return "";
  const alike = [...Map.groupBy(looks, ({ resources, nodes, each }) => JSON.stringify([resources, nodes, each])).values()];
  const lines = alike
    .flatMap(([first, ...others]) =>
      first === undefined ? [] : [{ ...first, words: [first, ...others].map(({ words }) => words).join(", ") }],
    )
    .map(
      ({ words, resources, nodes, each }) =>
        `- ${words}: ${named(resources, most.names)} on ${each ? "" : "one or more of "}${onNodes(nodes, nodes.length)}`,
    );
  return ["**Look twice:**", ...lines].join("\n");
}

/** Which modules from elsewhere change, in one line each; the page has their files and commits. */
function modulesText(report: Report): string {
  const modules = modulesOf(report);
  if (modules.length === 0) return "";
  const lines = modules.slice(0, most.modules).map((change) => {
    const { name, files, moreFiles } = change;
    const told = [versionsOf(change, (version) => code(version, 80)), ...moduleFacts(change).map((text) => prose(text, 300))].join(", ");
    const more = files.length + moreFiles > most.files ? ` and ${files.length + moreFiles - most.files} more` : "";
    const paths = files.slice(0, most.files).map(({ path }) => code(path, 120));
    return `- ${code(name, 120)} ${told}${paths.length === 0 ? "" : `: ${paths.join(", ")}${more}`}`;
  });
  if (modules.length > most.modules) lines.push(`- and ${modules.length - most.modules} more`);
  return ["**Modules from elsewhere:**", ...lines].join("\n");
}

export function named(items: readonly string[], limit = most.names): string {
  if (items.length === 0) return "none known";
  const few = items.slice(0, limit).map((item) => code(item, 120));
  return items.length > limit ? `${few.join(", ")} and ${items.length - limit} more` : few.join(", ");
}
