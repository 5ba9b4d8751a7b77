import { z } from "zod";
import type { Known } from "../../policy/known.ts";
import { loadPolicy } from "../../policy/load.ts";
import type { Policy } from "../../policy/schema.ts";
import { Problem } from "../../problem.ts";
import { policyPath } from "../layers.ts";
import type { Examination } from "../ports/doctor.ts";
import { versionFindings, versionScript } from "../preconditions/environment-conf.ts";

/** What `puppet-gate doctor` looks at of a site's rollouts. */
export interface RolloutToExamine {
  /** `OWNER/NAME`. */
  repository: string;
  compilers: readonly {
    name: string;
    /** Whether something tells it to forget what it kept of an environment. */
    flushes: boolean;
    /** Its environments; null where the site's file does not say how to list them. */
    environments: () => Promise<Known<readonly string[]> | null>;
  }[];
  /** A file of the control repo's default branch; null where it has none. Throws a Problem where it can't be asked. */
  file: (path: string) => Promise<Buffer | null>;
  /** The text of the file that the classifier reads; null where there is none yet. Absent: the site itself assigns environments. */
  lanesFile: { path: string; read: () => Promise<Known<string | null>> } | null;
}

type Row = Pick<Examination, "status" | "text" | "hint">;
const row = (name: string, status: Examination["status"], text: string, hint: string | null = null): Examination => ({
  part: "rollout",
  name,
  status,
  text,
  hint,
});

/** Whether compilers serve lanes and nothing else, and whether runs can tell which release they had. */
export async function examineRollout(of: RolloutToExamine): Promise<Examination[]> {
  const policy = await policyOf(of);
  if ("status" in policy) return [row("lanes", policy.status, policy.text, policy.hint)];
  const { lanes, compile } = policy;
  const environments = lanes.length === 0 ? [compile.environment] : lanes.map(({ environment }) => environment);
  const told =
    lanes.length === 0
      ? row(
          "lanes",
          "advice",
          `the policy of ${of.repository} has none, so nothing is rolled out`,
          "`puppet-gate init lanes --dry-run` says what it takes.",
        )
      : row("lanes", "pass", `${lanes.map(({ name }) => name).join(", ")} of ${of.repository}`);
  const served: Examination[] = [];
  for (const { name, environments: list } of of.compilers)
    served.push(row(`environments of ${name}`, ...spread(servedRow(await list(), environments))));
  return [told, ...served, ...(await versionRows(of)), ...(await lanesFileRows(of, lanes))];
}

const spread = ({ status, text, hint }: Row): [Row["status"], string, string | null] => [status, text, hint];

async function policyOf({ file, repository }: RolloutToExamine): Promise<Policy | Row> {
  try {
    const text = await file(policyPath);
    const loaded = loadPolicy(text?.toString("utf8") ?? "version: 1\n", policyPath);
    if (loaded.ok) return loaded.policy;
    const [first] = loaded.problems;
    return {
      status: "fail",
      text: `${repository}, ${policyPath}:${first?.line ?? 1}: ${first?.text ?? ""}`,
      hint: first?.hint ?? "Mend it.",
    };
  } catch (error) {
    if (error instanceof Problem) return { status: "fail", text: error.text, hint: error.hint };
    throw error;
  }
}

function servedRow(found: Known<readonly string[]> | null, lanes: readonly string[]): Row {
  if (found === null)
    return {
      status: "missing",
      text: "the site's file does not say how to list them, so it is not known whether branches that nobody reviewed run there",
      hint: "Give the compiler `environments: {command: [ssh, HOST, ls, /etc/puppetlabs/code/environments]}`, or `{folder: …}` (docs/rollout-site.md).",
    };
  if (!found.known) return { status: "fail", text: found.reason, hint: "Mend what the command or the folder needs, then look again." };
  const strange = found.value.filter((name) => !lanes.includes(name));
  if (strange.length > 0) return { status: "fail", text: strangeText(strange), hint: filterHint(lanes) };
  const lacking = lanes.filter((name) => !found.value.includes(name));
  if (lacking.length > 0)
    return { status: "advice", text: `${lacking.join(", ")} is not deployed there yet`, hint: "Deploy it before a node asks for it." };
  return { status: "pass", text: `${found.value.join(", ")}, which are the lanes and nothing else`, hint: null };
}

