import { Refusal, noContent, notFound, ok, paginate, type Answer } from "../http/answers.ts";
import { knownAccount } from "../http/actor.ts";
import { forOrganization, forRepo, type OrganizationCall, type Route } from "../http/router.ts";
import { atLeast, highest, must, permissionOf, repoByName, teamMembers } from "../lookup.ts";
import { findTeam } from "../membership.ts";
import { userShape } from "../shapes/account.ts";
import { permissionFlags, repositoryShape } from "../shapes/repository.ts";
import { fullTeamShape, organizationMembershipShape, teamShape, teamWithAccessShape } from "../shapes/team.ts";
import type { Schemas } from "../shapes/schemas.ts";
import type { Permission, State, Team } from "../state.ts";

/** Organisations' members and teams, read. https://docs.github.com/en/rest/teams, https://docs.github.com/en/rest/orgs/members */

const team = "/orgs/{org}/teams/{team_slug}";

export const teamRoutes: readonly Route[] = [
  forOrganization("GET /orgs/{org}/members", "members:read", async (call) => {
    const page = paginate([...call.organization.members.keys()], call.url);
    return { ...ok(page.items.map((id) => userShape(call.world, must(call.world.state.accounts, id)))), headers: page.headers };
  }),
  forOrganization("GET /orgs/{org}/members/{username}", "members:read", async (call) => {
    if (!call.organization.members.has(knownAccount(call.world.state, call.params["username"] ?? "").id))
      throw new Refusal(404, "User does not exist or is not a member of the organization");
    return noContent();
  }),
  forOrganization("GET /orgs/{org}/memberships/{username}", "members:read", async ({ world, organization, params }) => {
    const member = knownAccount(world.state, params["username"] ?? "");
    const role = organization.members.get(member.id);
    if (role === undefined) throw notFound();
    return ok(organizationMembershipShape(world, organization, member, role));
  }),
  forOrganization("GET /orgs/{org}/teams", "members:read", async (call) =>
    listed(
      call,
      teamsOf(call).filter((entry) => visible(call, entry)),
    ),
  ),
  forOrganization(`GET ${team}`, "members:read", async (call) => ok(fullTeamShape(call.world, theTeam(call)))),
  forOrganization(`GET ${team}/teams`, "members:read", async (call) => {
    const parent = theTeam(call);
    return listed(
      call,
      teamsOf(call).filter((entry) => entry.parentId === parent.id && visible(call, entry)),
    );
  }),
  forOrganization(`GET ${team}/members`, "members:read", members),
  forOrganization(`GET ${team}/memberships/{username}`, "members:read", membership),
  forOrganization(`GET ${team}/repos/{owner}/{repo}`, "members:read", access),
  forRepo("GET /repos/{owner}/{repo}/teams", ["administration:read"], "read", async ({ world, repo, url }) => {
    const page = paginate(
      [...world.state.teams.values()].filter((entry) => entry.access.has(repo.id)),
      url,
    );
    const items = page.items.map((entry) => teamWithAccessShape(world, entry, entry.access.get(repo.id) ?? "none"));
    return { ...ok(items), headers: page.headers };
  }),
  forRepo("GET /repos/{owner}/{repo}/collaborators", ["metadata:read"], "write", async ({ world, repo, url }) => {
    const least = url.searchParams.get("permission");
    const needed = (Object.keys(byFlag) as (keyof typeof byFlag)[]).find((name) => name === least);
    const people = world.state.accounts
      .values()
      .filter(({ type, deleted }) => type === "User" && !deleted)
      .map((account) => ({ account, role: assignedTo(world.state, account.id, permissionOf(world.state, repo, account), repo.id) }))
      .filter(({ role }) => atLeast(role, needed === undefined ? "read" : byFlag[needed]));
    const page = paginate([...people], url);
    const items = page.items.map(
      ({ account, role }) =>
        ({ ...userShape(world, account), permissions: permissionFlags(role), role_name: role }) satisfies Schemas["collaborator"],
    );
    return { ...ok(items), headers: page.headers };
  }),
];

