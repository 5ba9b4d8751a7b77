import type { Initiated, LaneForge, LaneNotes, NotedLanes, Planned, Step, WritableLaneForge } from "../ports/lanes.ts";
import { proposalFor } from "./proposal.ts";
import { Problem } from "../../problem.ts";
import type { PuppetfileModules } from "../ports/modules.ts";
import { planLanes, type FoundRepository, type Plan, withStep } from "./plan.ts";
import { behind, debtsOf, prove, unguarded } from "./standing.ts";
import { planUndo } from "./undo.ts";

export interface InitLanes {
  /** `OWNER/NAME`. */
  repository: string;
  mergeBranch: string;
  /** The App that lanes are left to; null where nobody said. */
  appId: number | null;
  /** Whether rulesets are made, and not only proposed. */
  applyRulesets: boolean;
  /** The fleet's nodes, for a proposal; null where they are not known. */
  certnames: readonly string[] | null;
}

export interface InitPorts {
  /** Null: nothing may be changed (`--dry-run`, or nobody gave a token). */
  writable: WritableLaneForge | null;
  forge: LaneForge;
  notes: LaneNotes;
  /** Reads a Puppetfile without running it. */
  readPuppetfile: (text: string) => PuppetfileModules;
  /** Told of each step when it is done. */
  onStep: (step: Step) => void;
}

/** How often production may move on while lanes are made. */
const tries = 3;

/**
 * Sets lanes up, or says what that would take. Each step is noted before it is done, and found again where it was: whoever is ended anywhere runs this once
 * more. Throws a Problem where something stands in the way; then nothing more is done than was noted.
 */
export async function initLanes(ports: InitPorts, asked: InitLanes): Promise<Initiated> {
  const { forge, writable, notes } = ports;
  const earlier = await ownNotes(notes, asked.repository);
  const proposal = await proposalFor(forge, asked);
  const { production, lanes } = proposal;
  const wanted = { production, mergeBranch: asked.mergeBranch, lanes, rulesets: asked.applyRulesets ? proposal.rulesets : [] };
  const branches = [production, asked.mergeBranch, ...lanes];
  const refused = new Map<number, string>();
  let noted = earlier;
  const first = await planned(forge, branches, (found) => planLanes(found, wanted, noted));
  if (writable !== null) {
    let { steps } = first.plan;
    for (let left = tries; steps.length > 0; left -= 1) {
      if (left === 0) throw keepsMoving(production);
      const commit = first.found.tips.get(production) ?? "";
      noted ??= {
        repository: asked.repository,
        production: { branch: production, commit },
        mergeBranch: asked.mergeBranch,
        branches: [],
        isDefault: false,
        pulls: [],
        rulesets: [],
      };
      for (const step of steps) {
        noted = withStep(noted, step);
        await notes.write(noted);
        if (await performed(writable, step, refused)) ports.onStep(step);
      }
      // A merge into production in the meantime is one that the new branches have to have as well.
      steps = (await planned(forge, branches, (found) => planLanes(found, wanted, noted))).plan.steps.filter(
        (step) => step.kind !== "retarget" || !refused.has(step.number),
      );
    }
  }
  const { removesHeads } = await forge.settings();
  const removal = `GitHub removes heads of merged pull requests here: until the ruleset holds, one that is merged from a lane's branch takes the lane with it`;
  const after = writable === null ? first.found : await readFound(forge, branches);
  return {
    ...first.plan,
    left: [...first.plan.left, ...(removesHeads && !asked.applyRulesets ? [removal] : []), ...(await behind(forge, after, wanted))],
    refused: [...refused].map(([number, why]) => ({ number, why })),
    repository: asked.repository,
    production,
    mergeBranch: asked.mergeBranch,
    proof: await prove(forge, after, { production, branches }),
    proposal,
    debts: await debtsOf(forge, ports.readPuppetfile, after.tips.get(production) ?? ""),
    unguarded: await unguarded(forge, { production, mergeBranch: asked.mergeBranch }, proposal, asked.applyRulesets),
  };
}

