import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderPage } from "../../src/web/report/page.ts";
import { startChromium } from "../services/chromium.ts";
import { bigReport } from "../web/big.ts";
import { ofRuns, type Section } from "./table.ts";

const runs = 5;

/** A large report as somebody opens it: from the address to the browser's own event that all is loaded, each time in a browser profile of its own. */
export async function sectionOfReport(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-bench-report-"));
  const file = join(folder, "report.html");
  await writeFile(file, renderPage(bigReport()));
  const { size } = await stat(file);
  const browser = await startChromium();
  const times: number[] = [];
  try {
    for (let run = 0; run < runs; run += 1) {
      const context = await browser.newContext();
      const page = await context.newPage();
      const start = performance.now();
      await page.goto(pathToFileURL(file).href);
      times.push(performance.now() - start);
      if ((await page.locator(".effect").count()) !== 300) throw new Error("not all effects are there, so nothing was measured");
      await context.close();
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
  return {
    rows: [
      { what: "a report's page of 1,000 nodes and 300 effects, loaded in Chromium", measured: ofRuns(times), promised: "3 s", instead: "" },
    ],
    about: `The page is one file of ${(size / 2 ** 20).toFixed(1)} MiB, without any request to elsewhere.`,
  };
}
