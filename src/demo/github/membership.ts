import { emit } from "./events.ts";
import { accountByLogin, must, repoByName, same } from "./lookup.ts";
import { collaboratorPayload, membershipChanged, organizationChanged, ownerOf, teamChanged } from "./organization-events.ts";
import type { Account, Permission, Repo, Team } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** Who belongs to an organisation and its teams and who may do what, changed before a story or in the midst of it. */

export interface TeamRequest {
  members?: readonly string[];
  maintainers?: readonly string[];
  /** Invited, and without an answer so far: neither members of the team nor of the organisation. */
  pending?: readonly string[];
  /** Slug of the team above, of the same organisation. */
  parent?: string;
  /** `closed` without it: every member of the organisation sees the team. */
  privacy?: "closed" | "secret";
}

/** Teams are named `organisation/slug`, repositories `owner/name`. Each of these sends its webhooks. */
export interface Memberships {
  /** Members of a team are members of its organisation; who is not yet becomes one. */
  team(name: string, request?: TeamRequest): Team;
  removeTeam(name: string): void;
  addToTeam(name: string, login: string, role?: "member" | "maintainer"): void;
  removeFromTeam(name: string, login: string): void;
  /** What a team may do with a repository; `none` takes its access away. */
  teamAccess(name: string, repo: string, permission: Permission): void;
  joinOrganization(organization: string, login: string, role?: "member" | "admin"): void;
  /** Leaves the organisation and all its teams. */
  leaveOrganization(organization: string, login: string): void;
  /** What a person may do with a repository by themself; `none` takes their access away. */
  collaborator(name: string, login: string, permission: Permission): void;
}

export function createMemberships(world: World): Memberships {
  const { state } = world;
  const account = (login: string): Account => known(accountByLogin(state, login), `account ${login}`);
  const repository = (name: string): Repo => {
    const [owner = "", short = ""] = name.split("/");
    return known(repoByName(state, owner, short), `repository ${name}`);
  };
  const teamOf = (name: string): Team => {
    const [login = "", slug = ""] = name.split("/");
    return known(findTeam(world, account(login), slug), `team ${name}`);
  };
  const join = (organization: Account, person: Account, role: "member" | "admin"): void => {
    organization.members.set(person.id, role);
    organizationChanged(world, organization, person, "member_added");
  };
  const enter = (team: Team, person: Account, role: "member" | "maintainer"): void => {
    const organization = must(state.accounts, team.organizationId);
    if (!organization.members.has(person.id)) join(organization, person, "member");
    const before = team.members.get(person.id);
    team.members.set(person.id, { role, state: "active" });
    if (before?.state !== "active") membershipChanged(world, team, person, "added");
  };
  const quit = (team: Team, person: Account): void => {
    const before = team.members.get(person.id);
    team.members.delete(person.id);
    if (before?.state === "active") membershipChanged(world, team, person, "removed");
  };
  const teamsIn = (organization: Account): Team[] =>
    state.teams
      .values()
      .filter((team) => team.organizationId === organization.id)
      .toArray();

  return {
    team: (name, request = {}) => {
      const [login = "", slug = ""] = name.split("/");
      const organization = account(login);
      if (organization.type !== "Organization" || slug === "") throw new Error(`"${name}" is not ORGANISATION/SLUG.`);
      if (findTeam(world, organization, slug) !== undefined) throw new Error(`There is a team ${name} already.`);
      const team: Team = {
        id: state.ids.next(),
        organizationId: organization.id,
        parentId: request.parent === undefined ? null : teamOf(`${login}/${request.parent}`).id,
        name: slug,
        slug: slug.toLowerCase(),
        privacy: request.privacy ?? "closed",
        members: new Map(),
        access: new Map(),
        createdAt: stamp(world),
      };
      state.teams.set(team.id, team);
      teamChanged(world, team, { action: "created" });
      for (const member of request.members ?? []) enter(team, account(member), "member");
      for (const maintainer of request.maintainers ?? []) enter(team, account(maintainer), "maintainer");
      for (const invited of request.pending ?? []) team.members.set(account(invited).id, { role: "member", state: "pending" });
      return team;
    },
    removeTeam: (name) => {
      const remove = (team: Team): void => {
        // Those below it go with it.
        for (const child of [...state.teams.values()].filter(({ parentId }) => parentId === team.id)) remove(child);
        for (const repo of state.repos.values()) for (const pull of repo.pulls.values()) pull.requestedTeams.delete(team.id);
        teamChanged(world, team, { action: "deleted" });
        state.teams.delete(team.id);
      };
      remove(teamOf(name));
    },
    addToTeam: (name, login, role = "member") => enter(teamOf(name), account(login), role),
    removeFromTeam: (name, login) => quit(teamOf(name), account(login)),
    teamAccess: (name, repoName, permission) => {
      const team = teamOf(name);
      const repo = repository(repoName);
      if (repo.ownerId !== team.organizationId) throw new Error(`${repoName} is not of the organisation of ${name}.`);
      const before = team.access.has(repo.id);
      if (permission === "none") team.access.delete(repo.id);
      else team.access.set(repo.id, permission);
      if (before !== team.access.has(repo.id))
        teamChanged(world, team, { action: before ? "removed_from_repository" : "added_to_repository", repo });
    },
    joinOrganization: (login, person, role = "member") => join(account(login), account(person), role),
    leaveOrganization: (login, person) => {
      const organization = account(login);
      const member = account(person);
      if (!organization.members.has(member.id)) throw new Error(`${person} is no member of ${login}.`);
      for (const team of teamsIn(organization)) quit(team, member);
      organizationChanged(world, organization, member, "member_removed");
      organization.members.delete(member.id);
    },
    collaborator: (name, login, permission) => {
      const repo = repository(name);
      const person = account(login);
      const before = repo.collaborators.get(person.id) ?? "none";
      if (permission === before) return;
      if (permission === "none") repo.collaborators.delete(person.id);
      else repo.collaborators.set(person.id, permission);
      const owner = must(state.accounts, repo.ownerId);
      const sender = owner.type === "Organization" ? ownerOf(world, owner) : owner;
      const change = collaboratorChange(before, permission);
      emit(world, repo, sender, "member", collaboratorPayload(world, person, change));
    },
  };
}

function collaboratorChange(from: Permission, to: Permission): Parameters<typeof collaboratorPayload>[2] {
  if (to === "none") return { action: "removed" };
  return from === "none" ? { action: "added", to } : { action: "edited", from, to };
}

export function findTeam({ state }: World, organization: Account, slug: string): Team | undefined {
  return state.teams.values().find((team) => team.organizationId === organization.id && same(team.slug, slug));
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`The stand-in has no ${what}.`);
  return found;
}
