import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../src/gate/report.ts";
import { renderPage } from "../../src/web/report/page.ts";
import { bigReport, hostileReport } from "../web/big.ts";
import { startChromium } from "./chromium.ts";
import { visit } from "./visit.ts";

/** The page of a report in a real browser. */
const folder = mkdtempSync(join(tmpdir(), "puppet-gate-page-"));
let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;
function fileOf(report: Report): string {
  const file = join(folder, `${(files += 1)}.html`);
  writeFileSync(file, renderPage(report));
  return file;
}

const visibleEffects = `[...document.querySelectorAll(".effect")].filter((card)=>card.checkVisibility()).length`;
const set = (id: string, value: string): string =>
  `(()=>{const field=document.getElementById("${id}");field.value=${JSON.stringify(value)};field.dispatchEvent(new Event("input",{bubbles:true}))})()`;

describe("a page of 1,000 nodes and 300 effects", () => {
  it("asks for nothing and complains of nothing", async () => {
    const { page, complaints, requests } = await visit(browser, fileOf(bigReport()));
    expect(await page.evaluate(visibleEffects)).toBe(300);
    expect(await page.evaluate("document.getElementById('shown').textContent")).toBe("300 effects");
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("filters by service, datacentre, type, concern and text, and says how many are left", async () => {
    const { page, complaints } = await visit(browser, fileOf(bigReport()));
    const left = async (id: string, value: string): Promise<unknown> => {
      await page.evaluate(set(id, value));
      return page.evaluate("document.getElementById('shown').textContent");
    };
    expect(await left("type", "Service")).toMatch(/^100 of 300 effects, on 1000 nodes$/u);
    expect(await left("concern", "sudo")).toMatch(/^2 of 300 effects/u);
    await page.evaluate("document.getElementById('clear').click()");
    expect(await page.evaluate(`new Promise((done)=>setTimeout(()=>done(${visibleEffects})))`)).toBe(300);
    // Every 24th node is of a service, every 5th in a datacentre; node 721 is the one of both that is on every 7th too.
    expect(await left("service", "=service01")).toMatch(/^\d+ of 300 effects, on 42 nodes$/u);
    expect(await left("datacentre", "=fra")).toMatch(/^\d+ of 300 effects, on 9 nodes$/u);
    expect(await left("text", "part6.conf")).toBe("1 of 300 effects, on 1 node");
    expect(await left("text", "no such thing")).toBe("0 of 300 effects, on 0 nodes");
    expect(await page.evaluate("document.getElementById('nothing').checkVisibility()")).toBe(true);
    expect(complaints).toEqual([]);
  });

  it("shows a node's own diff at a click on its name, and all again", async () => {
    const { page } = await visit(browser, fileOf(bigReport()));
    await page.evaluate(`document.querySelector('a.node[data-node="7"]').click()`);
    expect(await page.evaluate("document.getElementById('one').textContent.trim().replace(/\\s+/g,' ')")).toBe(
      "Only node0007.example all nodes",
    );
    // Node 7 is in what is on every node and on every 7th: 8 + 8 of 300.
    expect(await page.evaluate(visibleEffects)).toBe(16);
    expect(
      await page.evaluate(`[...document.querySelectorAll(".effect")].filter((card)=>card.checkVisibility()).every((card)=>card.open)`),
    ).toBe(true);
    await page.evaluate("document.querySelector('#one button').click()");
    expect(await page.evaluate(visibleEffects)).toBe(300);
  });

  it("takes a cell of the picture for a filter", async () => {
    const { page } = await visit(browser, fileOf(bigReport()));
    await page.evaluate(`document.querySelector('a.cell[data-service="=service03"]').click()`);
    expect(await page.evaluate("document.getElementById('service').value")).toBe("=service03");
    expect(await page.evaluate("document.activeElement.id")).toBe("changes");
  });

  it("leads the keyboard from the folded checks over the second look to the picture", async () => {
    const { page } = await visit(browser, fileOf(bigReport(20, 3)));
    const stops = [];
    for (let at = 0; at < 4; at += 1) {
      await page.keyboard.press("Tab");
      stops.push(await page.evaluate("document.activeElement.tagName"));
    }
    expect(stops).toEqual(["SUMMARY", "A", "DIV", "A"]);
  });

  it("is whole without its script, but for the filters", async () => {
    const { page } = await visit(browser, fileOf(bigReport()), { script: false });
    expect(await page.evaluate(visibleEffects)).toBe(300);
    expect(await page.evaluate("document.getElementById('filters').checkVisibility()")).toBe(false);
    expect(await page.evaluate(`document.querySelectorAll(".pattern a[href^='#effect-']").length`)).toBeGreaterThan(1_000);
  });

  it("fits a narrow screen: nothing but a table is wider", async () => {
    const { page } = await visit(browser, fileOf(bigReport(200, 20)), { width: 360 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  });
});

describe("a page of hostile text", () => {
  it("runs none of it and asks for none of it", async () => {
    const { page, complaints, requests } = await visit(browser, fileOf(hostileReport()));
    await page.evaluate(`document.querySelector("a.node").click()`);
    await page.evaluate(set("text", "<script>"));
    expect(await page.evaluate("typeof window.__x")).toBe("undefined");
    expect(await page.evaluate("document.querySelectorAll('img,svg,iframe,object,link').length")).toBe(0);
    expect(await page.evaluate("document.scripts.length")).toBe(2);
    expect(requests).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("would be told: the browser obeys the page's own policy", async () => {
    const { page, complaints } = await visit(browser, fileOf(hostileReport()));
    await page.evaluate(
      `(()=>{const script=document.createElement("script");script.textContent="window.__x=1";document.body.append(script)})()`,
    );
    expect(await page.evaluate("typeof window.__x")).toBe("undefined");
    expect(complaints.join()).toContain("Content Security Policy");
  });
});

/** Contrast of every text with what it stands on, by WCAG 2.2 (1.4.3): a list of what has too little. */
const lowContrast = `(()=>{
const canvas=document.createElement("canvas").getContext("2d",{willReadFrequently:true});
const rgb=(colour)=>{canvas.clearRect(0,0,1,1);canvas.fillStyle=colour;canvas.fillRect(0,0,1,1);return[...canvas.getImageData(0,0,1,1).data]};
const light=([r,g,b])=>[r,g,b].map((v)=>v/255).map((v)=>v<=.04045?v/12.92:((v+.055)/1.055)**2.4).reduce((sum,v,at)=>sum+v*[.2126,.7152,.0722][at],0);
const ground=(each)=>{for(let at=each;at;at=at.parentElement){const colour=rgb(getComputedStyle(at).backgroundColor);if(colour[3]===255)return colour}return rgb(getComputedStyle(document.body).backgroundColor)};
const low=new Set();
for(const each of document.querySelectorAll("body *:not(script):not(option)")){
if(!each.checkVisibility()||![...each.childNodes].some((node)=>node.nodeType===3&&node.data.trim()!==""))continue;
const[a,b]=[light(rgb(getComputedStyle(each).color)),light(ground(each))].sort((x,y)=>y-x);
if((a+.05)/(b+.05)<4.5)low.add(each.tagName+"."+each.className+" "+((a+.05)/(b+.05)).toFixed(2))}
return[...low]})()`;

it.each([false, true])("has enough contrast everywhere (dark: %s)", async (dark) => {
  const { page } = await visit(browser, fileOf(hostileReport("text </script>")), { dark });
  await page.evaluate("document.querySelectorAll('details').forEach((each)=>{each.open=true})");
  expect(await page.evaluate(lowContrast)).toEqual([]);
  const { page: big } = await visit(browser, fileOf(bigReport(300, 60)), { dark });
  expect(await big.evaluate(lowContrast)).toEqual([]);
});
