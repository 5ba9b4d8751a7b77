import { generateKeyPairSync } from "node:crypto";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Place } from "../../src/github/api.ts";
import { createApp } from "../../src/github/app.ts";
import { mergePull, treeOf } from "../../src/github/merge.ts";
import { head, merge as mergeOf, tree } from "../gate/world.ts";

/** Single odd answers of GitHub to a merge. Each is asked for once: a second request would find no answer here and fail. */
const api = "https://api.github.com";
const path = "/repos/acme/control/pulls/7/merge";
const merge = mergeOf({ method: "squash" });
let place: Place;

beforeAll(async () => {
  nock.disableNetConnect();
  const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const probot = await createApp({
    id: 1,
    privateKey,
    webhookSecret: "s".repeat(20),
    api,
    logLevel: "fatal",
    fetch: (...asked) => fetch(...asked),
    throttled: false,
  });
  nock(api)
    .post("/app/installations/5/access_tokens")
    .reply(201, { token: "ghs_x", expires_at: new Date(Date.now() + 3_600_000).toISOString(), permissions: {} });
  place = { api: await probot.auth(5), repo: { owner: "acme", repo: "control" } };
  nock(api).get("/warm").reply(200, {});
  await place.api.request("GET /warm");
});
afterEach(() => {
  if (!nock.isDone()) throw new Error(`never asked for: ${nock.pendingMocks().join(", ")}`);
});
afterAll(() => {
  nock.cleanAll();
  nock.restore();
});

describe("mergePull", () => {
  it("asks for exactly this head, by this method", async () => {
    nock(api)
      .put(path, { sha: head, merge_method: "squash" })
      .reply(200, { merged: true, sha: tree, message: "Pull Request successfully merged" });
    expect(await mergePull(place, 7, merge)).toEqual({ kind: "merged", sha: tree });
  });

  it.each([
    [405, "Pull Request is not mergeable", "other"],
    [405, "Base branch was modified. Review and try the merge again.", "base-moved"],
    [409, "Head branch was modified. Review and try the merge again.", "head-moved"],
    [422, "Validation Failed", "other"],
    [403, "Resource not accessible by integration", "other"],
  ])("case 60 and 61: %i %s", async (status, message, reason) => {
    nock(api).put(path).reply(status, { message });
    expect(await mergePull(place, 7, merge)).toEqual({ kind: "refused", reason, text: `GitHub refused the merge: ${message}` });
  });

  it.each([500, 502, 503, 504])("case 62: after a %i nobody knows", async (status) => {
    nock(api).put(path).reply(status, "<html>");
    expect(await mergePull(place, 7, merge)).toEqual({ kind: "unclear", text: `GitHub answered ${status} to PUT ${path}` });
  });

  it("case 62: after a connection that broke nobody knows", async () => {
    nock(api)
      .put(path)
      .replyWithError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    expect(await mergePull(place, 7, merge)).toEqual({ kind: "unclear", text: `GitHub could not be reached for PUT ${path}` });
  });

  it("does not call merged what GitHub does not", async () => {
    nock(api).put(path).reply(200, { merged: false, sha: "", message: "no" });
    expect(await mergePull(place, 7, merge)).toMatchObject({ kind: "refused" });
  });
});

describe("treeOf", () => {
  it("is unknown, and never empty, when GitHub does not answer", async () => {
    nock(api).get(`/repos/acme/control/commits/${head}?per_page=1`).reply(500);
    expect(await treeOf(place, head)).toEqual({ known: false, reason: `GitHub answered 500 to GET /repos/acme/control/commits/${head}` });
  });
});
