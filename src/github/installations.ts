import type { Origin } from "../gate/event.ts";
import { everyPage, type AppIdentity, type Authenticate } from "./api.ts";

/** Where the App is installed and may act: the ids of its installations, without those that are suspended. */
export async function readInstallations(app: AppIdentity): Promise<number[]> {
  const api = await app.api();
  const all = await everyPage((page) => api.rest.apps.listInstallations({ ...page }));
  return all.flatMap(({ id, suspended_at }) => ((suspended_at ?? null) === null ? [id] : []));
}

/** The repositories of one installation; nothing can land in those of the archive. */
export async function readRepositories(authenticate: Authenticate, installation: number): Promise<Origin[]> {
  const api = await authenticate(installation);
  const all = await everyPage(async (page) => {
    const { data, headers } = await api.rest.apps.listReposAccessibleToInstallation({ ...page });
    return { data: data.repositories, headers };
  });
  return all.flatMap(({ id, name, owner, archived }) => (archived ? [] : [{ installation, repository: { id, owner: owner.login, name } }]));
}
