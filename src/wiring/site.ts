import type { Config } from "../config.ts";
import type { Log } from "../engine/gate-ports.ts";
import type { Forge } from "../github/forge.ts";
import { createSignIn } from "../github/sign-in.ts";
import type { Store } from "../store/records.ts";
import { backPath } from "../web/site/sign-in.ts";
import type { SitePorts } from "../web/site/ports.ts";
import { createSite } from "../web/site/server.ts";
import { keyFor } from "./keys.ts";

export interface SiteParts {
  store: Store;
  forge: Pick<Forge, "permissionOf">;
  now: () => Date;
  log: Log;
  fetch: typeof fetch;
}

/** The pages; null where the environment asks for none. */
export function siteOf(config: Config, parts: SiteParts): ReturnType<typeof createSite> | null {
  const { pages, url, github } = config;
  const ports = portsOf(config, parts);
  if (pages === undefined) return null;
  if (pages.kind === "local") return createSite({ ...ports, signIn: null }, { key: keyFor(config, "sessions"), url: null });
  if (url === undefined) throw new Error("pages to sign in to came past the environment's door without an address");
  const client = { id: pages.clientId, secret: pages.clientSecret, back: `${url}${backPath}` };
  return createSite({ ...ports, signIn: createSignIn(github, client, parts.fetch) }, { key: keyFor(config, "sessions"), url });
}

function portsOf({ github }: Config, { store: { records }, forge, now, log }: SiteParts): Omit<SitePorts, "signIn"> {
  return {
    repositories: () => records.allOrigins(),
    permissionOf: (origin, person) => forge.permissionOf(origin, person),
    changes: (repository, asked) => records.listChanges(repository, asked),
    change: async (repository, number) => {
      const row = await records.showChange(repository, number);
      if (row === null) return null;
      const kept = await records.findChange({ repository, number });
      const entries = await records.entriesOf(repository, `pull/${number}`);
      return {
        ...row,
        answers: kept?.answers ?? [],
        entries: entries.map(({ seq, entry: { kind, at } }) => ({ seq, kind, at })),
      };
    },
    reportOf: async (repository, number) => {
      const pair = (await records.findChange({ repository, number }))?.pair ?? null;
      const found = pair === null ? null : await records.findCheck({ repository, number }, pair);
      return found?.result.ok === true ? found.result.checked.report : null;
    },
    github: github.html,
    now,
    log,
  };
}
