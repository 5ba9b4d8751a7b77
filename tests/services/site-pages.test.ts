import { join } from "node:path";
import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samplePages, sampleSite } from "../web/site/sample.ts";
import { setStage } from "../web/site/stage.ts";
import { hostileTexts } from "../web/walk.ts";
import { startChromium } from "./chromium.ts";
import { visit } from "./visit.ts";

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
  await page.evaluate(`${axe.source};0`);
  const found: Violation[] = await page.evaluate(
    `axe.run(document,{resultTypes:["violations"]}).then(({violations})=>violations.map(({id,impact,nodes})=>({id,impact,nodes:nodes.slice(0,3).map(({target,failureSummary})=>({target,failureSummary}))})))`,
  );
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
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

describe.each(Object.entries(samplePages))("the page %s", (name, path) => {
  it.each([
    ["light", {}],
    ["dark", { dark: true }],
    ["narrow", { width: 360 }],
    ["dark and narrow", { width: 360, dark: true }],
  ])("is usable by everybody: %s", async (kind, options) => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const { page, complaints } = await visit(chromium, `${stage.url}${path}`, options);
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth<=innerWidth")).toBe(true);
    expect(complaints.filter((text) => !text.includes("status of 404"))).toEqual([]);
    await picture(page, `${name}-${kind.replaceAll(" ", "-")}`);
  });

  it("goes without script, has one heading, and is left by keyboard past its ways to others", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const { page } = await visit(chromium, `${stage.url}${path}`, { script: false });
    expect(
      await page.evaluate(
        `[document.querySelectorAll("h1").length, document.querySelector("h1").checkVisibility(), document.documentElement.lang]`,
      ),
    ).toEqual([1, true, "en"]);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator(":focus").getAttribute("id")).toBe("main");
  });

  it("prints what it says, and nothing that only a screen has use for", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const { page } = await visit(chromium, `${stage.url}${path}`, { print: true });
    expect(await page.evaluate(`[...document.querySelectorAll("form.filter,.say,#live")].some((one)=>one.checkVisibility())`)).toBe(false);
    expect(await page.evaluate(`document.querySelector("h1").checkVisibility()`)).toBe(true);
    await picture(page, `${name}-print`);
  });

  it("moves nothing for who wants that", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const { page } = await visit(chromium, `${stage.url}${path}`, { still: true });
    expect(
      await page.evaluate(
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
          return visit(chromium, `${stage.url}${path}`);
        }),
      );
      if (hostile === undefined || harmless === undefined) throw new Error("no page was opened");
      const bones = `[typeof window.__x, document.scripts.length, ...["img","iframe","base","object","embed","form","b","svg","style","meta","link"].map((one)=>document.querySelectorAll(one).length)]`;
      expect(await hostile.page.evaluate(bones)).toEqual(await harmless.page.evaluate(bones));
      expect(hostile.complaints.filter((one) => !one.includes("status of 404"))).toEqual([]);
      expect(hostile.requests.filter((url) => !url.includes("/assets/"))).toEqual([]);
      expect(await hostile.page.evaluate("document.documentElement.outerHTML.length")).toBeLessThan(3_000_000);
    },
  );
});

