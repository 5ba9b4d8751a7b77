import { known } from "../policy/known.ts";
import type { Halt, LaneState } from "../rollout/state.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import { sampleNodes } from "./control-repo/fleet.ts";
import { ownTree } from "./control-repo/sources.ts";
import { openRolloutStage, type RolloutStage } from "./rollout-stage.ts";

/** Where every lane is after one step of the story. */
export interface LaneScene {
  act: string;
  lookAt: string;
  lanes: readonly LaneRow[];
  wrong: string[];
}

export interface LaneRow {
  lane: string;
  environment: string;
  machines: number;
  /** What people call the commit that its branch has. */
  has: string;
  /** What goes on there, as words. */
  state: string;
}

/** What each lane has to have, in their order, and where one has to stand still. */
interface Expected {
  has: readonly string[];
  halted?: { lane: string; certname: string };
}

const templatePath = "site-modules/profile/templates/jvm/jvm.options.epp";
const victim = "search1.lon.tonearm.example";

/**
 * Three releases on their way through the lanes: a good one that every machine gets; a bad one that stops at the smallest lane, goes back on the word
 * of somebody who had no part in it, and is not shipped again; and what takes it back, which goes through. Tells each scene as it comes.
 */
export async function carryThroughLanes(
  folder: string,
  sample: ControlRepo,
  onScene: (scene: LaneScene) => void,
  signal: AbortSignal,
): Promise<void> {
  const stage = await openRolloutStage(folder, sample);
  const called = new Map<string, string>();
  const show = async (act: string, lookAt: string, expected: Expected): Promise<void> => {
    onScene({ act, lookAt, ...(await look(stage, called, expected)) });
  };
  try {
    await stage.pass(5, signal);
    called.set(stage.repo.refs.get("main") ?? "", "what was there");
    await carryGood(stage, called, show, signal);
    await carryBad(stage, called, show, signal);
  } finally {
    await stage.close();
  }
}

type Show = (act: string, lookAt: string, expected: Expected) => Promise<void>;

const template = (pause: number): Record<string, string> => ({
  [templatePath]: (ownTree().get(templatePath)?.content.toString() ?? "").replace(
    "-XX:MaxGCPauseMillis=200",
    `-XX:MaxGCPauseMillis=${pause}`,
  ),
});

async function carryGood(stage: RolloutStage, called: Map<string, string>, show: Show, signal: AbortSignal): Promise<void> {
  const emeka = stage.github.as("emeka");
  const release = await emeka.commit(stage.name, { branch: "main", files: template(150), message: "Shorter pauses" });
  called.set(release, "shorter pauses");
  await stage.pass(5, signal);
  await obedient(stage, release, null);
  await stage.pass(25, signal);
  await show(
    "emeka's change is merged into main: shorter pauses of the JVM",
    "The train takes it to the smallest lane alone, and both compilers have to prove that they serve it before a run counts.",
    { has: ["shorter pauses", "what was there", "what was there"] },
  );
  await stage.pass(150, signal);
  await show(
    "two hours and a half later",
    "Each lane was observed for its half hour, every kind of machine ran the new code twice, nothing happened that was not expected: so the next one got it.",
    { has: ["shorter pauses", "shorter pauses", "shorter pauses"] },
  );
}

