import { expect, test } from "vitest";
import { repo, setStage, type Stage } from "./stage.ts";

/** Who belongs where, and what follows for permissions. */

const granted = { checks: "write", contents: "write", issues: "write", pull_requests: "write", members: "read" } as const;
const sre = { org: "acme", team_slug: "sre" };

async function withTeams(): Promise<Stage> {
  const stage = await setStage({ granted, events: ["member", "membership", "organization", "team"] });
  const { github } = stage;
  github.user("dave");
  github.team("acme/operations", { maintainers: ["carol"] });
  github.team("acme/sre", { members: ["alice"], pending: ["dave"], parent: "operations" });
  await github.settled();
  stage.received.length = 0;
  return stage;
}

test("members of the teams below are members of a team, page by page", async () => {
  const stage = await withTeams();
  const octokit = stage.octokit();
  stage.github.team("acme/night", { members: ["bob"], parent: "sre" });
  const { data: team } = await octokit.rest.teams.getByName(sre);
  expect(team).toMatchObject({ slug: "sre", privacy: "closed", parent: { slug: "operations" }, members_count: 2 });
  const logins = async (slug: string): Promise<string[]> =>
    (await octokit.paginate(octokit.rest.teams.listMembersInOrg, { org: "acme", team_slug: slug, per_page: 1 })).map(({ login }) => login);
  expect(await logins("operations")).toEqual(["alice", "bob", "carol"]);
  expect(await logins("sre")).toEqual(["alice", "bob"]);
  expect(await logins("night")).toEqual(["bob"]);
  const { data: below } = await octokit.rest.teams.listChildInOrg({ org: "acme", team_slug: "operations" });
  expect(below.map(({ slug }) => slug)).toEqual(["sre"]);
});

test.each([
  { login: "alice", team_slug: "sre", expected: { state: "active", role: "member" } },
  { login: "alice", team_slug: "operations", expected: { state: "active", role: "member" } },
  { login: "carol", team_slug: "operations", expected: { state: "active", role: "maintainer" } },
  { login: "dave", team_slug: "sre", expected: { state: "pending", role: "member" } },
])("$login in $team_slug is $expected.state", async ({ login, team_slug, expected }) => {
  const stage = await withTeams();
  const { data } = await stage.octokit().rest.teams.getMembershipForUserInOrg({ org: "acme", team_slug, username: login });
  expect(data).toMatchObject(expected);
});

test.each([
  { name: "bob, who is in no team", ask: { ...sre, username: "bob" }, status: 404 },
  { name: "a person who does not exist", ask: { ...sre, username: "nobody" }, status: 404 },
  { name: "a team that does not exist", ask: { org: "acme", team_slug: "none", username: "alice" }, status: 404 },
  { name: "an organisation without the App", ask: { org: "other", team_slug: "core", username: "alice" }, status: 404 },
])("no membership: $name", async ({ ask, status }) => {
  const stage = await withTeams();
  stage.github.organization("other", { mallory: "admin" });
  stage.github.team("other/core", { members: ["alice"] });
  await expect(stage.octokit().rest.teams.getMembershipForUserInOrg(ask)).rejects.toMatchObject({ status });
});

test("without the permission, teams are refused", async () => {
  const stage = await setStage();
  stage.github.team("acme/sre", { members: ["alice"] });
  await expect(stage.octokit().rest.teams.getByName(sre)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining("Resource not accessible by integration"),
  });
});

test("a secret team is seen by its members and by owners", async () => {
  const { github } = await withTeams();
  github.team("acme/secret", { members: ["bob"], privacy: "secret" });
  const sees = async (login: string): Promise<unknown> => github.as(login).request("GET /orgs/acme/teams/secret");
  expect(await sees("bob")).toMatchObject({ privacy: "secret" });
  expect(await sees("carol")).toMatchObject({ slug: "secret" });
  await expect(sees("alice")).rejects.toMatchObject({ status: 404 });
  await expect(github.as("mallory").request("GET /orgs/acme/teams/sre")).rejects.toMatchObject({ status: 404 });
});

test("a team's access is its members' and those of the teams below", async () => {
  const stage = await withTeams();
  const { github } = stage;
  github.collaborator("acme/control", "alice", "none");
  const role = async (): Promise<string> =>
    (await stage.octokit().rest.repos.getCollaboratorPermissionLevel({ ...repo, username: "alice" })).data.role_name;
  expect(await role()).toBe("none");
  github.teamAccess("acme/operations", "acme/control", "write");
  expect(await role()).toBe("write");
  await github.as("alice").commit("acme/control", { branch: "team", files: { t: "t" }, message: "By team" });
  github.collaborator("acme/control", "alice", "read");
  expect(await role()).toBe("write");
  github.removeFromTeam("acme/sre", "alice");
  expect(await role()).toBe("read");
});

test("leaving the organisation leaves its teams; each step is told", async () => {
  const stage = await withTeams();
  const { github } = stage;
  github.addToTeam("acme/operations", "bob");
  github.teamAccess("acme/operations", "acme/control", "maintain");
  github.teamAccess("acme/operations", "acme/control", "none");
  github.collaborator("acme/control", "bob", "read");
  github.collaborator("acme/control", "bob", "none");
  github.leaveOrganization("acme", "alice");
  await github.settled();
  expect(stage.told()).toEqual([
    "organization.member_added",
    "membership.added",
    "team.added_to_repository",
    "team.removed_from_repository",
    "member.edited",
    "member.removed",
    "membership.removed",
    "organization.member_removed",
  ]);
  const payloads = stage.received.map(({ body }) => JSON.parse(body) as object);
  expect(payloads[1]).toMatchObject({
    scope: "team",
    member: { login: "bob" },
    team: { slug: "operations" },
    organization: { login: "acme" },
  });
  expect(payloads[4]).toMatchObject({ changes: { permission: { from: "write", to: "read" } }, repository: { full_name: "acme/control" } });
  await expect(stage.octokit().rest.orgs.getMembershipForUser({ org: "acme", username: "alice" })).rejects.toMatchObject({ status: 404 });
  await expect(stage.octokit().rest.teams.getMembershipForUserInOrg({ ...sre, username: "alice" })).rejects.toMatchObject({ status: 404 });
});

test("an App finds its installations, and none where it is not installed", async () => {
  const stage = await withTeams();
  stage.github.organization("other", { mallory: "admin" });
  const octokit = stage.octokit({ appId: stage.app.id, privateKey: stage.app.privateKey });
  expect((await octokit.rest.apps.getOrgInstallation({ org: "acme" })).data.id).toBe(stage.installation.id);
  await expect(octokit.rest.apps.getOrgInstallation({ org: "other" })).rejects.toMatchObject({ status: 404 });
});
