import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import { startServer, type GateServer } from "../../src/main.ts";

/** One story with nothing in place of the world but GitHub: mirror over HTTP with an installation's token, sandbox, real Puppet. */
const name = "acme/control";
let folder: string;
let github: GitHub;
let server: GateServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-real-"));
  github = await createGitHub({ folder: join(folder, "github") });
  for (const login of ["alice", "bob"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme");
  await github.repository(name);
  for (const login of ["alice", "bob"]) github.collaborator(name, login, "write");
  const facts =
    "---\nname: web1.acme.example\nvalues:\n  networking:\n    fqdn: web1.acme.example\n  os:\n    name: Debian\n    family: Debian\n";
  await github.as("bob").commit(name, {
    branch: "main",
    files: {
      "manifests/site.pp": "node 'web1.acme.example' {\n  include motd\n}\n",
      "modules/banner/manifests/init.pp": "# Nobody has it yet.\nclass banner {\n}\n",
      "modules/motd/manifests/init.pp":
        "# The message of the day.\nclass motd {\n  file { '/etc/motd':\n    ensure  => file,\n    content => \"hello\\n\",\n  }\n}\n",
      "facts/web1.acme.example.yaml": facts,
    },
    message: "begin",
  });
  const secret = "a secret for tests";
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    webhookSecret: secret,
    permissions: { contents: "write", pull_requests: "write", checks: "write", members: "read", statuses: "read", actions: "read" },
    events: ["pull_request", "pull_request_review", "issue_comment", "push", "check_run"],
  });
  github.install(app, { on: "acme" });
  const { host } = await github.listen();
  const config = readConfig({
    APP_ID: String(app.id),
    PRIVATE_KEY: app.privateKey,
    WEBHOOK_SECRET: secret,
    PUPPET_GATE_DATA: join(folder, "data"),
    PORT: "0",
    GHE_HOST: host,
    GHE_PROTOCOL: "http",
    LOG_LEVEL: "fatal",
  });
  server = await startServer(config, { throttled: false });
  github.webhooks(app, `${server.url}/api/github/webhooks`);
});
afterAll(async () => {
  await server.close();
  await github.close();
  await rm(folder, { recursive: true });
});

/** The gate's comment on a pull request. */
async function said(number: number): Promise<string> {
  const comments = await github
    .as("alice")
    .request<{ body: string; performed_via_github_app: object | null }[]>(`GET /repos/${name}/issues/${number}/comments`);
  return comments.find(({ performed_via_github_app }) => performed_via_github_app !== null)?.body ?? "";
}
const quiet = async (): Promise<void> => {
  await github.settled();
  await server.settled();
};

it("judges with real Puppet what lands, and lands it", { timeout: 120_000 }, async () => {
  const alice = github.as("alice");
  const manifest =
    "# The message of the day.\nclass motd {\n  file { '/etc/motd':\n    ensure  => file,\n    content => \"welcome\\n\",\n  }\n}\n";
  await alice.commit(name, { branch: "welcome", files: { "modules/motd/manifests/init.pp": manifest }, message: "Welcome people" });
  const { number } = await alice.openPull(name, { head: "welcome", title: "Welcome people" });
  await quiet();
  expect(await said(number)).toContain("### Waiting for review: peer");
  expect(await said(number)).toContain("**Of 1 node, 1 would change.**");
  expect(await said(number)).toContain("<sub>Catalogs of 1 node were compared. [What no catalog shows]");
  expect(await said(number)).toContain("- changed `File[/etc/motd]` `content` on `web1.acme.example`");
  expect(await said(number)).toContain("  - hello\n  + welcome");
  await github.as("bob").review(name, number, { event: "APPROVE" });
  await alice.comment(name, number, "/merge");
  await quiet();
  expect(await said(number)).toContain("What landed is what was checked, to the byte");
  expect(await said(number)).toContain("changed `File[/etc/motd]`");
});

it("case 64: of two changes that pass alone and break together, the second one does not land", { timeout: 120_000 }, async () => {
  const alice = github.as("alice");
  const open = async (branch: string, files: Record<string, string | null>): Promise<number> => {
    await alice.commit(name, { branch, files, message: branch });
    const { number } = await alice.openPull(name, { head: branch, title: branch });
    await github.as("bob").review(name, number, { event: "APPROVE" });
    return number;
  };
  const removes = await open("remove-banner", { "modules/banner/manifests/init.pp": null });
  const uses = await open("use-banner", { "manifests/site.pp": "node 'web1.acme.example' {\n  include motd\n  include banner\n}\n" });
  await quiet();
  for (const number of [removes, uses]) expect(await said(number)).toContain("### Ready: alice can say /merge");
  await alice.comment(name, removes, "/merge");
  await quiet();
  expect(await said(removes)).toContain("What landed is what was checked, to the byte");
  await alice.comment(name, uses, "/merge");
  await quiet();
  expect(await said(uses)).toContain("### Blocked: does not compile");
  expect(await said(uses)).toMatch(/\*\*fail\*\* compile: 1 node would no longer compile, first web1\.acme\.example: .*banner/u);
});
