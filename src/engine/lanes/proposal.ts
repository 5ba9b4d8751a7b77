import type { LaneForge, Proposal } from "../ports/lanes.ts";
import { loadPolicy } from "../../policy/load.ts";
import { Problem } from "../../problem.ts";
import { policyPath } from "../layers.ts";
import type { InitLanes } from "./init.ts";
import { lanesBlock, proposedLane, rulesetsFor } from "./propose.ts";

/** By the policy of the default branch. Throws a Problem where that can't be used. */
export async function proposalFor(forge: LaneForge, { mergeBranch, appId, certnames }: InitLanes): Promise<Proposal> {
  const { defaultBranch } = await forge.settings();
  const tip = await forge.tipOf(defaultBranch);
  if (tip === null)
    throw new Problem({
      code: "empty-repository",
      text: `The default branch ${defaultBranch} has no commit.`,
      hint: "Push the code that nodes get, then run this again.",
    });
  const text = await forge.fileAt(tip, policyPath);
  const loaded = loadPolicy(text ?? "version: 1\n", policyPath);
  if (!loaded.ok) {
    const [first] = loaded.problems;
    throw new Problem({
      code: "bad-policy",
      text: `${policyPath}:${first?.line ?? 1}: ${first?.text ?? "it can't be read."}`,
      hint: first?.hint ?? "Mend it.",
    });
  }
  const { lanes, compile } = loaded.policy;
  const last = lanes.at(-1);
  const production = last?.environment ?? compile.environment;
  const names = last === undefined ? [`${production}_${proposedLane}`] : lanes.slice(0, -1).map(({ environment }) => environment);
  const block = last === undefined ? lanesBlock(certnames, text) : null;
  const rulesets = appId === null ? [] : rulesetsFor({ mergeBranch, lanes: [...names, production] }, appId);
  return { production, lanes: names, block, rulesets };
}
