import { createHash } from "node:crypto";
import type { Report } from "./report.ts";

/** GitHub takes label names up to 50 characters long. */
const longest = 50;
/** Of one kind; more than these say no more than "many". */
const most = 8;

/** The labels that are true of a change, by its blast radius and by what no lane holds back. */
export function labelsFor({ radius, findings }: Pick<Report, "radius" | "findings">): string[] {
  const crosses = findings.some(({ code }) => code === "crosses-lanes") ? ["crosses-lanes"] : [];
  const restarts = radius.restarts.map(({ type, title }) => (type === "Service" ? title : `${type}-${title}`));
  return [`radius/${radius.size}`, ...some("service", radius.services), ...some("restart", restarts), ...crosses];
}

function some(kind: string, names: readonly string[]): string[] {
  const labels = [...new Set(names.map((name) => label(kind, name)))];
  return labels.length <= most ? labels : [...labels.slice(0, most), `${kind}/and-more`];
}

/** Names come out of the pull request: only plain characters are kept, and what was changed or cut is told apart by a digest. */
function label(kind: string, name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._:+-]+/gu, "-");
  const whole = `${kind}/${plain}`;
  if (plain === name && whole.length <= longest) return whole;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${whole.slice(0, longest - digest.length - 1)}-${digest}`;
}

/**
 * What to add and remove so that the gate's own labels are `wanted`. Only labels that the gate put there are ever removed, and one that
 * a person put there first stays theirs. GitHub does not tell labels apart by case.
 */
export function labelChanges(
  present: readonly string[],
  ours: readonly string[],
  wanted: readonly string[],
): { add: string[]; remove: string[] } {
  const has = (names: readonly string[], name: string): boolean => names.some((one) => one.toLowerCase() === name.toLowerCase());
  return {
    add: wanted.filter((name) => !has(present, name)),
    remove: ours.filter((name) => has(present, name) && !has(wanted, name)),
  };
}
