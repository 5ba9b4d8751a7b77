import type { Config } from "../config.ts";
import type { Log } from "../engine/gate-ports.ts";
import type { Origin } from "../gate/event.ts";
import type { Known, Permission, Person } from "../gate/facts.ts";
import { createSignIn } from "../github/sign-in.ts";
import { backPath } from "../web/site/sign-in.ts";
import { createSite } from "../web/site/server.ts";
import { keyFor } from "./keys.ts";

export interface SiteParts {
  repositories: () => Promise<readonly Origin[]>;
  permissionOf: (origin: Origin, person: Person) => Promise<Known<Permission>>;
  now: () => Date;
  log: Log;
  fetch: typeof fetch;
}

/** The pages; null where the environment asks for none. */
export function siteOf(config: Config, { fetch: ask, ...parts }: SiteParts): ReturnType<typeof createSite> | null {
  const { pages, url, github } = config;
  if (pages === undefined) return null;
  if (pages.kind === "local") return createSite({ ...parts, signIn: null }, { key: keyFor(config, "sessions"), url: null });
  if (url === undefined) throw new Error("pages to sign in to came past the environment's door without an address");
  const client = { id: pages.clientId, secret: pages.clientSecret, back: `${url}${backPath}` };
  return createSite({ ...parts, signIn: createSignIn(github, client, ask) }, { key: keyFor(config, "sessions"), url });
}
