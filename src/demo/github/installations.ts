import { covers, must, repoByName } from "./lookup.ts";
import { installationPayload, installationRepositoriesPayload } from "./payloads.ts";
import type { App, Installation, Repo } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** What an account's owner does with an App that is installed there: each tells the App, whatever it subscribed to. */
export interface Installations {
  /** Its tokens are refused and it hears of nothing, until the suspension ends. */
  suspend(installation: Installation): void;
  unsuspend(installation: Installation): void;
  /** Its tokens are worth nothing any more. */
  uninstall(installation: Installation): void;
  /** Names of the account's repositories that the App loses. Where it had all of them, it keeps the others alone. */
  removeRepositories(installation: Installation, ...names: string[]): void;
  addRepositories(installation: Installation, ...names: string[]): void;
}

export function createInstallations(world: World): Installations {
  const { state, deliveries } = world;
  const appOf = (installation: Installation): App => must(state.apps, installation.appId);
  const ownerOf = (app: App) => must(state.accounts, app.ownerId);
  const covered = (installation: Installation): Repo[] => [...state.repos.values()].filter((repo) => covers(installation, repo));
  const tell = (installation: Installation, action: Parameters<typeof installationPayload>[4]): void => {
    const app = appOf(installation);
    deliveries.send(app, "installation", installationPayload(world, installation, covered(installation), ownerOf(app), action));
  };
  const named = (installation: Installation, names: readonly string[]): Repo[] =>
    names.map((name) => {
      const repo = repoByName(state, must(state.accounts, installation.accountId).login, name);
      if (repo === undefined) throw new Error(`The installation's account has no repository ${name}.`);
      return repo;
    });
  const choose = (installation: Installation, change: { added?: Repo[]; removed?: Repo[] }): void => {
    const { added = [], removed = [] } = change;
    const ids = new Set([...covered(installation), ...added].map(({ id }) => id));
    for (const { id } of removed) ids.delete(id);
    installation.repositories = ids;
    const app = appOf(installation);
    deliveries.send(
      app,
      "installation_repositories",
      installationRepositoriesPayload(world, installation, { added, removed }, ownerOf(app)),
    );
  };
  return {
    suspend: (installation) => {
      installation.suspendedAt = stamp(world);
      tell(installation, "suspend");
    },
    unsuspend: (installation) => {
      installation.suspendedAt = null;
      tell(installation, "unsuspend");
    },
    uninstall: (installation) => {
      tell(installation, "deleted");
      state.installations.delete(installation.id);
      for (const [key, { holder }] of state.tokens)
        if (holder.kind === "installation" && holder.installationId === installation.id) state.tokens.delete(key);
    },
    removeRepositories: (installation, ...names) => choose(installation, { removed: named(installation, names) }),
    addRepositories: (installation, ...names) => choose(installation, { added: named(installation, names) }),
  };
}
