import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { limitsPage } from "../../src/gate/explain.ts";
import type { Report } from "../../src/gate/report.ts";
import { reportSchema } from "../../src/gate/report.ts";
import type { View } from "../../src/gate/view.ts";
import { annotationsOf } from "../../src/github/annotations.ts";
import { byteLength } from "../../src/github/escape.ts";
import { checkRunText, commentBody } from "../../src/github/words.ts";
import { run } from "../../src/process/run.ts";
import { renderPage } from "../../src/web/report/page.ts";
import { base, head } from "../gate/world.ts";
import { hostileTexts, walkedReport } from "../web/walk.ts";
import { startChromium } from "./chromium.ts";
import { visit, type Visit } from "./visit.ts";

/**
 * Every text that a report can hold, hostile: its page in a real browser; its comment and its check run as GitHub's own Markdown
 * (cmark-gfm, with everything that GitHub's filters would take out left in) makes them, in the same browser.
 */
const folder = mkdtempSync(join(tmpdir(), "puppet-gate-hostile-report-"));
let browser: Browser;
beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

const large = { "a megabyte of one word": "A".repeat(2 ** 20), "a megabyte of lines": "a b\n".repeat(2 ** 18) };
const texts = Object.entries<string>({ ...hostileTexts, ...large });

let files = 0;
function open(html: string, width = 1280): Promise<Visit> {
  const file = join(folder, `${(files += 1)}.html`);
  writeFileSync(file, html);
  return visit(browser, file, { width });
}

/** What is on a page: its elements by name, attributes that run or fetch, addresses of links, and right-to-left letters beside others. */
const lookAt = (own = ""): string => `(()=>{
const all=[...document.querySelectorAll("*")];
const texts=[];const walker=document.createTreeWalker(document.body,NodeFilter.SHOW_TEXT);
while(walker.nextNode())if(!["SCRIPT","STYLE"${own === "" ? "" : ',"PRE"'}].includes(walker.currentNode.parentElement.closest("pre")?.tagName??walker.currentNode.parentElement.tagName))texts.push(walker.currentNode.data);
return{
elements:[...new Set(all.map((each)=>each.localName))].sort(),
scripts:document.scripts.length,styles:document.styleSheets.length,metas:document.querySelectorAll("meta").length,
live:[...new Set(all.flatMap((each)=>[...each.attributes].map(({name})=>name)).filter((name)=>/^on|^src|^style$|^action$|^formaction$|^srcdoc$|^autofocus$/.test(name)))],
links:[...new Set(all.flatMap((each)=>each.hasAttribute("href")?[each.getAttribute("href")]:[]).filter((href)=>!/^#[\\w-]*$/.test(href)))],
hidden:[...new Set(texts.join("\\n").replaceAll(/\\u2066([^\\u2066-\\u2069]*)\\u2069/g,"").match(/[\\u0590-\\u08ff\\u202a-\\u202e\\u2066-\\u2069\\u200c-\\u200f${own === "" ? "\\u200b" : ""}\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\ufffe\\uffff]/g)??[])],
ran:typeof window.__x}})()`;

const pageElements =
  "a b body br caption code dd details div dl dt em footer form h1 h2 h3 head header html i input label li main meta option output p pre s script section select small span strong style sub summary table tbody td th thead title tr ul button ins del".split(
    " ",
  );

describe("the page of a report whose every text is hostile", () => {
  it("is walked to every text of the schema", () => {
    const { report, places } = walkedReport("x");
    expect(reportSchema.safeParse(report).error).toBeUndefined();
    for (const place of [
      "head.ref",
      "verdict.reasons.text",
      "findings.message",
      "suggestions.text",
      "nodes.services",
      "groups.before",
      "groups.source.path",
      "groups.note",
      "modules.commits.subjects",
      "modules.files.path",
      "causes.places.path",
      "radius.restarts.certnames",
      "radius.capacity.service",
      "coverage.unseen.text",
      "coverage.missing.name",
    ])
      expect(places).toContain(place);
  });

  it.each(texts)("%s: nothing runs, nothing is asked for, nothing is hidden, and it fits", { timeout: 120_000 }, async (_, text) => {
    const html = renderPage(walkedReport(text).report);
    expect(html.length).toBeLessThan(20_000_000);
    for (const width of text.length > 10_000 ? [1280] : [1280, 360]) {
      const { page, complaints, requests } = await open(html, width);
      await page.evaluate("document.querySelectorAll('details').forEach((each)=>{each.open=true})");
      await page.evaluate("document.querySelector('a.node')?.click()");
      await page.evaluate("document.getElementById('text').dispatchEvent(new Event('input',{bubbles:true}))");
      const seen: { elements: string[] } = await page.evaluate(lookAt());
      expect(seen).toMatchObject({ scripts: 2, styles: 1, metas: 5, live: [], links: [limitsPage], hidden: [], ran: "undefined" });
      expect(seen.elements.filter((name) => !pageElements.includes(name))).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(requests).toEqual([]);
      expect(complaints).toEqual([]);
    }
  });
});

