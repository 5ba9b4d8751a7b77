import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { setStage, tokenIn, type Stage } from "./stage.ts";

describe("the pages", () => {
  it("are a repository's for whoever can read it, and say to others that there is none", async () => {
    const { browser, permissions, later } = await setStage();
    permissions.set("bob secret", { known: true, value: "none" });
    permissions.set("bob control", { known: true, value: "read" });
    const bob = browser();
    await bob.signIn("bob");
    const [hidden, missing] = [await bob.get("/acme/secret"), await bob.get("/acme/nothing")];
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(hidden.text).toBe(missing.text);
    permissions.set("bob control", { known: true, value: "none" });
    expect((await bob.get("/")).text).toContain("acme/control");
    later(60_000);
    expect((await bob.get("/")).text).not.toContain("acme/control");
  });

  it("are shut where nobody knows whether somebody may see them", async () => {
    const { browser, permissions } = await setStage();
    permissions.set("bob control", { known: false, reason: "GitHub does not answer" });
    const bob = browser();
    await bob.signIn("bob");
    const shut = await bob.get("/acme/control");
    expect(shut.status).toBe(503);
    expect(shut.text).toContain("GitHub does not answer");
  });

  it("tell browsers to take nothing from elsewhere, and to keep nothing", async () => {
    const { browser } = await setStage();
    const { headers } = await browser().get("/");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect([headers.get("x-content-type-options"), headers.get("cache-control")]).toEqual(["nosniff", "no-store"]);
  });

  it("have their style and script at addresses that change with them", async () => {
    const { browser } = await setStage();
    const someone = browser();
    const { text } = await someone.get("/");
    const paths = [...text.matchAll(/"(\/assets\/[^"]+)"/gu)].map(([, path]) => path ?? "");
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const asset = await someone.get(path);
      expect([asset.status, asset.headers.get("cache-control")]).toEqual([200, "public, max-age=31536000, immutable"]);
    }
    expect((await someone.get("/assets/..%2f..%2fpackage.json")).status).toBe(404);
  });

  const signedIn = async (stage: Stage) => {
    const bob = stage.browser();
    const home = await bob.signIn("bob");
    return { bob, token: tokenIn(home) };
  };

  it.each<[string, (given: { token: string; url: string; other: string }) => [Record<string, string>, Record<string, string>]]>([
    ["without the form's token", () => [{}, {}]],
    ["with somebody else's", ({ other }) => [{ token: other }, {}]],
    ["from another site", ({ token }) => [{ token }, { origin: "https://evil.example" }]],
    ["from a frame without origin", ({ token }) => [{ token }, { origin: "null" }]],
    ["that a browser calls another site's", ({ token, url }) => [{ token }, { origin: url, "sec-fetch-site": "cross-site" }]],
  ])("do nothing for a form %s", async (_name, forge) => {
    const stage = await setStage();
    const { bob, token } = await signedIn(stage);
    const alice = stage.browser();
    const other = tokenIn(await alice.signIn("alice"));
    const [fields, headers] = forge({ token, url: stage.url, other });
    const refused = await bob.post("/sign-out", fields, headers);
    expect([refused.status, bob.cookies.has("session")]).toEqual([403, true]);
    const accepted = await bob.post("/sign-out", { token }, { origin: stage.url, "sec-fetch-site": "same-origin" });
    expect(accepted.status).toBe(303);
  });

  it.each<[string, string, RequestInit, number]>([
    ["a method that is none", "/", { method: "PUT" }, 405],
    ["a form in another form", "/sign-out", { method: "POST", body: "{}", headers: { "content-type": "application/json" } }, 415],
    ["a form without end", "/sign-out", { method: "POST", body: new URLSearchParams({ a: "x".repeat(70_000) }) }, 413],
    ["an address without end", `/${"a".repeat(4_000)}`, {}, 414],
    ["signs that are none", "/%E0%A4%A", {}, 400],
    ["a NUL in a path", "/acme/%00", {}, 400],
    ["a NUL in a question", "/acme/control/ledger?text=%00", {}, 400],
    ["a NUL in a form", "/acme/control/rollout", { method: "POST", body: new URLSearchParams({ text: "\0" }) }, 400],
    ["a door that is none", "/sign-in/back/door", {}, 303],
  ])("refuse %s", async (_name, path, init, status) => {
    const { url, logged } = await setStage();
    const answer = await fetch(`${url}${path}`, { ...init, redirect: "manual" });
    expect([answer.status, logged]).toEqual([status, []]);
  });

  it("say that the gate failed where it did, and no more", async () => {
    const stage = await setStage({
      repositories: async () => {
        throw new Error("the password is hunter2");
      },
    });
    const { bob } = await signedIn(stage);
    const failed = await bob.get("/");
    expect([failed.status, failed.text.includes("hunter2"), stage.logged.length]).toEqual([500, false, 2]);
  });

  it("of this machine are open to whoever is on it, under its own name alone, and to be read only", async () => {
    const { browser, url } = await setStage({ local: true });
    const someone = browser();
    const home = await someone.get("/");
    expect(home.text).toContain("acme/secret");
    expect((await someone.post("/sign-out", {})).status).toBe(403);
    const rebound = await new Promise<number>((resolve, reject) => {
      request(url, { headers: { host: "evil.example" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on("error", reject)
        .end();
    });
    expect(rebound).toBe(421);
  });
});
