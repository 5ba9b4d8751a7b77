import type { Facts } from "./facts.ts";
import { clipped, list } from "./phrases.ts";
import type { Report } from "./report.ts";

/** Who has to do what about something that a check found; null where nobody has to. */
export function wayOf({ rule, outcome, passing }: Report["verdict"]["reasons"][number], facts: Facts, report: Report): string | null {
  const author = facts.opener?.login ?? "its author";
  const mend = (place: string | null): string => mendWay(author, place);
  const owners = "an owner of the policy";
  const first = placeOf(rule, report);
  switch (rule) {
    case "merge":
      return `${author}: merge ${facts.base.ref} into the branch, resolve the conflict${first === null ? "" : ` in ${first}`} and push`;
    case "facts":
      return first === null ? `${owners}: give the nodes' facts by \`facts.folder\`` : mend(first);
    case "modules":
      if (passing === true) return "wait until what could not be had is there; or anybody with write access: say /recheck";
      return isPuppetfile(facts)
        ? `${author}: leave the Puppetfile out of this change; an administrator: land that one, which this gate can't check`
        : "an administrator: install the modules where the gate runs, then say /recheck";
    case "compile":
      return compileWay(
        outcome,
        report,
        author,
        `${owners}: have base mended, or name these nodes under \`debt\` with an owner and a date`,
      );
    case "debt":
      return `${debtOwner(facts)}: mend these nodes on ${facts.base.ref}, or ask for another day in the policy`;
    case "expectations":
      return expectationsWay(outcome, report, mend(first));
    default:
      return mend(first);
  }
}

/** Who wrote an expectation down can mend it; a change that breaks one is its author's to mend. */
function expectationsWay(outcome: string, { expectations = [] }: Report, mend: string): string {
  const found = expectations.find((each) => each.outcome === (outcome === "fail" ? "broken" : "unknown"));
  if (found === undefined) return mend;
  const asked = list([...found.ask], 3);
  if (outcome === "fail") return `${mend}, or ask ${asked} about ${found.name}`;
  return `${asked}: mend the expectation ${found.name} (${found.path}) in a change of its own`;
}

const mendWay = (author: string, place: string | null): string => `${author}: mend ${place ?? "it"} and push`;

function compileWay(outcome: string, report: Report, author: string, policy: string): string {
  const mend = (place: string | null): string => mendWay(author, place);
  const troubled =
    report.nodes.find((node) => node.outcome === "broken") ??
    report.nodes.find(({ old, outcome: is }) => is === "not-analysable" && old !== true);
  const missing = troubled?.outcome === "broken" ? missingIn(troubled.reason ?? "") : null;
  if (missing !== null && troubled !== undefined)
    return `${author}: give ${missing.name} a value for ${namesOf(troubled, report)} (${missing.where}) and push`;
  if (troubled !== undefined) return mend(placeIn(troubled.reason ?? "") ?? troubled.certname);
  return outcome === "fail" ? mend(placeOf("compile", report)) : policy;
}

const isPuppetfile = ({ check }: Facts): boolean => check.state === "done" && check.paths.includes("Puppetfile");

/** Where the first finding is that blocks, as `path:line`. */
function placeOf(check: string, { findings }: Report): string | null {
  const blocking = findings.filter((finding) => finding.check === check && finding.severity !== "notice" && finding.path !== null);
  if (check === "merge")
    return blocking.length === 0
      ? null
      : list(
          blocking.map(({ path }) => clipped(path ?? "", 120)),
          3,
        );
  const [first] = blocking;
  if (first === undefined) return null;
  return `${clipped(first.path ?? "", 200)}${first.line === null ? "" : `:${first.line}`}`;
}

/** Where Puppet misses a value: the place that it names asks for it, and is seldom what is to be mended. */
function missingIn(reason: string): { name: string; where: string } | null {
  const { type, parameter } =
    /(?:^|[ ,])Class\[(?<type>[\w:]+)\]:\s+expects a value for parameter '(?<parameter>\w+)'/u.exec(reason)?.groups ?? {};
  if (type !== undefined && parameter !== undefined)
    return { name: `${type.toLowerCase()}::${parameter}`, where: "in the data, or a default in the class" };
  const { key } = /did not find a value for the name '(?<key>[^'\s]+)'/u.exec(reason)?.groups ?? {};
  return key === undefined ? null : { name: clipped(key, 120), where: "in the data" };
}

/** A node and how many others break for the same reason. */
function namesOf({ certname, reason }: Report["nodes"][number], { nodes }: Report): string {
  const others = nodes.filter((node) => node.outcome === "broken" && node.reason === reason).length - 1;
  return others === 0 ? certname : `${certname} and ${others} more`;
}

/** The place that Puppet names first: `manifests/web.pp:20: …` or `(file: manifests/web.pp, line: 20)`. */
function placeIn(reason: string): string | null {
  const { path, line } =
    /\(file: (?<path>[^\s,()]+), line: (?<line>\d+)/u.exec(reason)?.groups ??
    /(?:^|[\s(])(?<path>[^\s:()]+\.(?:pp|epp|erb|rb|yaml)):(?<line>\d+)/u.exec(reason)?.groups ??
    {};
  return path === undefined || line === undefined ? null : `${path}:${line}`;
}

function debtOwner(facts: Facts): string {
  const { check } = facts;
  if (check.state !== "done") return "its owner";
  const due = check.policy.debt.filter(({ until }) => until < facts.now.slice(0, 10));
  return list([...new Set(due.map(({ owner }) => owner))], 3) || "its owner";
}