/** Takes back what the notes say was done, and nothing else. Throws a Problem where something moved on since. */
export async function undoLanes(ports: InitPorts, { repository }: Pick<InitLanes, "repository">): Promise<Initiated> {
  const { forge, writable, notes, onStep } = ports;
  const noted = await ownNotes(notes, repository);
  if (noted === null)
    throw new Problem({
      code: "nothing-noted",
      text: `Nothing is noted of lanes of ${repository} in ${notes.place}.`,
      hint: "Run this where they were set up, as the same person, or name the notes with --notes FILE; without notes nobody can say what was there before.",
    });
  const { production, mergeBranch } = noted;
  const branches = [production.branch, ...noted.branches.map(({ branch }) => branch)];
  const { plan } = await planned(forge, branches, (found) => planUndo(found, noted));
  if (writable !== null) {
    const refused = new Map<number, string>();
    for (const step of plan.steps) {
      // Whose base can't be changed would be closed by the removal of that base.
      if (refused.size > 0 && step.kind === "delete-branch") throw notBack([...refused]);
      if (await performed(writable, step, refused)) onStep(step);
    }
    await notes.remove();
  }
  return {
    ...plan,
    refused: [],
    repository,
    production: production.branch,
    mergeBranch,
    proof: null,
    proposal: null,
    debts: [],
    unguarded: [],
  };
}

async function ownNotes(notes: LaneNotes, repository: string): Promise<NotedLanes | null> {
  const noted = await notes.read();
  if (noted === null || noted.repository === repository) return noted;
  throw new Problem({
    code: "notes-of-another",
    text: `${notes.place} is about ${noted.repository}, not ${repository}.`,
    hint: "Name another file with --notes FILE.",
  });
}

async function readFound(forge: LaneForge, branches: readonly string[]): Promise<FoundRepository> {
  const tips = new Map<string, string | null>();
  for (const branch of branches) tips.set(branch, await forge.tipOf(branch));
  const { defaultBranch } = await forge.settings();
  const rulesets = await forge.rulesets();
  return { defaultBranch, tips, pulls: await forge.openPulls(), rulesets: rulesets === null ? null : [...rulesets.values()] };
}

async function planned(
  forge: LaneForge,
  branches: readonly string[],
  decide: (found: FoundRepository) => Plan,
): Promise<{ plan: Planned; found: FoundRepository }> {
  const found = await readFound(forge, branches);
  const decided = decide(found);
  if (decided.ok) return { plan: decided.plan, found };
  throw new Problem({ code: "lanes-refused", text: decided.text, hint: decided.hint });
}

/** Whether it was done: one pull request that the forge refuses holds up no other. */
async function performed(forge: WritableLaneForge, step: Step, refused: Map<number, string>): Promise<boolean> {
  try {
    await perform(forge, step);
    return true;
  } catch (error) {
    if (step.kind !== "retarget" || !(error instanceof Problem) || error.code !== "pull-refused") throw error;
    refused.set(step.number, error.text);
    return false;
  }
}

async function perform(forge: WritableLaneForge, step: Step): Promise<void> {
  switch (step.kind) {
    case "create-branch":
      return forge.createBranch(step.branch, step.commit);
    case "forward-branch":
      return forge.forwardBranch(step.branch, step.commit);
    case "default-branch":
      return forge.setDefaultBranch(step.to);
    case "retarget":
      return forge.retarget(step.number, step.to);
    case "ruleset":
      return forge.createRuleset(step.ruleset);
    case "delete-ruleset": {
      const own = [...((await forge.rulesets()) ?? [])].find(([, name]) => name === step.name);
      return own === undefined ? undefined : forge.deleteRuleset(own[0]);
    }
    case "delete-branch":
      return forge.deleteBranch(step.branch, step.commit);
    case "retarget-all":
      throw new Error("who may write can be asked which pull requests are open");
  }
  return step satisfies never;
}

const notBack = (refused: readonly (readonly [number, string])[]): Problem =>
  new Problem({
    code: "pull-refused",
    text: `No branch is removed, because that would close pull requests that can't be given their old base: ${refused.map(([number, why]) => `#${number}: ${why}`).join("; ")}`,
    hint: "Close them or give them another base by hand, then run this again.",
  });

const keepsMoving = (production: string): Problem =>
  new Problem({
    code: "production-moves",
    text: `${production} moved on again and again while lanes were made.`,
    hint: "Nothing of a node has changed. Hold merges into it for a minute, then run this again: it goes on where it was.",
  });
