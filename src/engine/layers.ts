import { dirname } from "node:path/posix";
import type { PolicyChange } from "../policy/compare.ts";
import { loadPolicy } from "../policy/load.ts";
import type { PolicyProblem } from "../policy/problems.ts";
import { mergePolicies, type PolicyLayer } from "../policy/merge.ts";
import type { Policy } from "../policy/schema.ts";
import { Problem } from "../problem.ts";
import { type Apart, askPolicy } from "./head-policy.ts";
import type { Repository } from "./ports/repository.ts";

export const policyPath = ".github/puppet-gate.yml";

/** A policy's text, and how its file is called in errors. */
export interface PolicyFileText {
  path: string;
  text: string;
}

/** The policy's text in a tree; null where it has none. Throws a Problem where something that is no regular file stands in its place. */
export async function readPolicyText(repository: Repository, tree: string): Promise<PolicyFileText | null> {
  const bytes = await repository.read(tree, policyPath);
  if (bytes !== null) return { path: policyPath, text: bytes.toString("utf8") };
  const inTheWay = (await repository.list(tree)).find(({ path }) => path === policyPath || path === dirname(policyPath));
  if (inTheWay === undefined) return null;
  throw badPolicy(
    `${inTheWay.path} is no regular file on base (mode ${inTheWay.mode}), so the policy in it can't be read.`,
    "Put the policy itself there: links are not followed, and the default policy does not stand in for one that cannot be read.",
  );
}

/** The policy that holds, by the organisation's text and the repository's. Throws a Problem: each has to be right, and both together. */
export function policyOf(organisation: PolicyFileText | null, repository: PolicyFileText | null): Policy {
  const merged = mergePolicies(organisation && layerOf(organisation), repository && layerOf(repository));
  if (merged.ok) return merged.policy;
  const [first] = merged.problems;
  const text = `${policyPath} does not go together with ${organisation?.path ?? "the organisation's"}: ${first?.text ?? ""}`;
  throw badPolicy(`${text}${more(merged.problems.length)}`, first?.hint ?? "Mend one of the two.");
}

function layerOf({ path, text }: PolicyFileText): PolicyLayer {
  const loaded = loadPolicy(text, path);
  if (loaded.ok) return loaded;
  const [first] = loaded.problems;
  throw badPolicy(
    `${placeOf(first)}${first?.text ?? "the policy can't be read."}${more(loaded.problems.length)}`,
    first?.hint ?? "Mend the file.",
  );
}

/** What becomes of the policy that holds: a tree in which it can't be read loosens it, and so does one that goes over a limit. */
export async function policyChange(
  repository: Repository,
  tree: string,
  { policy, organisation, own, apart }: { policy: Policy; organisation: PolicyFileText | null; own: PolicyFileText | null; apart: Apart },
): Promise<PolicyChange> {
  const after = await textAfter(repository, tree);
  if (after === "unreadable") return "loosens";
  if (after?.text === own?.text) return "same";
  const change = await askPolicy(apart, { kind: "policy", ask: "change", before: policy, after: { organisation, own: after } });
  return change.known ? change.value : "loosens";
}

/** The policy's text in a change's tree, where nothing else stands in its place. */
export async function textAfter(repository: Repository, tree: string): Promise<PolicyFileText | null | "unreadable"> {
  try {
    return await readPolicyText(repository, tree);
  } catch (error) {
    if (error instanceof Problem && error.code === "bad-policy") return "unreadable";
    throw error;
  }
}

const badPolicy = (text: string, hint: string): Problem => new Problem({ code: "bad-policy", text, hint });

const more = (count: number): string => (count > 1 ? ` (and ${count - 1} more)` : "");

const placeOf = (problem: PolicyProblem | undefined): string =>
  problem === undefined ? "" : `${problem.path}:${problem.line}:${problem.column}: `;
