import { describe, expect, it } from "vitest";
import { setStage, tokenIn } from "./stage.ts";

describe("who signs in", () => {
  it("goes through GitHub and back to the page that they wanted, and is known there until they leave", async () => {
    const { browser, permissions } = await setStage();
    permissions.set("alice control", { known: true, value: "read" });
    const alice = browser();
    expect((await alice.get("/")).text).toContain("Sign in with GitHub");
    const home = await alice.signIn("alice");
    expect(home.status).toBe(200);
    expect(home.text).toContain(">alice</a>");
    expect(home.text).toContain('href="/acme/control"');
    expect(home.text).not.toContain("acme/secret");
    const left = await alice.post("/sign-out", { token: tokenIn(home) });
    expect([left.status, left.to, alice.cookies.size]).toEqual([303, "/signed-out", 0]);
    expect((await alice.get("/")).text).toContain("Sign in with GitHub");
  });

  it("is asked to sign in anew after eight hours", async () => {
    const { browser, later } = await setStage();
    const alice = browser();
    await alice.signIn("alice");
    later(8 * 3_600_000 - 1);
    expect((await alice.get("/")).text).toContain(">alice</a>");
    later(1);
    expect((await alice.get("/")).text).toContain("Sign in with GitHub");
  });

  it.each<[string, string, string]>([
    ["a path", "/acme/control/rollout?at=1", "/acme/control/rollout?at=1"],
    ["another server", "//evil.example/", "/"],
    ["another server, as browsers read it", "/\\evil.example", "/"],
    ["an address", "https://evil.example/", "/"],
    ["a line break", "/a\r\nset-cookie: x", "/"],
    ["signs that no header has", "/acme/control/ledger?text=\u2603 x", "/acme/control/ledger?text=%E2%98%83%20x"],
    ["more than a cookie holds", `/${"a".repeat(3_900)}`, "/"],
    ["another server, behind a path of nothing", "/.//evil.example", "/.//evil.example"],
  ])("comes back to no place but of this server: %s", async (_name, to, expected) => {
    const { browser, url } = await setStage();
    const alice = browser();
    const asked = await alice.get(`/sign-in?to=${encodeURIComponent(to)}`);
    const github = new URL(asked.to ?? "");
    github.searchParams.set("login", "alice");
    const back = await fetch(github, { redirect: "manual" });
    const done = await alice.get((back.headers.get("location") ?? "").slice(url.length));
    expect([done.status, done.to]).toEqual([303, expected]);
  });

  const came = async (
    change: (back: URL) => void,
    wait = 0,
    as: "same" | "other" = "same",
  ): Promise<{ status: number; text: string; signedIn: boolean }> => {
    const { browser, url, later } = await setStage();
    const [alice, other] = [browser(), browser()];
    const github = new URL((await alice.get("/sign-in")).to ?? "");
    github.searchParams.set("login", "alice");
    const back = new URL((await fetch(github, { redirect: "manual" })).headers.get("location") ?? "");
    change(back);
    later(wait);
    const visitor = as === "same" ? alice : other;
    const done = await visitor.get(back.href.slice(url.length));
    return { status: done.status, text: done.text, signedIn: [...visitor.cookies.keys()].includes("session") };
  };

  it.each<[string, Parameters<typeof came>, RegExp]>([
    ["with another state", [(back) => back.searchParams.set("state", "x".repeat(43))], /not an answer to what this browser asked/],
    ["without one", [(back) => back.searchParams.delete("state")], /not an answer to what this browser asked/],
    ["with a code that is none", [(back) => back.searchParams.set("code", "nonsense")], /used before/],
    ["in another browser", [() => undefined, 0, "other"], /did not ask to sign in/],
    ["after ten minutes", [() => undefined, 600_000], /more than ten minutes ago/],
    [
      "having said no",
      [
        (back) => {
          back.searchParams.delete("code");
          back.searchParams.set("error", "access_denied");
        },
      ],
      /You told GitHub not to/,
    ],
  ])("is nobody who comes back %s", async (_name, how, words) => {
    const done = await came(...how);
    expect([done.status, done.signedIn]).toEqual([400, false]);
    expect(done.text).toMatch(words);
  });

  it("can't use a code twice", async () => {
    const { browser, url } = await setStage();
    const alice = browser();
    const github = new URL((await alice.get("/sign-in")).to ?? "");
    github.searchParams.set("login", "alice");
    const back = (await fetch(github, { redirect: "manual" })).headers.get("location") ?? "";
    const asked = new Map(alice.cookies);
    expect((await alice.get(back.slice(url.length))).status).toBe(303);
    for (const [name, value] of asked) alice.cookies.set(name, value);
    expect((await alice.get(back.slice(url.length))).text).toContain("used before");
  });

  it.each<[string, (cookie: string) => string]>([
    ["changed", (cookie) => `${cookie.slice(0, 8)}${cookie[8] === "A" ? "B" : "A"}${cookie.slice(9)}`],
    ["cut", (cookie) => cookie.slice(0, -1)],
    ["without its seal", (cookie) => cookie.split(".")[0] ?? ""],
    ["with more", (cookie) => `${cookie}.x`],
    ["of another use", () => "asked"],
  ])("is nobody with a session that is %s", async (_name, change) => {
    const { browser } = await setStage();
    const alice = browser();
    await alice.get("/sign-in");
    const asked = alice.cookies.get("asked") ?? "";
    await alice.signIn("alice");
    const changed = change(alice.cookies.get("session") ?? "");
    alice.cookies.set("session", changed === "asked" ? asked : changed);
    expect((await alice.get("/")).text).toContain("Sign in with GitHub");
  });
});