async function carryBad(stage: RolloutStage, called: Map<string, string>, show: Show, signal: AbortSignal): Promise<void> {
  const emeka = stage.github.as("emeka");
  const bad = await emeka.commit(stage.name, { branch: "main", files: template(1), message: "Much shorter pauses" });
  called.set(bad, "much shorter pauses");
  await stage.pass(5, signal);
  await obedient(stage, bad, victim);
  await stage.pass(55, signal);
  await show(
    "emeka's next change is merged: pauses that no JVM can keep",
    "One failed run could be chance; at the second one of a service that this very release restarts, the lane stands still, and no other lane ever had it.",
    { has: ["much shorter pauses", "shorter pauses", "shorter pauses"], halted: { lane: "canary", certname: victim } },
  );
  const refused = await stage.order(
    { kind: "return", lane: "canary", commits: [bad], reason: "search does not start" },
    { who: { id: null, name: "emeka" }, contributed: known(true) },
  );
  const obeyed = await stage.order(
    { kind: "return", lane: "canary", commits: [bad], reason: "search does not start" },
    { who: { id: null, name: "greta" }, contributed: known(false) },
  );
  if (refused.ok || !obeyed.ok) throw new Error("a return was not taken as it should be");
  await stage.pass(60, signal);
  await show(
    "emeka says return, and then greta does",
    `Refused for emeka (${refused.text}); greta had no part in it. The lane went back, was deployed and observed like any release, and main's tip stays where it is: it would bring the change along.`,
    { has: ["shorter pauses", "shorter pauses", "shorter pauses"] },
  );
  const mended = await emeka.commit(stage.name, {
    branch: "main",
    files: template(150),
    message: `Revert "Much shorter pauses"\n\nThis reverts commit ${bad}.`,
  });
  called.set(mended, "the revert");
  await stage.pass(60, signal);
  await show(
    "the revert is merged",
    "What takes the change back lets the next train leave. Nothing differs from what the machines have, so no lane has anything to wait for.",
    { has: ["the revert", "the revert", "the revert"] },
  );
}

/** Agents change what was expected of them, once; on `fails` a service that they restart does not start. */
async function obedient(stage: RolloutStage, release: string, fails: string | null): Promise<void> {
  const expected = new Map<string, readonly string[]>();
  for (const { certname } of sampleNodes()) expected.set(certname, await stage.expected(certname));
  const done = new Set<string>();
  stage.behave((certname, commit) => {
    if (commit !== release) return { changed: [], failed: [] };
    const resources = expected.get(certname) ?? [];
    const failed = certname === fails ? resources.filter((resource) => resource.startsWith("Service[")) : [];
    const changed = done.has(certname) ? [] : resources.filter((resource) => !failed.includes(resource));
    done.add(certname);
    return { changed, failed };
  });
}

async function look(
  stage: RolloutStage,
  called: ReadonlyMap<string, string>,
  expected: Expected,
): Promise<Pick<LaneScene, "lanes" | "wrong">> {
  const { lanes } = await stage.rollout();
  const rows = stage.machines.map((machines, at): LaneRow => {
    const state = lanes[at];
    const tip = stage.repo.refs.get(machines.environment) ?? "";
    return { ...machines, has: called.get(tip) ?? tip, state: state === undefined ? "" : stateWords(state) };
  });
  const has = rows.map((row) => row.has);
  const wrong = expected.has.flatMap((each, at) =>
    has[at] === each ? [] : [`${rows[at]?.lane ?? ""} should have “${each}”, and has “${has[at] ?? ""}”`],
  );
  const halted = lanes.filter(({ halt }) => halt !== null).map(({ lane }) => lane);
  const meant = expected.halted === undefined ? [] : [expected.halted.lane];
  if (halted.join() !== meant.join()) wrong.push(`lanes that stand still should be [${meant.join()}], and are [${halted.join()}]`);
  const named = rows.some(({ state }) => state.includes(expected.halted?.certname ?? ""));
  if (!named) wrong.push(`nobody names ${expected.halted?.certname ?? ""}`);
  return { lanes: rows, wrong };
}

function stateWords({ stage, halt }: LaneState): string {
  if (halt !== null) return `stands still: ${haltWords(halt)}`;
  if (stage === null) return "good";
  return stage.phase === "watched" ? `watched for ${Math.round(stage.observedMinutes)} minutes` : "on its way";
}

function haltWords({ why }: Halt): string {
  if (why.kind !== "verdict" || why.verdict.kind !== "failed") return why.kind;
  return why.verdict.troubles
    .map(({ certnames, resources }) => `${resources.join(", ")} failed twice on ${certnames.join(", ")}`)
    .join("; ");
}
