import { generateKeyPairSync } from "node:crypto";
import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AppIdentity, Place } from "../../src/github/api.ts";
import { createApp } from "../../src/github/app.ts";
import { limitOf } from "../../src/github/failure.ts";
import { mergePull, treeOf } from "../../src/github/merge.ts";
import { head, merge as mergeOf, tree } from "../gate/world.ts";

/** Single odd answers of GitHub to a merge. Each is asked for once: a second request would find no answer here and fail. */
const api = "https://api.github.com";
const path = "/repos/acme/control/pulls/7/merge";
const merge = mergeOf({ method: "squash", landing: "api" });
let place: Place;
let app: AppIdentity;

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
  app = { id: 1, slug: async () => "puppet-gate", api: () => probot.auth() };
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
  it("asks for exactly this head, by this method, with this message", async () => {
    nock(api)
      .put(path, { sha: head, merge_method: "squash", commit_title: merge.message.title, commit_message: merge.message.body })
      .reply(200, { merged: true, sha: tree, message: "Pull Request successfully merged" });
    expect(await mergePull(place, app, 7, merge)).toEqual({ kind: "merged", sha: tree });
  });

  it.each([
    [405, "Base branch was modified. Review and try the merge again.", "base-moved"],
    [409, "Head branch was modified. Review and try the merge again.", "head-moved"],
    [422, "Validation Failed.", "other"],
  ])("case 60 and 61: %i %s", async (status, message, reason) => {
    nock(api).put(path).reply(status, { message });
    expect(await mergePull(place, app, 7, merge)).toEqual({ kind: "refused", reason, text: `GitHub refused the merge: ${message}` });
  });

  it.each([
    [405, "Pull Request is not mergeable", "is not mergeable. Merge main into your branch, mend what conflicts there, and push."],
    [
      405,
      "Repository rule violations found\n\nAt least 1 approving review is required by reviewers with write access.\n\n",
      "found At least 1 approving review is required by reviewers with write access. The App is bound by the rules of main: an administrator has to add puppet-gate to the bypass list of the ruleset",
    ],
    [
      405,
      'Required status check "ci" is expected.',
      "is expected. The App is bound by the rules of main: an administrator has to add puppet-gate",
    ],
    [
      405,
      "Squash merges are not allowed on this repository.",
      'main takes no change by "squash": say /merge merge or /merge rebase instead',
    ],
    [405, "Changes must be made through the merge queue", 'has to take the rule "Require merge queue" away, or put puppet-gate on'],
    [403, "Resource not accessible by integration", 'has to accept the permissions that puppet-gate asks for ("Contents: write"'],
    [
      403,
      "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml` without `workflows` permission",
      'an administrator can grant puppet-gate "Workflows: write", or merge this one by hand.',
    ],
  ])("says what to do about %i %s", async (status, message, words) => {
    nock(api).put(path).reply(status, { message });
    const outcome = await mergePull(place, app, 7, merge);
    expect(outcome).toMatchObject({ kind: "refused", reason: "other" });
    expect(outcome.kind === "refused" && outcome.text).toContain(words);
  });

  it("leaves the messages of rebased commits as they are", async () => {
    nock(api).put(path, { sha: head, merge_method: "rebase" }).reply(200, { merged: true, sha: tree, message: "" });
    expect(await mergePull(place, app, 7, { ...merge, method: "rebase" })).toEqual({ kind: "merged", sha: tree });
  });

  it("throws on a rate limit, after which nothing was merged", async () => {
    nock(api).put(path).reply(403, { message: "You have exceeded a secondary rate limit" }, { "retry-after": "37" });
    const error = await mergePull(place, app, 7, merge).catch((thrown: unknown) => thrown);
    expect(limitOf(error)).toBe(37);
  });

  it.each([500, 502, 503, 504])("case 62: after a %i nobody knows", async (status) => {
    nock(api).put(path).reply(status, "<html>");
    expect(await mergePull(place, app, 7, merge)).toEqual({ kind: "unclear", text: `GitHub answered ${status} to PUT ${path}` });
  });

  it("case 62: after a connection that broke nobody knows", async () => {
    nock(api)
      .put(path)
      .replyWithError(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    expect(await mergePull(place, app, 7, merge)).toEqual({ kind: "unclear", text: `GitHub could not be reached for PUT ${path}` });
  });

  it("does not call merged what GitHub does not", async () => {
    nock(api).put(path).reply(200, { merged: false, sha: "", message: "no" });
    expect(await mergePull(place, app, 7, merge)).toMatchObject({ kind: "refused" });
  });
});

describe("treeOf", () => {
  it("is unknown, and never empty, when GitHub does not answer", async () => {
    nock(api).get(`/repos/acme/control/commits/${head}?per_page=1`).reply(500);
    expect(await treeOf(place, head)).toEqual({ known: false, reason: `GitHub answered 500 to GET /repos/acme/control/commits/${head}` });
  });
});
