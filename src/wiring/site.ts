import type { Config } from "../config.ts";
import { askOrder } from "../engine/rollout/ask-order.ts";
import { keptStatus } from "../engine/rollout/kept-status.ts";
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
  /** Says that there is something to do. */
  nudge: () => void;
  now: () => Date;
  log: Log;
  fetch: typeof fetch;
}

/** So long somebody waits for the answer to their word; it is done by itself afterwards. */
const patience = 10_000;
/** Words of people that the page of a rollout shows. */
const mostSaid = 20;

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

function portsOf({ github }: Config, { store, forge, nudge, now, log }: SiteParts): Omit<SitePorts, "signIn"> {
  const { records } = store;
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
    rollout: ({ repository }) => keptStatus(records, repository.id, now()),
    saidTo: async (repository) =>
      (await records.lastOrders(repository, mostSaid)).map(({ order, answer }) => ({
        who: order.who.name,
        verb: order.verb,
        text: order.text,
        at: order.at,
        via: order.via,
        answer: answer?.text ?? null,
      })),
    say: async (origin, { key, person, verb, text }) => {
      const at = now();
      const who = { id: person.id, name: person.login };
      const order = { key, number: null, verb, text, who, via: "page", at: at.toISOString() };
      const answer = await askOrder(store, origin.repository.id, order, { at, milliseconds: patience, nudge });
      return answer ?? { ok: true, text: "kept, and not done yet: it is done by itself", lines: [] };
    },
    github: github.html,
    now,
    log,
  };
}