/** A view whose every text is this one. */
function hostileView(text: string, state: View["state"], standing: View["standing"]): View {
  const by = { id: 1, login: text, bot: false };
  const since = "2026-03-01T12:00:00.000Z";
  const reason = { rule: text, text, brief: { says: text, of: text }, when: text, unblock: text };
  const outcomes = ["fail", "unknown", "pending", "pass", "skipped"] as const;
  const answer = { by: text, command: text, accepted: true, text, lines: [text, text], given: { at: since, head, verdict: text } };
  return {
    number: 7,
    state,
    opener: text,
    head,
    base: { ref: text, sha: base },
    verdict: {
      outcome: "blocked",
      reasons: outcomes.map((outcome) => ({
        ...reason,
        outcome,
        parts: [
          { ...reason, outcome },
          { ...reason, outcome },
        ],
        asks: "any",
      })),
    },
    standing,
    worse: [{ number: 8, standing: "blocked" }],
    answers: [
      { ...answer, comment: 1 },
      { ...answer, comment: 0, accepted: false, later: true, command: "" },
    ],
    landing:
      state === "merged"
        ? { by: "other", who: text, sha: text, trees: { checked: text, landed: { known: false, reason: text, way: text } } }
        : null,
    earlier: [{ comment: 3, head: text, sha: text }],
    observed: false,
    unblock: [text, text],
    alarms: [text, text],
    advice: [text],
    debts: [{ number: 3, by: text, byId: 1, reason: text, since, baseRef: text, landing: text, seen: [] }],
    frozen: { number: 4, why: text, since },
    wish: { comment: 1, by, head, baseRef: text, policyDigest: text, message: text, method: "squash" },
    glass: { comment: 2, by, reason: text, head, expiresAt: since },
  };
}

/** Right-to-left letters that stand beside words of ours without being set apart, and what hides or reorders text. */
const loose = (field: string): string[] =>
  field.replaceAll(/\u2066[^\u2066-\u2069]*\u2069/gu, "").match(/[\u0590-\u08ff\u200b-\u200f\u202a-\u202e\u2066-\u2069\p{Cc}\p{Cs}]/gu) ??
  [];

/** As GitHub renders it, but for what its sanitizer takes out. */
async function rendered(markdown: string): Promise<string> {
  const args = ["--unsafe", "-e", "table", "-e", "strikethrough", "-e", "autolink", "-e", "tasklist"];
  const env = { PATH: "/usr/bin" };
  const result = await run({ file: "cmark-gfm", args, input: markdown, env, cwd: folder, seconds: 60, outputBytes: 2 ** 26 });
  if (!result.ok) throw new Error(`cmark-gfm failed: ${result.stderr}`);
  return result.stdout.toString();
}

/** What GitHub makes of text itself, after Markdown: everything that is no code. */
const prose = `[...document.body.querySelectorAll("*"),document.body].filter((each)=>!each.closest("code,pre")).flatMap((each)=>[...each.childNodes].filter((node)=>node.nodeType===3).map((node)=>node.data)).join("\\n")`;
const acted = /(?<![\w])@[\w-]|(?<![&\w])#\d|\bGH-\d|:[a-z+][\w+-]*:|https?:\/\/(?!github\.com\/puppet-gate)|www\.\w/iu;
const comments = `(()=>{const walker=document.createTreeWalker(document,NodeFilter.SHOW_COMMENT);let n=0;while(walker.nextNode())n+=1;return n})()`;

const markdownElements =
  "a blockquote body br code details em h3 h4 head html li meta ol p pre strong sub summary table tbody td th thead tr ul".split(" ");

describe("the comment and the check run of a change whose every text is hostile", () => {
  const views: [state: View["state"], standing: View["standing"]][] = [
    ["open", "blocked"],
    ["open", "pass"],
    ["merged", "pass"],
  ];
  const cases = texts.flatMap(([name, text]) =>
    (name in large ? views.slice(0, 1) : views).map(([state, standing]) => ({ name, text, state, standing })),
  );

  it.each(cases)(
    "$name, $state and $standing: no markup of it, no mention, within GitHub's limits",
    { timeout: 120_000 },
    async ({ text, state, standing }) => {
      const { report } = walkedReport(text) as { report: Report };
      const view = hostileView(text, state, standing);
      const shown = checkRunText(view, report);
      const comment = commentBody(view, report);
      expect(shown.title.length).toBeLessThanOrEqual(255);
      for (const said of [comment, shown.summary, shown.text]) expect(byteLength(said)).toBeLessThanOrEqual(65_535);
      expect(loose(shown.title)).toEqual([]);
      for (const annotation of annotationsOf(report)) {
        expect([annotation.title, annotation.message].flatMap(loose)).toEqual([]);
        expect(byteLength(annotation.message)).toBeLessThanOrEqual(64 * 1024);
        expect(annotation.title.length).toBeLessThanOrEqual(255);
      }
      for (const [where, said] of Object.entries({ comment, summary: shown.summary, text: shown.text })) {
        const policy = `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'">`;
        const { page, complaints, requests } = await open(`${policy}${await rendered(said)}`);
        const seen: { elements: string[]; links: string[] } = await page.evaluate(lookAt("\u200b"));
        expect({
          where,
          ...seen,
          elements: seen.elements.filter((name) => !markdownElements.includes(name)),
          links: seen.links.filter((href) => !href.startsWith("https://github.com/puppet-gate/")),
          acted: acted.exec(String(await page.evaluate(prose)))?.[0],
          comments: await page.evaluate(comments),
          requests: requests,
          complaints: complaints,
        }).toEqual({
          where,
          elements: [],
          links: [],
          live: [],
          hidden: [],
          scripts: 0,
          styles: 0,
          metas: 2,
          ran: "undefined",
          acted: undefined,
          comments: where === "comment" ? 1 : 0,
          requests: [],
          complaints: [],
        });
      }
    },
  );
});
