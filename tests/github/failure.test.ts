import { describe, expect, it } from "vitest";
import { unknown } from "../../src/gate/facts.ts";
import { failureText, isOfGitHub, learn, limitOf, waitOf } from "../../src/github/failure.ts";

/** GitHub's answers as Octokit throws them, and what is made of each. */
const url = "https://ghe.example/api/v3/repos/acme/control/pulls/7";
const http = (status: number, headers: Record<string, string> = {}, message = "no"): Error =>
  Object.assign(new Error(message), {
    name: "HttpError",
    status,
    request: { method: "GET", url },
    response: { headers, data: { message } },
  });
const graphql = (type: string, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error("refused"), {
    name: "GraphqlResponseError",
    headers,
    errors: [{ type, message: "no\u001b[2J such thing" }],
    response: {},
  });

const date = "Sun, 01 Mar 2026 12:00:00 GMT";
const reset = String(Date.parse(date) / 1000 + 90);
const limits: [name: string, error: Error, seconds: number | null][] = [
  ["a secondary limit that names its time", http(403, { "retry-after": "37" }, "You have exceeded a secondary rate limit"), 37],
  ["429 that names its time", http(429, { "retry-after": "5" }), 5],
  ["a wait of nothing is one second", http(429, { "retry-after": "0" }), 1],
  ["nobody waits for days", http(429, { "retry-after": "999999" }), 3_600],
  ["a primary limit, by GitHub's own clock", http(403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, date }), 91],
  ["a secondary limit that names no time", http(403, {}, "You have exceeded a secondary rate limit"), 60],
  ["429 that says nothing", http(429), 60],
  ["a permission that is missing", http(403, { "x-ratelimit-remaining": "4999" }, "Resource not accessible by integration"), null],
  ["an outage that names its time is none", http(503, { "retry-after": "37" }), null],
  ["a GraphQL limit", graphql("RATE_LIMITED", { "x-ratelimit-reset": reset, date }), 91],
  ["another GraphQL refusal", graphql("NOT_FOUND"), null],
  ["a fault of this program", new TypeError("x is not a function"), null],
];

describe("limitOf", () => {
  it.each(limits)("%s", (_name, error, seconds) => expect(limitOf(error)).toBe(seconds));
});

describe("waitOf", () => {
  it("takes an outage by its word", () => expect(waitOf(http(503, { "retry-after": "37" }))).toBe(37));
  it("is nothing where GitHub names none", () => expect(waitOf(http(500))).toBe(0));
});

describe("failureText", () => {
  it.each([
    [http(502), "GitHub answered 502 to GET /repos/acme/control/pulls/7"],
    [
      http(429, { "retry-after": "37" }),
      "GitHub answered 429 to GET /repos/acme/control/pulls/7: its rate limit is reached, and it wants 37 seconds without requests",
    ],
    [graphql("NOT_FOUND"), "GitHub refused a GraphQL query: no‹U+001B›[2J such thing"],
    [
      Object.assign(new Error("socket hang up"), { name: "HttpError", status: 500, request: { method: "PUT", url } }),
      "GitHub could not be reached for PUT /repos/acme/control/pulls/7",
    ],
  ])("%s", (error, text) => {
    expect(failureText(error)).toBe(text);
    expect(isOfGitHub(error)).toBe(true);
  });
});

describe("learn", () => {
  const failing = (error: Error) => async (): Promise<never> => {
    throw error;
  };
  it("makes an unknown of a refusal, in better words where there are any", async () => {
    expect(await learn(failing(http(404)))).toEqual({ known: false, reason: "GitHub answered 404 to GET /repos/acme/control/pulls/7" });
    const noTeam = unknown("no such team", "an owner: make it");
    expect(await learn(failing(http(404)), { 404: noTeam })).toEqual({ known: false, reason: "no such team", way: "an owner: make it" });
  });
  it("tells what the App may not do from what may pass, and says who lets it", async () => {
    const way = "an administrator: accept the permissions that the App asks for (those of app.yml), in the settings under GitHub Apps";
    const forbidden = "Resource not accessible by integration";
    expect(await learn(failing(http(403, {}, forbidden)))).toEqual({
      known: false,
      reason: `GitHub answered 403 to GET /repos/acme/control/pulls/7 (${forbidden}): the App may not do this until an administrator lets it`,
      way,
    });
    expect(await learn(failing(graphql("FORBIDDEN")))).toEqual({
      known: false,
      reason: `GitHub refused a GraphQL query: no‹U+001B›[2J such thing: the App may not do this until an administrator lets it`,
      way,
    });
    for (const passing of [http(404), http(502), graphql("INTERNAL"), new TypeError("terminated")])
      expect(await learn(failing(passing))).not.toHaveProperty("way");
  });
  it("throws on a rate limit, which says nothing about the value", async () => {
    await expect(learn(failing(http(403, { "retry-after": "37" })), { 403: unknown("no permission") })).rejects.toThrow("no");
  });
  it("throws on a fault of this program", async () => {
    await expect(learn(failing(new TypeError("x is not a function")))).rejects.toThrow("x is not a function");
  });
});
