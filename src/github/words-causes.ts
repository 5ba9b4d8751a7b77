import type { Cause } from "../catalog/effects.ts";
import { counted, nodesWith, toldOf } from "../gate/explain.ts";
import { causeWords } from "../gate/reach.ts";
import type { Report } from "../gate/report.ts";
import { code, prose } from "./escape.ts";

/** What the effects come from, in words for GitHub, and of how many of them that is not known. */

const most = { causes: 6, places: 5 };

export function causesText(report: Report): string {
  const { causes = [] } = report;
  if (causes.length === 0) return "";
  const { families } = toldOf(report);
  const known = new Set(causes.flatMap(({ groups }) => groups.flatMap((at) => report.groups[at] ?? [])));
  const unknown = families.filter(({ groups }) => !groups.some((group) => known.has(group))).length;
  const lines = causes.slice(0, most.causes).map((cause) => causeText(cause, report, families));
  if (causes.length > most.causes) lines.push(`- and ${causes.length - most.causes} more`);
  if (unknown > 0) lines.push(`- not known for ${unknown} of ${counted(families.length, "effect")}`);
  return ["**Where it comes from:**", ...lines].join("\n");
}

type Families = ReturnType<typeof toldOf>["families"];

/** In the effects that are listed below. Of nodes that compile again none is: there the cause is that they do. */
function causeText({ kind, name, places, certain, reason, groups, nodes }: Cause, report: Report, families: Families): string {
  const files = places.filter(({ path, line }) => path !== name || line !== null);
  const shown = files.slice(0, most.places).map(({ path, line }) => code(line === null ? path : `${path}:${line}`, 120));
  const more = files.length > shown.length ? ` and ${files.length - shown.length} more` : "";
  const where = files.length === 0 ? "" : ` in ${shown.join(", ")}${more}`;
  const what = files.some(({ path }) => path === name) ? `${causeWords[kind]}${where}` : `${causeWords[kind]} ${code(name, 120)}${where}`;
  const its = new Set(groups.flatMap((at) => report.groups[at] ?? []));
  const effects = families.filter((family) => family.groups.some((group) => its.has(group))).length;
  const fixed = nodesWith(report, "fixed").length;
  const reach =
    effects === 0 && fixed > 0
      ? `${counted(nodes, "node")} ${nodes === 1 ? "compiles" : "compile"} again`
      : `${counted(effects, "effect")} on ${counted(nodes, "node")}`;
  return `- ${what} → ${reach} (${certain ? "certain" : "likely"}: ${prose(reason, 300)})`;
}
