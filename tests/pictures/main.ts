import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openChecker } from "../../src/demo/checker.ts";
import { makeControlRepo } from "../../src/demo/control-repo/make.ts";
import { openGateStage } from "../../src/demo/gate-stage.ts";
import { carryThroughGate, type Scene } from "../../src/demo/gate-story.ts";
import { carryThroughLanes, type LaneScene, reachOf } from "../../src/demo/rollout-story.ts";
import { startChromium } from "../services/chromium.ts";

/**
 * `npm run pictures`: takes the README's pictures anew, of the pages over the demo's own stories, each at the moment at which there is most to see.
 * Needs Debian's Chromium.
 */
const pictures = join(import.meta.dirname, "..", "..", "docs", "pictures");
/** Pixels. A README's column shows no more. */
const width = 1100;
/** Whoever reads the README loads them all. */
const mostBytes = 150 * 1024;

const signal = new AbortController().signal;
const folder = await mkdtemp(join(tmpdir(), "puppet-gate-pictures-"));
await chmod(folder, 0o755);
await mkdir(join(folder, "control-repo"));
await mkdir(pictures, { recursive: true });
const repo = await makeControlRepo(join(folder, "control-repo"));
const checker = await openChecker(repo.folder, repo.base, repo.nodes);
const report = await checker.check("template-restart", { signal });
await checker.close();
const stage = await openGateStage(folder, join(folder, "data"), repo);
const browser = await startChromium();

const tooLarge: string[] = [];

/** The page's upper part, or what is below a heading of it. */
async function take(name: string, path: string, height: number, heading: string | null = null): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  await page.goto(`${stage.url}/${stage.name}${path}`);
  const place = heading === null ? null : await page.getByRole("heading", { level: 2, name: heading }).boundingBox();
  const y = place === null ? 0 : Math.round(place.y) - 20;
  const file = join(pictures, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y, width, height } });
  await page.close();
  const { size } = await stat(file);
  process.stdout.write(`${file}: ${Math.ceil(size / 1024)} KiB\n`);
  if (size > mostBytes) tooLarge.push(file);
}

try {
  let scenes = 0;
  const reach = reachOf(report);
  const onScene = async ({ act, wrong }: Scene | LaneScene): Promise<void> => {
    process.stdout.write(`${act}\n`);
    if (wrong.length > 0) throw new Error(`“${act}” did not come out as it should: ${wrong.join("; ")}`);
    scenes += 1;
    // Judged, and nobody approved it yet.
    if (scenes === 1) await take("reach", "/changes/1", 800, "How far it reaches");
    // One lane stands still.
    if (scenes !== 11) return;
    await take("rollout", "/rollout", 780);
    await take("changes", "", 440);
  };
  const landings = await carryThroughGate(stage, repo, reach, onScene, signal);
  await carryThroughLanes(stage, { landings, onScene, onMinutes: () => undefined, signal });
  await take("metrics", "/metrics", 840);
  await take("ledger", "/ledger", 640);
} finally {
  await browser.close();
  await stage.close();
  await rm(folder, { recursive: true, force: true });
}
if (tooLarge.length > 0) {
  process.stderr.write(`more than ${mostBytes} bytes, so that less of the page has to be taken: ${tooLarge.join(", ")}\n`);
  process.exitCode = 1;
}
