import { must, teamMembers } from "../lookup.ts";
import type { Account, Permission, Team } from "../state.ts";
import type { World } from "../world.ts";
import { nodeId, userShape } from "./account.ts";
import type { Schemas } from "./schemas.ts";

/** Organisations and their teams. https://docs.github.com/en/rest/teams/teams */

export function organizationShape(world: World, organization: Account) {
  const { login, id, node_id, avatar_url } = userShape(world, organization);
  const url = `${world.urls.api}/orgs/${login}`;
  return {
    login,
    id,
    node_id,
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url,
    description: null,
  } satisfies Schemas["organization-simple"];
}

function simpleTeamShape({ state, urls }: World, team: Team) {
  const { login, id } = must(state.accounts, team.organizationId);
  const url = `${urls.api}/organizations/${id}/team/${team.id}`;
  return {
    id: team.id,
    node_id: nodeId("T", team.id),
    name: team.name,
    slug: team.slug,
    description: null,
    privacy: team.privacy,
    notification_setting: "notifications_enabled" as const,
    // What a team may do is said for each repository; this older field always says the least.
    permission: "pull",
    url,
    html_url: `${urls.html}/orgs/${login}/teams/${team.slug}`,
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: "organization" as const,
    organization_id: id,
  } satisfies Schemas["team-simple"];
}

export function teamShape(world: World, team: Team) {
  const parent = team.parentId === null ? null : simpleTeamShape(world, must(world.state.teams, team.parentId));
  return { ...simpleTeamShape(world, team), parent } satisfies Schemas["team"];
}

/** The older names of permissions, which teams and collaborators are listed with. */
const pulls: Record<Permission, string> = {
  none: "none",
  read: "pull",
  triage: "triage",
  write: "push",
  maintain: "maintain",
  admin: "admin",
};

/** A team as a repository lists it: with what it may do there. */
export function teamWithAccessShape(world: World, team: Team, access: Permission) {
  return { ...teamShape(world, team), permission: pulls[access] } satisfies Schemas["team"];
}

export function fullTeamShape(world: World, team: Team) {
  const organization = must(world.state.accounts, team.organizationId);
  return {
    ...teamShape(world, team),
    members_count: teamMembers(world.state, team).size,
    repos_count: team.access.size,
    created_at: team.createdAt,
    updated_at: team.createdAt,
    organization: {
      ...organizationShape(world, organization),
      name: organization.name ?? organization.login,
      is_verified: false,
      has_organization_projects: false,
      has_repository_projects: false,
      public_repos: 0,
      public_gists: 0,
      followers: 0,
      following: 0,
      html_url: `${world.urls.html}/${organization.login}`,
      type: "Organization",
      created_at: organization.createdAt,
      updated_at: organization.createdAt,
      archived_at: null,
    },
  } satisfies Schemas["team-full"];
}

export function organizationMembershipShape(world: World, organization: Account, member: Account, role: "member" | "admin") {
  const shape = organizationShape(world, organization);
  return {
    url: `${shape.url}/memberships/${member.login}`,
    state: "active",
    role,
    organization_url: shape.url,
    organization: shape,
    user: userShape(world, member),
  } satisfies Schemas["org-membership"];
}
