import type { Origin } from "../gate/event.ts";
import { everyPage, type AppIdentity, type Authenticate } from "./api.ts";
import { statusOf } from "./failure.ts";
import { home } from "./organisation.ts";

/** Where the App is installed and may act: the ids of its installations, without those that are suspended. */
export async function readInstallations(app: AppIdentity): Promise<number[]> {
  const api = await app.api();
  const all = await everyPage({ what: "installations of the App" }, (page) => api.rest.apps.listInstallations({ ...page }));
  return all.flatMap(({ id, suspended_at }) => ((suspended_at ?? null) === null ? [id] : []));
}

/** The repositories of one installation; nothing can land in those of the archive. */
export async function readRepositories(authenticate: Authenticate, installation: number): Promise<Origin[]> {
  const api = await authenticate(installation);
  const all = await everyPage({ what: "repositories of one installation" }, async (page) => {
    const { data, headers } = await api.rest.apps.listReposAccessibleToInstallation({ ...page });
    return { data: data.repositories, headers };
  });
  return all.flatMap(({ id, name, owner, archived }) => (archived ? [] : [{ installation, repository: { id, owner: owner.login, name } }]));
}

/** Organisations that chose the App's repositories and show it none where their policy would be. One that is public is shown to everybody. */
export async function readOrganisationsUnseen(authenticate: Authenticate, app: AppIdentity): Promise<string[]> {
  const api = await app.api();
  const all = await everyPage({ what: "installations of the App" }, (page) => api.rest.apps.listInstallations({ ...page }));
  const unseen: string[] = [];
  for (const { id, account, repository_selection, suspended_at } of all) {
    if (repository_selection === "all" || (suspended_at ?? null) !== null) continue;
    if (account === null || !("login" in account) || account.type !== "Organization") continue;
    const { login: owner } = account;
    if (!(await isShown(await authenticate(id), owner))) unseen.push(owner);
  }
  return unseen;
}

async function isShown(api: Awaited<ReturnType<Authenticate>>, owner: string): Promise<boolean> {
  try {
    await api.rest.repos.get({ owner, repo: home });
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}
