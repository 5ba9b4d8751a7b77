import { unknown, type Facts, type Known, type Permission, type Person } from "./facts.ts";

/** What people may do in the repository, and which sets of people they belong to. */

export const mayWrite = (permission: Permission): boolean => permission === "admin" || permission === "write";

export const permissionOf = (person: Person, facts: Facts): Known<Permission> =>
  facts.permissions.get(person.id) ?? unknown("it was not asked for");

/** Users by login, teams as `acme/sre`, both without `@`; GitHub compares them without regard to case. */
export interface People {
  users: readonly string[];
  teams: readonly string[];
}

/** Whether a person is one of these; unknown only where no set that is known has them. */
export function isOneOf(person: Person, { users, teams }: People, facts: Facts): Known<boolean> {
  const login = person.login.toLowerCase();
  if (users.some((user) => user.toLowerCase() === login)) return { known: true, value: true };
  const asked = teams.map((team) => [team, facts.teams.get(team.toLowerCase())] as const);
  if (asked.some(([, members]) => members?.known === true && members.value.has(person.id))) return { known: true, value: true };
  for (const [team, members] of asked) {
    const open = members ?? unknown("it was not asked for");
    if (!open.known) return unknown(`who is in @${team} could not be learnt: ${open.reason}`, open.way);
  }
  return { known: true, value: false };
}

/** `@ann or @acme/sre`, as a policy writes them. */
export const namesOf = ({ users, teams }: People): string[] => [...users, ...teams].map((name) => `@${name}`);

/** Sets of people as a policy's `owners` name them: `@ann`, `@acme/web`. */
export function peopleOf(owners: readonly string[]): People {
  const names = owners.map((owner) => owner.replace(/^@/u, ""));
  return { users: names.filter((name) => !name.includes("/")), teams: names.filter((name) => name.includes("/")) };
}
