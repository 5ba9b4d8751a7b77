import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samplePages, sampleSite } from "../web/site/sample.ts";
import { setStage } from "../web/site/stage.ts";
import { hostileTexts } from "../web/walk.ts";
import { startChromium, type Browser, type Page } from "./chromium.ts";

/** Every page of the site in a real browser, as people of all kinds come to it. */
let chromium: Browser;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(() => chromium.close());

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown; failureSummary?: string }[];
}

async function violations(page: Page): Promise<string[]> {
  // Run by the browser's tools, which no page's policy holds up. https://github.com/dequelabs/axe-core
  await page.run(`${axe.source};0`);
  const found = (await page.run(
    `axe.run(document,{resultTypes:["violations"]}).then(({violations})=>violations.map(({id,impact,nodes})=>({id,impact,nodes:nodes.slice(0,3).map(({target,failureSummary})=>({target,failureSummary}))})))`,
  )) as Violation[];
  // What is merely moderate is mended here, too, where it is ours.
  return found.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}): ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`).join("; ")}`,
  );
}

/** With a folder in PUPPET_GATE_PICTURES each page is kept there as somebody sees it. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env["PUPPET_GATE_PICTURES"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), await page.picture());
}

describe.each(Object.entries(samplePages))("the page %s", (name, path) => {
  it.each([
    ["light", {}],
    ["dark", { dark: true }],
    ["narrow", { width: 360 }],
    ["dark and narrow", { width: 360, dark: true }],
  ])("is usable by everybody: %s", async (kind, options) => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const page = await chromium.open(`${stage.url}${path}`, options);
    expect(await violations(page)).toEqual([]);
    expect(await page.run("document.documentElement.scrollWidth<=innerWidth")).toBe(true);
    expect(page.complaints.filter((text) => !text.includes("status of 404"))).toEqual([]);
    await picture(page, `${name}-${kind.replaceAll(" ", "-")}`);
  });

  it("goes without script, has one heading, and is left by keyboard past its ways to others", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const page = await chromium.open(`${stage.url}${path}`, { script: false });
    expect(
      await page.run(
        `[document.querySelectorAll("h1").length, document.querySelector("h1").checkVisibility(), document.documentElement.lang]`,
      ),
    ).toEqual([1, true, "en"]);
    await page.key("Tab");
    await page.key("Enter");
    await page.until(`document.activeElement.id==="main"`);
  });

  it("prints what it says, and nothing that only a screen has use for", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const page = await chromium.open(`${stage.url}${path}`, { print: true });
    expect(await page.run(`[...document.querySelectorAll("form.filter,.say,#live")].some((one)=>one.checkVisibility())`)).toBe(false);
    expect(await page.run(`document.querySelector("h1").checkVisibility()`)).toBe(true);
    await picture(page, `${name}-print`);
  });

  it("moves nothing for who wants that", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const page = await chromium.open(`${stage.url}${path}`, { still: true });
    expect(
      await page.run(
        `[...document.querySelectorAll("*")].filter((one)=>{const {transitionDuration,animationName}=getComputedStyle(one);return animationName!=="none"||transitionDuration.split(", ").some((each)=>each!=="0s")}).length`,
      ),
    ).toBe(0);
  });

  it.each(Object.entries({ ...hostileTexts, megabytes: "<b>x</b>\u202e".repeat(150_000) }))(
    "keeps texts of others inert: %s",
    async (_kind, text) => {
      const [hostile, harmless] = await Promise.all(
        [() => text, () => "harmless"].map(async (say) => {
          const stage = await setStage({ ...sampleSite(say), local: true });
          return chromium.open(`${stage.url}${path}`);
        }),
      );
      if (hostile === undefined || harmless === undefined) throw new Error("no page was opened");
      const bones = `[typeof window.__x, document.scripts.length, ...["img","iframe","base","object","embed","form","b","svg","style","meta","link"].map((one)=>document.querySelectorAll(one).length)]`;
      expect(await hostile.run(bones)).toEqual(await harmless.run(bones));
      expect(hostile.complaints.filter((one) => !one.includes("status of 404"))).toEqual([]);
      // The browser's own sign in a field for days is a request to itself.
      expect(hostile.requests.filter((url) => !url.includes("/assets/") && !url.startsWith("data:image/svg+xml;base64,"))).toEqual([]);
      expect(await hostile.run("document.documentElement.outerHTML.length")).toBeLessThan(3_000_000);
    },
  );
});

describe("people's ways", () => {
  const clickOn = (page: Page) => async (text: string) => {
    const link = `[...document.querySelectorAll("a,button,summary")].find((one)=>one.textContent.trim()===${JSON.stringify(text)})`;
    await page.until(link);
    await page.run(`${link}.click()`);
  };

  it("a developer finds out why their change waits, for whom, and what it would do", async () => {
    const stage = await setStage(sampleSite());
    stage.permissions.set("alice control", { known: true, value: "read" });
    const page = await chromium.open(`${stage.url}/acme/control/changes/12`);
    const click = clickOn(page);
    await click("alice");
    await page.until(`document.body.textContent.includes("one person with write access: approve bbbbbbbbbb")`);
    expect(await page.run(`document.querySelector("#radius").closest("section").textContent.includes("12 would change")`)).toBe(true);
    await click("Rollout");
    await page.until(`document.querySelector(".lane")`);
    expect(await page.run(`document.querySelector(".say")===null`)).toBe(true);
  });

  it("a reviewer sees what became of their approval, follows it into the ledger, and comes back", async () => {
    const stage = await setStage(sampleSite());
    stage.permissions.set("bob control", { known: true, value: "write" });
    const page = await chromium.open(`${stage.url}/`);
    const click = clickOn(page);
    await click("Sign in with GitHub");
    await click("bob");
    await click("acme/control");
    await click("#12");
    await page.until(`document.querySelector("#approvals")?.closest("section").textContent.includes("does not count")`);
    await click("entry 7");
    await page.until(`document.querySelector("h1").textContent==="Entry 7"`);
    await click("#12");
    await page.until(`document.querySelector("h1").textContent.startsWith("#12")`);
    expect(page.complaints.filter((text) => text.includes(stage.url))).toEqual([]);
  });

  it("an auditor asks a question, opens the entry that its answer rests on, and has the proof and the signed head", async () => {
    const stage = await setStage({ ...sampleSite(), proof: async () => "c2sp.org/tlog-proof@v1\n" });
    stage.permissions.set("alice control", { known: true, value: "admin" });
    const page = await chromium.open(`${stage.url}/acme/control/ledger`);
    const click = clickOn(page);
    await click("alice");
    await click("Auditors' questions");
    await page.until(`document.querySelector(".questions")`);
    await page.run(`document.querySelector('a[href$="/questions/emergencies"]').click()`);
    await page.until(`document.body.textContent.includes("review still owed")`);
    await page.run(`document.querySelector("tbody th a").click()`);
    await page.until(`document.querySelector("h1").textContent==="Entry 9"`);
    expect(await page.run(`fetch(document.querySelector('a[href$="/proof"]').href).then((answer)=>answer.text())`)).toBe(
      "c2sp.org/tlog-proof@v1\n",
    );
    await click("Ledger");
    await click("The signed head");
    await page.until(`document.body.textContent.includes("ledger.example.com/gate")`);
    expect(await page.run(`fetch("/-/ledger/checkpoint").then((answer)=>answer.headers.get("content-disposition"))`)).toBe(
      'attachment; filename="checkpoint"',
    );
  });

  it("operations look at the numbers of one service, and search the ledger by address", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const page = await chromium.open(`${stage.url}/acme/control/metrics`);
    const click = clickOn(page);
    await click("playlist");
    await page.until(`document.querySelector("input[name=service]").value==="playlist"`);
    expect(await page.run(`document.querySelectorAll(".measures .means").length===document.querySelectorAll(".measures dt").length`)).toBe(
      true,
    );
    await click("Ledger");
    await page.until(`document.querySelector("input[name=person]")`);
    await page.run(
      `(()=>{const form=document.querySelector("form.filter");form.kind.value="landed";form.about.value="#12";form.requestSubmit()})()`,
    );
    await page.until(
      `location.search.includes("kind=landed")&&location.search.includes("about=%2312")&&document.querySelector("input[name=about]").value==="pull/12"`,
    );
  });
});