describe("people's ways", () => {
  const title = (page: Page, name: string | RegExp): Promise<void> => page.getByRole("heading", { level: 1, name }).waitFor();

  it("a developer finds out why their change waits, for whom, and what it would do", async () => {
    const stage = await setStage(sampleSite());
    stage.permissions.set("alice control", { known: true, value: "read" });
    const { page } = await visit(chromium, `${stage.url}/acme/control/changes/12`);
    await page.getByText("alice", { exact: true }).click();
    await page.getByText("one person with write access: approve bbbbbbbbbb").first().waitFor();
    expect(await page.locator("section:has(#radius)").textContent()).toContain("12 would change");
    await page.getByRole("link", { name: "Rollout" }).click();
    await page.locator(".lane").first().waitFor();
    expect(await page.locator(".say").count()).toBe(0);
  });

  it("a reviewer sees what became of their approval, follows it into the ledger, and comes back", async () => {
    const stage = await setStage(sampleSite());
    stage.permissions.set("bob control", { known: true, value: "write" });
    const { page, complaints } = await visit(chromium, `${stage.url}/`);
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.getByText("bob", { exact: true }).click();
    await page.getByRole("link", { name: "acme/control" }).click();
    await page.getByRole("link", { name: /^#12 / }).click();
    await page.locator("section:has(#approvals)").getByText("does not count").first().waitFor();
    await page.getByRole("link", { name: "entry 7", exact: true }).first().click();
    await title(page, "Entry 7");
    await page.getByRole("link", { name: "#12", exact: true }).first().click();
    await title(page, /^#12/u);
    expect(complaints.filter((text) => text.includes(stage.url))).toEqual([]);
  });

  it("an auditor asks a question, opens the entry that its answer rests on, and has the proof and the signed head", async () => {
    const stage = await setStage({ ...sampleSite(), proof: async () => "c2sp.org/tlog-proof@v1\n" });
    stage.permissions.set("alice control", { known: true, value: "admin" });
    const { page } = await visit(chromium, `${stage.url}/acme/control/ledger`);
    await page.getByText("alice", { exact: true }).click();
    await page.getByRole("link", { name: "Auditors' questions" }).click();
    await page.locator('.questions a[href$="/questions/emergencies"]').first().click();
    await page.getByText("review still owed").first().waitFor();
    await page.locator("tbody th a").first().click();
    await title(page, "Entry 9");
    expect(await page.evaluate(`fetch(document.querySelector('a[href$="/proof"]').href).then((answer)=>answer.text())`)).toBe(
      "c2sp.org/tlog-proof@v1\n",
    );
    await page.getByRole("link", { name: "Ledger", exact: true }).click();
    await page.getByRole("link", { name: "The signed head" }).click();
    await page.getByText("ledger.example.com/gate").first().waitFor();
    expect(await page.evaluate(`fetch("/-/ledger/checkpoint").then((answer)=>answer.headers.get("content-disposition"))`)).toBe(
      'attachment; filename="checkpoint"',
    );
  });

  it("operations look at the numbers of one service, and search the ledger by address", async () => {
    const stage = await setStage({ ...sampleSite(), local: true });
    const { page } = await visit(chromium, `${stage.url}/acme/control/metrics`);
    await page.getByRole("link", { name: "playlist", exact: true }).first().click();
    await expect.poll(() => page.locator("input[name=service]").inputValue()).toBe("playlist");
    expect(await page.locator(".measures .means").count()).toBe(await page.locator(".measures dt").count());
    await page.getByRole("link", { name: "Ledger", exact: true }).click();
    const form = page.locator("form.filter");
    await form.locator("[name=kind]").selectOption("landed");
    await form.locator("[name=about]").fill("#12");
    await form.getByRole("button").click();
    await page.waitForURL(/kind=landed&.*about=%2312/u);
    expect(await form.locator("[name=about]").inputValue()).toBe("pull/12");
  });

  it("what somebody opened and stands on stays theirs while a page follows the server, and they hear what became another", async () => {
    let rows = 1;
    const site = sampleSite();
    const stage = await setStage({
      ...site,
      local: true,
      rollout: async (origin) => {
        const status = (await site.rollout?.(origin)) ?? null;
        const [canary, ...others] = status?.lanes ?? [];
        if (status === null || canary === undefined) throw new Error("the sample has no lanes");
        const halt = { why: { kind: "person" as const, by: { id: 1, name: "greta" }, reason: "smoke" }, at: status.now };
        return { ...status, lanes: [{ ...canary, halt: rows > 1 ? halt : null }, ...others] };
      },
      changes: async (...asked) => ((await site.changes?.(...asked)) ?? []).slice(0, rows).toReversed(),
    });
    const { page } = await visit(chromium, `${stage.url}/acme/control/rollout`);
    const mine = page.locator("#nodes-canary-pass");
    await mine.locator("summary").click();
    const { page: list } = await visit(chromium, `${stage.url}/acme/control`);
    await list.locator("#change-12 a").focus();
    rows = 3;
    // As when somebody comes back to it: it does not wait for its ten seconds.
    const look = `document.dispatchEvent(new Event("visibilitychange"))`;
    await page.evaluate(look);
    await page.getByRole("status").getByText("Now: canary stands still.", { exact: true }).waitFor();
    const theirs = `((one)=>[one.open,one.contains(document.activeElement)])(document.getElementById("nodes-canary-pass"))`;
    expect(await page.evaluate(theirs)).toEqual([true, true]);
    await list.evaluate(look);
    await list.locator("#change-10").waitFor();
    expect(await list.evaluate(`[...document.querySelectorAll("tbody tr")].map(({id})=>id)`)).toEqual([
      "change-10",
      "change-11",
      "change-12",
    ]);
    expect(await list.evaluate(`document.activeElement.closest("tr")?.id`)).toBe("change-12");
  });
});
