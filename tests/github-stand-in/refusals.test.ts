import { createSign, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { openChange, repo, setStage, type Stage } from "./stage.ts";

/** What GitHub refuses, and in which words: each by its own route, with the status and message that the gate will meet. */

interface Refused {
  name: string;
  granted?: Record<string, "read" | "write">;
  act: (stage: Stage, change: { number: number; head: string }) => Promise<unknown>;
  status: number;
  words: RegExp;
}

const long = (size: number): string => "x".repeat(size);
const check = (head: string, output: object) => ({
  ...repo,
  name: "lint",
  head_sha: head,
  output: { title: "Lint", summary: "", ...output },
});

const cases: Refused[] = [
  {
    name: "the opener's own approval",
    act: async ({ github }, { number }) => github.as("alice").review("acme/control", number, { event: "APPROVE" }),
    status: 422,
    words: /Can not approve your own pull request/,
  },
  {
    name: "a review without words that asks for changes",
    act: async ({ github }, { number }) => github.as("bob").review("acme/control", number, { event: "REQUEST_CHANGES" }),
    status: 422,
    words: /blank/,
  },
  {
    name: "a merge of another head than the one expected",
    act: async ({ github, ...stage }, { number, head }) => {
      await github.as("alice").commit("acme/control", { branch: "change", files: { "a.txt": "other\n" }, message: "Moved" });
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, sha: head });
    },
    status: 409,
    words: /^Head branch was modified\. Review and try the merge again\./,
  },
  {
    name: "a merge that conflicts",
    act: async ({ github, ...stage }, { number }) => {
      await github.as("bob").commit("acme/control", { branch: "main", files: { "a.txt": "1\nzwei\n3\n" }, message: "Conflict" });
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number });
    },
    status: 405,
    words: /^Pull Request is not mergeable/,
  },
  {
    name: "a rebase that conflicts",
    act: async ({ github, ...stage }, { number }) => {
      await github.as("bob").commit("acme/control", { branch: "main", files: { "a.txt": "1\nzwei\n3\n" }, message: "Conflict" });
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, merge_method: "rebase" });
    },
    status: 405,
    words: /^This branch can't be rebased/,
  },
  {
    name: "a merge of a draft",
    act: async ({ github, ...stage }, { number }) => {
      await github.as("alice").setDraft("acme/control", number, true);
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number });
    },
    status: 405,
    words: /^Pull Request is still a draft/,
  },
  {
    name: "a second merge",
    act: async (stage, { number }) => {
      await stage.octokit().rest.pulls.merge({ ...repo, pull_number: number });
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number });
    },
    status: 405,
    words: /^Pull Request is not mergeable/,
  },
  {
    name: "a method that the repository does not allow",
    act: async ({ github, ...stage }, { number }) => {
      for (const entry of github.state.repos.values()) entry.mergeMethods.delete("squash");
      return stage.octokit().rest.pulls.merge({ ...repo, pull_number: number, merge_method: "squash" });
    },
    status: 405,
    words: /^Squash merges are not allowed on this repository\./,
  },
  {
    name: "a method that GitHub does not know",
    act: async (stage, { number }) => stage.octokit().request(`PUT /repos/acme/control/pulls/${number}/merge`, { merge_method: "octopus" }),
    status: 422,
    words: /^Invalid request\.\n\nFor 'properties\/merge_method'/,
  },
  {
    name: "a merge by somebody who may only read",
    act: async ({ github }, { number }) => {
      github.collaborator("acme/control", "mallory", "read");
      return github.as("mallory").merge("acme/control", number);
    },
    status: 403,
    words: /push access/,
  },
  {
    name: "a private repository, to a stranger",
    act: async ({ github }) => github.as("mallory").request("GET /repos/acme/control"),
    status: 404,
    words: /Not Found/,
  },
  {
    name: "a check run by an App that may only read them",
    granted: { checks: "read", contents: "read", pull_requests: "write" },
    act: async (stage, { head }) => stage.octokit().rest.checks.create(check(head, {})),
    status: 403,
    words: /^Resource not accessible by integration/,
  },
  {
    name: "a check run by a person",
    act: async ({ github }, { head }) => github.as("alice").request("POST /repos/acme/control/check-runs", check(head, {})),
    status: 403,
    words: /You must authenticate via a GitHub App/,
  },
  {
    name: "a reaction by an App that has issues:write alone",
    granted: { issues: "write", contents: "read" },
    act: async (stage, { number }) => {
      const comment = await stage.github.as("bob").comment("acme/control", number, "/why");
      return stage.octokit().rest.reactions.createForIssueComment({ ...repo, comment_id: Number(comment.id), content: "eyes" });
    },
    status: 403,
    words: /^Resource not accessible by integration/,
  },
  {
    name: "fifty-one annotations in one request",
    act: async (stage, { head }) => {
      const annotations = Array.from({ length: 51 }, () => ({
        path: "a.txt",
        start_line: 1,
        end_line: 1,
        annotation_level: "notice" as const,
        message: "?",
      }));
      return stage.octokit().rest.checks.create(check(head, { annotations }));
    },
    status: 422,
    words: /^Invalid request\.\n\nNo more than 50 items are allowed; 51 were supplied\./,
  },
  {
    name: "a summary of more than 65,535 characters",
    act: async (stage, { head }) => stage.octokit().rest.checks.create(check(head, { summary: long(65_536) })),
    status: 422,
    words: /^Invalid request\.\n\nOnly 65535 characters are allowed; 65536 were supplied\./,
  },
  {
    name: "a summary of fewer characters and more bytes",
    act: async (stage, { head }) => stage.octokit().rest.checks.create(check(head, { summary: "é".repeat(40_000) })),
    status: 422,
    words: /summary exceeds a maximum bytesize of 65535/,
  },
  {
    name: "a check run for a commit that is not there",
    act: async (stage) => stage.octokit().rest.checks.create(check("0".repeat(40), {})),
    status: 422,
    words: /^No commit found for SHA/,
  },
  {
    name: "a completed check run without a conclusion",
    act: async (stage, { head }) => stage.octokit().rest.checks.create({ ...check(head, {}), status: "completed" } as never),
    status: 422,
    words: /conclusion/,
  },
  {
    name: "a comment of more than 65,536 characters",
    act: async (stage, { number }) => stage.octokit().rest.issues.createComment({ ...repo, issue_number: number, body: long(65_537) }),
    status: 422,
    words: /Body is too long \(maximum is 65536 characters\)/,
  },
  {
    name: "a comment without a body",
    act: async (stage, { number }) => stage.octokit().request(`POST /repos/acme/control/issues/${number}/comments`, {}),
    status: 422,
    words: /"body" wasn't supplied\./,
  },
  {
    name: "a label's removal where it is not",
    act: async (stage, { number }) => stage.octokit().rest.issues.removeLabel({ ...repo, issue_number: number, name: "radius/large" }),
    status: 404,
    words: /^Label does not exist/,
  },
  {
    name: "a pull request that exists already",
    act: async ({ github }) => github.as("bob").openPull("acme/control", { head: "change", title: "Again" }),
    status: 422,
    words: /A pull request already exists for acme:change\./,
  },
  {
    name: "a pull request without commits",
    act: async ({ github }) => {
      await github.as("bob").moveBranch("acme/control", "same", "main");
      return github.as("bob").openPull("acme/control", { head: "same", title: "Nothing" });
    },
    status: 422,
    words: /No commits between main and same/,
  },
  {
    name: "a pull request into a branch that is not there",
    act: async ({ github }) => github.as("bob").openPull("acme/control", { head: "change", base: "production", title: "Nowhere" }),
    status: 422,
    words: /"field":"base","code":"invalid"/,
  },
  {
    name: "reopening after the branch was rebuilt",
    act: async ({ github }, { number }) => {
      const alice = github.as("alice");
      await alice.closePull("acme/control", number);
      await alice.commit("acme/control", { branch: "change", from: "main", files: { "b.txt": "b\n" }, message: "Another" });
      return alice.reopenPull("acme/control", number);
    },
    status: 422,
    words: /The change branch was force-pushed or recreated\./,
  },
  {
    name: "who may do what, to somebody without push access",
    act: async ({ github }) => {
      github.collaborator("acme/control", "mallory", "triage");
      return github.as("mallory").request("GET /repos/acme/control/collaborators/alice/permission");
    },
    status: 403,
    words: /Must have push access to view collaborator permission\./,
  },
  {
    name: "a token asked for with more than was granted",
    granted: { checks: "write" },
    act: async ({ app, installation, ...stage }) => {
      const octokit = stage.octokit({ appId: app.id, privateKey: app.privateKey });
      return octokit.rest.apps.createInstallationAccessToken({ installation_id: installation.id, permissions: { contents: "write" } });
    },
    status: 422,
    words: /The permissions requested are not granted to this installation\./,
  },
  {
    name: "another App's JWT",
    act: async ({ app, ...stage }) => {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
      return stage.octokit({ appId: app.id, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) }).rest.apps.getAuthenticated();
    },
    status: 401,
    words: /^A JSON web token could not be decoded/,
  },
  {
    name: "a JWT that lives too long",
    act: async (stage) =>
      stage.github.fetch("https://api.github.com/app", { headers: { authorization: `Bearer ${jwt(stage, 660)}` } }).then(rejectRefusal),
    status: 401,
    words: /is too far in the future/,
  },
  {
    name: "a JWT that has expired",
    act: async (stage) =>
      stage.github.fetch("https://api.github.com/app", { headers: { authorization: `Bearer ${jwt(stage, -1)}` } }).then(rejectRefusal),
    status: 401,
    words: /must be a numeric value representing the future time/,
  },
  {
    name: "what the stand-in does not serve",
    act: async (stage) => stage.octokit().request("GET /repos/acme/control/milestones"),
    status: 404,
    words: /^Not Found/,
  },
];

