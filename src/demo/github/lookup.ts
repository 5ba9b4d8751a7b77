import type { Account, Installation, Permission, Repo, State, Team } from "./state.ts";

/** Finding things in the state, by the names and ids that GitHub's addresses use. Logins and names compare without case, as on GitHub. */

export const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The thing under an id that the stand-in itself stored; its absence would be a fault of the stand-in. */
export function must<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`The stand-in lost the thing with id ${String(key)}.`);
  return value;
}

export function accountByLogin(state: State, login: string): Account | undefined {
  return state.accounts.values().find((account) => !account.deleted && same(account.login, login));
}

export function repoByName(state: State, owner: string, name: string): Repo | undefined {
  return state.repos.values().find((repo) => same(repo.name, name) && same(must(state.accounts, repo.ownerId).login, owner));
}

export function fullName(state: State, repo: Repo): string {
  return `${must(state.accounts, repo.ownerId).login}/${repo.name}`;
}

/**
 * The account a commit's address belongs to: a verified address, or one of the private ones that GitHub gives to everybody. The
 * newer of those begins with the account's id, and stays with it when the login changes.
 */
export function accountByEmail(state: State, email: string): Account | undefined {
  const [, id] = /^(\d+)\+[^@]*@users\.noreply\.(?:github\.com|127\.0\.0\.1)$/i.exec(email) ?? [];
  const addresses = (account: Account): string[] => [...account.emails, `${account.login}@users.noreply.github.com`];
  return state.accounts
    .values()
    .find((account) => !account.deleted && (account.id === Number(id) || addresses(account).some((known) => same(known, email))));
}

export function noreply(account: Account): string {
  return `${account.id}+${account.login}@users.noreply.github.com`;
}

export function covers(installation: Pick<Installation, "accountId" | "repositories">, repo: Repo): boolean {
  if (installation.accountId !== repo.ownerId) return false;
  return installation.repositories === "all" || installation.repositories.has(repo.id);
}

const levels: readonly Permission[] = ["none", "read", "triage", "write", "maintain", "admin"];

export function atLeast(has: Permission, needs: Permission): boolean {
  return levels.indexOf(has) >= levels.indexOf(needs);
}

/** What an account may do with a repository, by itself or by its teams; on a public one everybody may read. */
export function permissionOf(state: State, repo: Repo, account: Account): Permission {
  const owner = must(state.accounts, repo.ownerId);
  if (owner.id === account.id || owner.members.get(account.id) === "admin") return "admin";
  const byTeams = state.teams
    .values()
    .filter((team) => team.access.has(repo.id) && teamMembers(state, team).has(account.id))
    .map((team) => team.access.get(repo.id) ?? "none");
  return highest([repo.collaborators.get(account.id) ?? "none", repo.private ? "none" : "read", ...byTeams]);
}

export function highest(permissions: readonly Permission[]): Permission {
  return levels[Math.max(...permissions.map((permission) => levels.indexOf(permission)))] ?? "none";
}

/** Active members of a team and of all teams below it, by account id; the nearest membership gives the role. */
export function teamMembers(state: State, team: Team): Map<number, "member" | "maintainer"> {
  const below = state.teams.values().filter(({ parentId }) => parentId === team.id);
  const inherited = below.flatMap((child) => [...teamMembers(state, child).keys()].map((id) => [id, "member"] as const));
  const own = team.members
    .entries()
    .filter(([, { state: standing }]) => standing === "active")
    .map(([id, { role }]) => [id, role] as const);
  return new Map([...inherited, ...own]);
}