const byFlag = { pull: "read", triage: "triage", push: "write", maintain: "maintain", admin: "admin" } as const;

/** Everybody may read a public repository; collaborators are those who were given something. */
function assignedTo(state: State, accountId: number, permission: Permission, repoId: number): Permission {
  const repo = must(state.repos, repoId);
  if (permission !== "read" || repo.private) return permission;
  const byTeam = state.teams.values().some((entry) => entry.access.has(repoId) && teamMembers(state, entry).has(accountId));
  return repo.collaborators.has(accountId) || byTeam ? permission : "none";
}

function teamsOf({ world, organization }: OrganizationCall): Team[] {
  return [...world.state.teams.values()].filter(({ organizationId }) => organizationId === organization.id);
}

/** A secret team is not there for those who are neither in it nor own the organisation. */
function visible({ world, organization, actor }: OrganizationCall, entry: Team): boolean {
  if (entry.privacy === "closed" || actor.kind !== "user") return true;
  return organization.members.get(actor.account.id) === "admin" || teamMembers(world.state, entry).has(actor.account.id);
}

function theTeam(call: OrganizationCall): Team {
  const found = findTeam(call.world, call.organization, call.params["team_slug"] ?? "");
  if (found === undefined || !visible(call, found)) throw notFound();
  return found;
}

function listed({ world, url }: OrganizationCall, teams: readonly Team[]): Answer {
  const page = paginate(teams, url);
  return { ...ok(page.items.map((entry) => teamShape(world, entry))), headers: page.headers };
}

/** Members of the teams below are listed too. https://docs.github.com/en/rest/teams/members#list-team-members */
async function members(call: OrganizationCall): Promise<Answer> {
  const { world, organization, url } = call;
  const asked = url.searchParams.get("role") ?? "all";
  const all = [...teamMembers(world.state, theTeam(call))].map(([id, role]) => ({ id, role: roleOf(organization.members.get(id), role) }));
  const page = paginate(
    all.filter(({ role }) => asked === "all" || role === asked).toSorted((a, b) => a.id - b.id),
    url,
  );
  return { ...ok(page.items.map(({ id }) => userShape(world, must(world.state.accounts, id)))), headers: page.headers };
}

/** An owner of the organisation counts as maintainer of every team they are in. */
const roleOf = (inOrganization: "member" | "admin" | undefined, role: "member" | "maintainer"): "member" | "maintainer" =>
  inOrganization === "admin" ? "maintainer" : role;

/** @see https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user */
async function membership(call: OrganizationCall): Promise<Answer> {
  const { world, organization, params } = call;
  const found = theTeam(call);
  const member = knownAccount(world.state, params["username"] ?? "");
  const inherited = teamMembers(world.state, found).get(member.id);
  const direct = found.members.get(member.id);
  const role = inherited ?? direct?.role;
  if (role === undefined) throw notFound();
  return ok({
    url: `${fullTeamShape(world, found).url}/memberships/${member.login}`,
    role: roleOf(organization.members.get(member.id), role),
    state: inherited === undefined ? "pending" : "active",
  } satisfies Schemas["team-membership"]);
}

/** @see https://docs.github.com/en/rest/teams/teams#check-team-permissions-for-a-repository */
async function access(call: OrganizationCall): Promise<Answer> {
  const { world, params } = call;
  const repo = repoByName(world.state, params["owner"] ?? "", params["repo"] ?? "");
  const granted = repo === undefined ? "none" : inheritedAccess(world.state, theTeam(call), repo.id);
  if (repo === undefined || granted === "none") throw notFound();
  return ok({ ...repositoryShape(world, repo), permissions: permissionFlags(granted), role_name: granted });
}

/** A team has the access of the teams above it, too. */
function inheritedAccess(state: State, entry: Team, repoId: number): Permission {
  const own = entry.access.get(repoId) ?? "none";
  return entry.parentId === null ? own : highest([own, inheritedAccess(state, must(state.teams, entry.parentId), repoId)]);
}
