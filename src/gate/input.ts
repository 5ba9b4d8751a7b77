import type { ChangeInput } from "../policy/when.ts";
import type { Report } from "./report.ts";
import { known, unknown, type Checked, type Facts, type Known } from "./facts.ts";

/** What a policy's conditions read of a change. */
export const inputOf = ({ opener, labels, base, fork }: Facts, { report, paths, links, policyChange }: Checked): ChangeInput => ({
  change: {
    author: opener === null ? unknown("the account that opened this pull request is deleted") : known(opener.login),
    labels: known(labels),
    // Of no path at all everything is true, and a condition about "all paths" must not be.
    paths: paths.length === 0 ? unknown("the merge result changes no file, so that nothing can be said of its files") : comparable(paths),
    base: known(base.ref),
    fork: known(fork),
    policy: known(policyChange),
    links: comparable(links),
  },
  radius: radiusOf(report),
  unplaced: unplacedOf(report),
  groups: known(report.groups),
  findings: known(report.findings),
});

/**
 * A node that base does not compile and whose services are not known: where they are matched by classes, base has none of it, and head's
 * classes must not say whose node it is. Matched by trusted data alone, they are known.
 */
export const homelessFixed = ({ nodes }: Pick<Report, "nodes">): Report["nodes"][number] | undefined =>
  nodes.find(({ outcome, services }) => outcome === "fixed" && services.length === 0);

export const radiusOf = (report: Pick<Report, "nodes" | "radius">): ChangeInput["radius"] =>
  homelessFixed(report) === undefined ? known(report.radius) : unknown("the services of nodes that base does not compile are not known");

/** What is not known of a node that the change reaches is not known of the whole: a rule that asks for a service must not be passed by. */
export function unplacedOf({ nodes }: Pick<Report, "nodes">): NonNullable<ChangeInput["unplaced"]> {
  const why = (part: "services" | "datacentre" | "restarts"): string | undefined => {
    const node = nodes.find(({ unplaced }) => unplaced?.includes(part) === true);
    return node === undefined
      ? undefined
      : `the ${part} of ${node.certname} ${part === "datacentre" ? "is" : "are"} not known: ${node.reason ?? "no reason was given"}`;
  };
  return { services: why("services"), datacentres: why("datacentre"), restarts: why("restarts") };
}

/** A quoted path stands for bytes that no condition can be written for. */
export const comparable = (paths: readonly string[]): Known<readonly string[]> =>
  paths.some((path) => path.startsWith('"')) ? unknown("a changed path has a name that conditions can't be compared with") : known(paths);
