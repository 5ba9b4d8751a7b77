import type { ChangeInput } from "../policy/when.ts";
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
  // Whose node it is, base's classes say: a node that base does not compile may belong to any service.
  radius: report.nodes.some(({ outcome }) => outcome === "fixed")
    ? unknown("the services of nodes that base does not compile are not known")
    : known(report.radius),
  groups: known(report.groups),
  findings: known(report.findings),
});

/** A quoted path stands for bytes that no condition can be written for. */
const comparable = (paths: readonly string[]): Known<readonly string[]> =>
  paths.some((path) => path.startsWith('"')) ? unknown("a changed path has a name that conditions can't be compared with") : known(paths);
