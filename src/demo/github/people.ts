import { accountByLogin } from "./lookup.ts";
import type { Account } from "./state.ts";
import type { World } from "./world.ts";

/** Accounts that change in the midst of a story. */

export interface People {
  /** The login changes and the id stays; another account may take the old login. */
  renameUser(login: string, to: string): void;
  /**
   * Deletes an account: it leaves its organisations, teams and repositories, its tokens end, and what it did is the ghost's, or
   * nobody's. https://docs.github.com/en/account-and-profile/concepts/personal-account-management#deletion-of-your-personal-account
   */
  deleteUser(login: string): void;
}

export function createPeople({ state }: World): People {
  const account = (login: string): Account => {
    const found = accountByLogin(state, login);
    if (found === undefined) throw new Error(`The stand-in has no account ${login}.`);
    return found;
  };
  return {
    renameUser: (login, to) => {
      const person = account(login);
      if (accountByLogin(state, to) !== undefined) throw new Error(`There is an account ${to} already.`);
      person.login = to;
    },
    deleteUser: (login) => {
      const person = account(login);
      person.deleted = true;
      for (const organization of state.accounts.values()) organization.members.delete(person.id);
      for (const team of state.teams.values()) team.members.delete(person.id);
      for (const repo of state.repos.values()) {
        repo.collaborators.delete(person.id);
        for (const pull of repo.pulls.values()) pull.requestedReviewers.delete(person.id);
      }
      for (const [key, { holder }] of state.tokens) if (holder.kind === "user" && holder.accountId === person.id) state.tokens.delete(key);
    },
  };
}
