import { createProbot } from "probot";
import { expect, test } from "vitest";
import { createOctokit, openChange, repo, secret, setStage, type Stage } from "./stage.ts";

/** The same over HTTP, laid out as GitHub Enterprise Server is, with Probot as the client. */

test("Probot finds its API under GHE_HOST, and acts as the installation", async () => {
  const stage = await setStage();
  const { number, head } = await openChange(stage);
  const { origin, host } = await stage.github.listen();
  const { id, privateKey } = stage.app;
  const env = {
    APP_ID: String(id),
    PRIVATE_KEY: privateKey,
    WEBHOOK_SECRET: secret,
    GHE_HOST: host,
    GHE_PROTOCOL: "http",
    LOG_LEVEL: "fatal" as const,
  };
  const probot = createProbot({ env });
  const octokit = await probot.auth(stage.installation.id);
  const { data } = await octokit.rest.pulls.get({ ...repo, pull_number: number });
  expect(data).toMatchObject({
    url: `${origin}/api/v3/repos/acme/control/pulls/${number}`,
    head: { sha: head, repo: { clone_url: `${origin}/acme/control.git` } },
  });
  const pages = await octokit.paginate(octokit.rest.pulls.list, { ...repo, per_page: 1 });
  expect(pages).toHaveLength(1);
});

test("an App finds its installation and narrows its token", async () => {
  const stage = await setStage();
  const { origin } = await stage.github.listen();
  const octokit = createOctokit({ auth: { appId: stage.app.id, privateKey: stage.app.privateKey }, baseUrl: `${origin}/api/v3` });
  expect((await octokit.rest.apps.getAuthenticated()).data).toMatchObject({ slug: "puppet-gate", id: stage.app.id });
  const { data: found } = await octokit.rest.apps.getRepoInstallation(repo);
  expect(found).toMatchObject({ id: stage.installation.id, app_slug: "puppet-gate", permissions: { checks: "write", metadata: "read" } });
  expect((await octokit.rest.apps.listInstallations()).data).toMatchObject([{ id: found.id }]);
  const narrow = { installation_id: found.id, repositories: ["control"], permissions: { pull_requests: "read" as const } };
  const { data: token } = await octokit.rest.apps.createInstallationAccessToken(narrow);
  expect(token).toMatchObject({ permissions: { metadata: "read", pull_requests: "read" }, repository_selection: "selected" });
  const narrowed = await fetch(`${origin}/api/v3/installation/repositories`, { headers: { authorization: `token ${token.token}` } });
  expect(await narrowed.json()).toMatchObject({ total_count: 1, repositories: [{ full_name: "acme/control" }] });
});

test("webhooks go to an address", async () => {
  const stage = await setStage();
  const { origin } = await stage.github.listen();
  // Any server that answers will do to see that a request was made; this one knows no such page.
  stage.github.webhooks(stage.app, `${origin}/webhooks`);
  await stage.github.settled();
  expect(stage.github.deliveries().at(-1)).toMatchObject({ event: "ping", status: 404, failure: null });
});

const roles = [
  { login: "carol", collaborator: null, permission: "admin", role_name: "admin" },
  { login: "alice", collaborator: null, permission: "write", role_name: "write" },
  { login: "mallory", collaborator: null, permission: "none", role_name: "none" },
  { login: "mallory", collaborator: "triage", permission: "read", role_name: "triage" },
  { login: "mallory", collaborator: "maintain", permission: "write", role_name: "maintain" },
] as const;

test.each(roles)("$login as $collaborator has the permission $permission", async ({ login, collaborator, permission, role_name }) => {
  const stage: Stage = await setStage();
  if (collaborator !== null) stage.github.collaborator("acme/control", login, collaborator);
  const { data } = await stage.octokit().rest.repos.getCollaboratorPermissionLevel({ ...repo, username: login });
  expect(data).toMatchObject({ permission, role_name, user: { login, id: stage.github.as(login).account.id } });
});