const few = 8;

function strangeText(names: readonly string[]): string {
  const shown = `${names.slice(0, few).join(", ")}${names.length > few ? ` and ${names.length - few} more` : ""}`;
  return `${shown}: no ${names.length === 1 ? "lane" : "lanes"}. Whoever may push such a branch has Ruby run on this compiler that nobody reviewed`;
}

/** By the tools' own filters: r10k hands the branch to a command, g10k compares it with a pattern. */
function filterHint(lanes: readonly string[]): string {
  const r10k = `filter_command: 'case "$R10K_BRANCH" in ${lanes.join("|")}) exit 0 ;; *) exit 1 ;; esac'`;
  const g10k = `filter_regex: '^(${lanes.join("|")})$'`;
  return `Under the source in r10k.yaml: ${r10k}; in g10k.yaml: ${g10k}. Then deploy all environments once, so that the others are purged, and try changes on a compiler that no production node asks.`;
}

async function versionRows(of: RolloutToExamine): Promise<Examination[]> {
  const name = "version of catalogs";
  try {
    const conf = (await of.file("environment.conf"))?.toString("utf8") ?? null;
    const path = versionScript(conf);
    const findings = versionFindings(conf, path === null ? null : { path, content: await of.file(path) });
    const unflushed = /^[ \t]*environment_timeout[ \t]*=[ \t]*unlimited[ \t\r]*$/mu.test(conf ?? "")
      ? of.compilers.filter(({ flushes }) => !flushes)
      : [];
    return [
      ...(findings.length === 0 ? [row(name, "pass", "it names the whole commit")] : []),
      ...findings.map(({ line, message }) =>
        row(
          name,
          "fail",
          `environment.conf${line === null ? "" : `:${line}`}: ${message}`,
          "Mend it by a pull request; until then no run proves anything of a release.",
        ),
      ),
      ...unflushed.map((compiler) =>
        row(
          `cache of ${compiler.name}`,
          "fail",
          "environment_timeout is unlimited, and nothing tells it to forget what it kept",
          "Give the compiler a `flush` in the site's file (docs/rollout-site.md).",
        ),
      ),
    ];
  } catch (error) {
    if (error instanceof Problem) return [row(name, "fail", error.text, error.hint)];
    throw error;
  }
}

const entries = z.record(z.string(), z.string());

async function lanesFileRows({ lanesFile }: RolloutToExamine, lanes: Policy["lanes"]): Promise<Examination[]> {
  if (lanesFile === null) return [];
  const name = "lanes file";
  const found = await lanesFile.read();
  if (!found.known) return [row(name, "fail", found.reason, "Let the user that runs the gate read and write it.")];
  if (found.value === null)
    return [
      row(
        name,
        "missing",
        `there is no ${lanesFile.path}`,
        "`serve` writes it when it first looks at lanes whose nodes are all known; its log says what holds it up.",
      ),
    ];
  const parsed = entries.safeParse(asJson(found.value));
  if (!parsed.success)
    return [row(name, "fail", `${lanesFile.path} is not what this program writes`, "Remove it: `serve` writes it anew within a minute.")];
  const known = new Set(lanes.slice(0, -1).map(({ environment }) => environment));
  const old = [...new Set(Object.values(parsed.data))].filter((environment) => !known.has(environment)).sort();
  if (old.length > 0)
    return [
      row(
        name,
        "fail",
        `${lanesFile.path} is stale: it has nodes in ${old.slice(0, few).join(", ")}, no lane of the policy`,
        "See in the log of `serve` what keeps it from writing: it does so at each look at which every node's lane is known.",
      ),
    ];
  return [row(name, "pass", `${Object.keys(parsed.data).length} nodes in lanes before the last`)];
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // which the schema refuses
  }
}
