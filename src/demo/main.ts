import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { progressLine } from "../cli/progress.ts";
import type { Paint } from "../cli/paint.ts";
import type { Report } from "../gate/report.ts";
import { Problem } from "../problem.ts";
import { openChecker } from "./checker.ts";
import { unmet } from "./control-repo/expectation.ts";
import { type ControlRepo, makeControlRepo } from "./control-repo/make.ts";
import { type GateStage, openGateStage } from "./gate-stage.ts";
import { carryThroughGate, type Scene } from "./gate-story.ts";
import { interrupted, lookAround } from "./ending.ts";
import { keptPlace } from "./kept-place.ts";
import { renderPage } from "../web/report/page.ts";
import { type SetTraps, setTraps } from "./traps.ts";
import { carryThroughLanes, type LaneScene, reachOf } from "./rollout-story.ts";
import { waitingLine } from "./waiting.ts";
import {
  atTheGate,
  gateIntroduction,
  introduction,
  lanesIntroduction,
  onTheWay,
  outcome,
  renderLanes,
  renderScene,
  renderStory,
} from "./words.ts";

/**
 * `npm run demo`: a control repo with its fleet in a temporary folder, the product's own check over the branches of it that tell a
 * story, and a few changes carried through the gate and the lanes. On a terminal the pages over all that are served until Ctrl-C. Ends with 0 only if every
 * story came out as its expectation says.
 */
const paint: Paint = (style, text) => styleText(style, text, { stream: process.stdout });
const say = (text: string): boolean => process.stdout.write(`${text}\n`);

/** The story whose report is kept as a page: many nodes, restarts and services. */
const shown = "template-restart";

/** The stories, one after the other: what came out otherwise than expected, by branch, and the report that is shown as a page. */
async function tellStories(
  page: string,
  repo: ControlRepo,
  traps: SetTraps,
  signal: AbortSignal,
): Promise<{ wrongs: string[]; reach: Report }> {
  const checker = await openChecker(repo.folder, repo.base, repo.nodes);
  const wrongs: string[] = [];
  let reach: Report | null = null;
  try {
    for (const story of repo.stories) {
      const progress = progressLine(process.stderr, () => performance.now());
      const report = await checker.check(story.branch, { onProgress: (step) => progress.show(step), signal }).finally(() => progress.end());
      const told = story.branch === shown ? page : null;
      if (told !== null) {
        reach = report;
        await writeFile(told, renderPage(report));
      }
      const text = renderStory(story, report, [], told, paint);
      const wrong = [...unmet(story.expected, report), ...(await traps.sprung([text, JSON.stringify(report)]))];
      say(wrong.length === 0 ? text : renderStory(story, report, wrong, told, paint));
      if (wrong.length > 0) wrongs.push(story.branch);
    }
  } finally {
    await checker.close();
  }
  if (reach === null) throw new Error(`no story is of ${shown}`);
  return { wrongs, reach };
}

/** The changes through the gate and on through the lanes, behind one server; what came out otherwise than it should. */
async function goThroughTheGate(stage: GateStage, repo: ControlRepo, reach: Report, signal: AbortSignal): Promise<string[]> {
  const wrongs: string[] = [];
  const waiting = waitingLine(process.stderr, () => performance.now());
  try {
    const scenes: Scene[] = [];
    const onScene = (scene: Scene): void => {
      scenes.push(scene);
      if (scene.wrong.length > 0) wrongs.push(`at the gate, “${scene.act}”`);
      say(renderScene(scenes, waiting.lap(), paint));
      waiting.show(atTheGate);
    };
    waiting.show(atTheGate);
    const landings = await carryThroughGate(stage, repo, reachOf(reach), onScene, signal);
    waiting.end();
    say(lanesIntroduction(paint));
    let at = 0;
    const onLanes = (scene: LaneScene): void => {
      at += 1;
      if (scene.wrong.length > 0) wrongs.push(`in the lanes, “${scene.act}”`);
      say(renderLanes(scene, at, waiting.lap(), paint));
      waiting.show(onTheWay(0));
    };
    await carryThroughLanes(stage, { landings, onScene: onLanes, onMinutes: (minutes) => waiting.show(onTheWay(minutes)), signal });
  } finally {
    waiting.end();
  }
  return wrongs;
}

async function demo(keep: boolean, signal: AbortSignal): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-demo-"));
  try {
    const kept = await keptPlace();
    // The traps below have to be reachable for anybody, and so has the folder that they are in.
    await chmod(folder, 0o755);
    const traps = await setTraps(join(folder, "traps"));
    await mkdir(join(folder, "control-repo"));
    const repo = await makeControlRepo(join(folder, "control-repo"), traps);
    say(introduction(repo, paint));
    const { wrongs, reach } = await tellStories(kept.page, repo, traps, signal);
    say(gateIntroduction(paint));
    const stage = await openGateStage(folder, kept.data, repo);
    try {
      wrongs.push(...(await goThroughTheGate(stage, repo, reach, signal)));
      say(outcome(repo.stories.length, wrongs, { page: kept.page, repo: keep ? repo.folder : null }, paint));
      await lookAround({ stage, kept: kept.shown, say, paint, signal });
    } finally {
      await stage.close();
    }
    return wrongs.length === 0;
  } finally {
    if (!keep) await rm(folder, { recursive: true, force: true });
  }
}

try {
  const { values } = parseArgs({ options: { keep: { type: "boolean", default: false } } });
  process.exitCode = (await demo(values.keep, interrupted())) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  process.stderr.write(`demo: ${error.text}\n  ${error.hint}\n`);
  process.exitCode = 1;
}
