import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RolloutStatus } from "../../src/rollout/status.ts";
import type { ChangeRow, ChangeShown, RolloutWord, SitePorts } from "../../src/web/site/ports.ts";
import { setStage } from "../web/site/stage.ts";
import { hostileTexts } from "../web/walk.ts";
import { startChromium } from "./chromium.ts";
import { visit } from "./visit.ts";

/** The pages in a real browser, with a GitHub to sign in with. */
let chromium: Browser;
beforeAll(async () => {
  chromium = await startChromium();
});
afterAll(() => chromium.close());

const row = (title: string): ChangeRow => ({
  number: 12,
  state: "open",
  baseRef: "main",
  head: "b".repeat(40),
  standing: "waiting",
  verdict: { outcome: "blocked", reasons: [{ rule: "peer", outcome: "pending", text: title, unblock: `somebody: approve ${title}` }] },
  about: { title, opener: "emeka", openedAt: "2026-11-23T06:00:00Z" },
  decidedAt: new Date("2026-11-23T08:59:00Z"),
});
const shown = (title: string): ChangeShown => ({
  ...row(title),
  answers: [],
  approvals: [],
  entries: [{ seq: 1, kind: "verdict", at: "2026-11-23T08:00:00.000Z", who: null }],
});

const status = (observed: number): RolloutStatus => ({
  now: 0,
  seenAt: 0,
  paused: null,
  held: [],
  advice: [],
  waits: null,
  lanes: [
    {
      lane: "canary",
      environment: "production_canary",
      verified: "a".repeat(40),
      behind: [],
      stage: {
        release: "b".repeat(40),
        changes: [{ sha: "b".repeat(40), number: 12 }],
        way: "forward",
        phase: "watched",
        since: 0,
        observedMinutes: observed,
        bakeMinutes: 30,
        unseen: null,
        nodes: [{ kind: "pass", count: 3, certnames: ["a1", "b1", "c1"] }],
        missing: [],
      },
      halt: null,
      manual: false,
      let: null,
    },
  ],
  quarantined: [],
});

describe("in a browser", () => {
  it("somebody signs in with GitHub, finds out why their change waits, and says something to its rollout", async () => {
    const said: RolloutWord[] = [];
    const stage = await setStage({
      changes: async () => [row("Shorter pauses")],
      change: async () => shown("Shorter pauses"),
      rollout: async () => status(9),
      say: async (_origin, word) => {
        said.push(word);
        return { ok: true, text: "the lane canary stands still where it is", lines: [] };
      },
    });
    stage.permissions.set("alice control", { known: true, value: "write" });
    const { page, complaints } = await visit(chromium, `${stage.url}/`);
    await page.getByRole("link", { name: "Sign in with GitHub" }).click();
    await page.getByText("alice", { exact: true }).click();
    await page.getByRole("link", { name: "acme/control" }).click();
    await page.getByText("somebody: approve Shorter pauses").first().waitFor();
    await page.getByRole("link", { name: "#12 Shorter pauses" }).click();
    await page.getByRole("heading", { level: 1, name: "#12 Shorter pauses" }).waitFor();
    await page.getByRole("link", { name: "All changes" }).click();
    await page.getByRole("link", { name: "Rollout" }).click();
    await expect.poll(() => page.getByRole("progressbar").getAttribute("value")).toBe("9");
    const form = page.locator(".say form");
    await form.locator("[name=verb]").selectOption("abort");
    await form.locator("[name=lane]").selectOption("canary");
    await form.locator("[name=text]").fill("it smokes");
    await form.getByRole("button").click();
    await page.getByRole("status").getByRole("heading", { name: "Heard" }).waitFor();
    expect(said).toMatchObject([{ person: { login: "alice" }, verb: "abort", text: "canary it smokes" }]);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out.").waitFor();
    // GitHub's own page is not ours to mend.
    expect(complaints.filter((text) => text.includes(stage.url))).toEqual([]);
  });

  it("what changes is kept up to date, without a load of the page, and not while somebody fills in a form", async () => {
    let observed = 9;
    const stage = await setStage({ rollout: async () => status(observed), local: true });
    const { page } = await visit(chromium, `${stage.url}/acme/control/rollout`);
    await page.evaluate("window.isSame=true");
    observed = 21;
    // As when somebody comes back to the tab: then, too, it looks.
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    await expect.poll(() => page.getByRole("progressbar").getAttribute("value")).toBe("21");
    expect(await page.evaluate("window.isSame")).toBe(true);
    expect(await page.locator("#live").textContent()).toBe("Live.");
  });

  it("they are whole without script, by keyboard, in both schemes and on a narrow screen", async () => {
    const ports: Partial<SitePorts> = { changes: async () => [row("Shorter pauses")], rollout: async () => status(9) };
    const stage = await setStage({ ...ports, local: true });
    for (const options of [{ script: false }, { dark: true }, { width: 360 }]) {
      const { page, complaints } = await visit(chromium, `${stage.url}/acme/control/rollout`, options);
      expect(await page.locator(".lane h2").first().isVisible()).toBe(true);
      expect(await page.evaluate("document.documentElement.scrollWidth<=innerWidth")).toBe(true);
      await page.keyboard.press("Tab");
      expect(await page.locator(":focus").textContent()).toBe("To the content");
      expect(complaints).toEqual([]);
    }
  });

  it.each(Object.entries(hostileTexts))("nothing of a repository's text runs or is fetched: %s", async (_name, text) => {
    const stage = await setStage({ changes: async () => [row(text)], change: async () => shown(text), local: true });
    for (const path of ["/acme/control", "/acme/control/changes/12"]) {
      const { page, complaints, requests } = await visit(chromium, `${stage.url}${path}`);
      expect(
        await page.evaluate(`[window.__x, document.querySelectorAll("img,iframe,svg,base,object,embed").length, document.scripts.length]`),
      ).toEqual([undefined, 0, 1]);
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith(`${stage.url}/assets/`))).toEqual([]);
    }
  });
});