test.each(cases)("refused: $name", async ({ granted, act, status, words }) => {
  const stage = await setStage(granted === undefined ? {} : { granted });
  const change = await openChange(stage);
  await expect(act(stage, change)).rejects.toMatchObject({ status, message: expect.stringMatching(words) });
});

function jwt({ app }: Stage, seconds: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const present = Math.floor(Date.now() / 1000);
  const text = `${part({ alg: "RS256", typ: "JWT" })}.${part({ iss: app.id, iat: present - 60, exp: present + seconds })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(app.privateKey, "base64url")}`;
}

async function rejectRefusal(response: Response): Promise<void> {
  if (!response.ok) throw Object.assign(new Error(await response.text()), { status: response.status });
}

test("a token dies after an hour, by the story's clock", async () => {
  let present = new Date("2026-03-02T09:00:00Z");
  const stage = await setStage({ now: () => present });
  const { app, installation } = stage;
  const { data } = await stage
    .octokit({ appId: app.id, privateKey: app.privateKey })
    .rest.apps.createInstallationAccessToken({ installation_id: installation.id });
  expect(data.expires_at).toBe("2026-03-02T10:00:00Z");
  const headers = { authorization: `Bearer ${data.token}` };
  present = new Date("2026-03-02T09:59:59Z");
  expect((await stage.github.fetch("https://api.github.com/repos/acme/control", { headers })).status).toBe(200);
  present = new Date("2026-03-02T10:00:00Z");
  const late = await stage.github.fetch("https://api.github.com/repos/acme/control", { headers });
  expect([late.status, await late.json()]).toMatchObject([401, { message: "Bad credentials", status: "401" }]);
});
