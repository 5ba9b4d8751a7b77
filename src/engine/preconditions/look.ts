import { compareLint } from "../../catalog/lint-debt.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { Unplaced } from "../../catalog/finding.ts";
import { type Level, levelOf, type Preconditions } from "../../policy/preconditions.ts";
import type { Policy } from "../../policy/schema.ts";
import type { ChangedFile, Repository } from "../ports/repository.ts";
import type { PuppetEdge } from "../ports/puppet.ts";
import { laneNames, versionFindings, versionScript } from "./environment-conf.ts";
import { pinFindings } from "./pins.ts";

/** What of it each code is about. */
const about: Readonly<Record<string, keyof Preconditions>> = {
  "unpinned-module": "pinnedModules",
  "lane-name": "laneName",
  "config-version": "configVersion",
  "environment-timeout": "configVersion",
};

export interface PreconditionsFound {
  findings: Finding[];
  /** What base has already. */
  debt: number;
}

export interface Sides {
  repository: Repository;
  base: string;
  merged: string;
  changed: readonly ChangedFile[];
}

/** Whether anything is asked, so that somebody has to look. */
export const isAsked = (policy: Policy): boolean =>
  policy.lanes.length > 0 || (["pinnedModules", "laneName", "configVersion"] as const).some((of) => levelOf(policy, of) !== "off");

/** The Puppetfile and environment.conf of both sides. What base has too is debt, by the same comparison as puppet-lint's findings. */
export async function lookAtPreconditions(
  sides: Sides,
  policy: Policy,
  puppet: Pick<PuppetEdge, "readPuppetfile">,
): Promise<PreconditionsFound> {
  const base = await sideOf(sides.repository, sides.base, puppet);
  const merged = sides.base === sides.merged ? base : await sideOf(sides.repository, sides.merged, puppet);
  const asked = (found: readonly Unplaced[]): Unplaced[] => found.filter(({ code }) => levelFor(policy, code) !== "off");
  const compared = compareLint(asked(base.found), asked(merged.found), sides.changed, { base: base.texts, head: merged.texts });
  return { findings: weighed(compared.introduced, policy), debt: compared.debt };
}

async function sideOf(
  repository: Repository,
  tree: string,
  puppet: Pick<PuppetEdge, "readPuppetfile">,
): Promise<{ found: Unplaced[]; texts: Map<string, string> }> {
  const texts = new Map<string, string>();
  for (const path of ["Puppetfile", "environment.conf"]) {
    const bytes = await repository.read(tree, path);
    if (bytes !== null) texts.set(path, bytes.toString("utf8"));
  }
  const puppetfile = texts.get("Puppetfile");
  const conf = texts.get("environment.conf") ?? null;
  const script = versionScript(conf);
  const read = script === null ? null : { path: script, content: await repository.read(tree, script) };
  const found = [
    ...(puppetfile === undefined ? [] : pinFindings(puppet.readPuppetfile(puppetfile))),
    ...(conf === null ? [] : laneNames(conf)),
    ...versionFindings(conf, read),
  ];
  return { found, texts };
}

const levelFor = (policy: Policy, code: string): Level => {
  const of = about[code];
  if (of !== undefined) return levelOf(policy, of);
  return policy.lanes.length > 0 ? "tell" : "off";
};

/** Findings with the weight that the policy gives them; those that it does not ask for left out. */
export const weighed = (found: readonly Finding[], policy: Policy): Finding[] =>
  found.flatMap((finding) => {
    const level = levelFor(policy, finding.code);
    if (level === "off") return [];
    const severity = level === "refuse" ? ("warning" as const) : ("notice" as const);
    return [{ ...finding, check: "preconditions", severity, message: `${finding.message}${more[finding.code] ?? ""}` }];
  });

/** What the parsers leave to us to say: why, and what to do. */
const more: Readonly<Record<string, string>> = {
  "lane-name":
    ". It is another one in each lane, so that what one lane shows says nothing of the next; take trusted data or a fact instead",
  "crosses-lanes": ": nodes of other lanes get that at once, and no lane holds it back. An owner has to accept it",
};
