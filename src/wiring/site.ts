import type { Config } from "../config.ts";
import { askOrder } from "../engine/rollout/ask-order.ts";
import { keptStatus } from "../engine/rollout/kept-status.ts";
import { waitedFor } from "../engine/rollout/waited.ts";
import type { MeasureRecords } from "../engine/measure.ts";
import { rememberingMeasures } from "../engine/remembering-measures.ts";
import type { Log } from "../engine/ports/log.ts";
import { defaultLimit } from "./audit-commands.ts";
import { prove } from "../cli/audit/prove.ts";
import { askPage, type AskRecords, mayBeAsked } from "../engine/ledger/ask-page.ts";
import { historyOf, lookAtEntry, lookUp } from "../engine/ledger/look-up.ts";
import type { Origin } from "../gate/event.ts";
import { Problem } from "../problem.ts";
import type { GitHubForge } from "../github/forge.ts";
import { createSignIn } from "../github/sign-in.ts";
import type { Store } from "../store/records.ts";
import { backPath } from "../web/site/sign-in.ts";
import type { SitePorts } from "../web/site/ports.ts";
import { createSite } from "../web/site/server.ts";
import { keptForAMinute } from "./kept-for-a-minute.ts";
import { keyFor } from "./keys.ts";
import { wholeAnswers } from "./whole-answers.ts";

export interface SiteParts {
  store: Store;
  forge: Pick<GitHubForge, "permissionOf" | "personNamed">;
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

export const measureRecordsOf = ({ records, ...store }: Store): MeasureRecords => ({
  measuredTo: () => records.measuredTo(),
  entriesBehind: (seq, most, kinds) => records.entriesBehind(seq, most, kinds),
  entriesAbout: (changes, kinds) => records.entriesAbout(changes, kinds),
  blobsOf: (digests) => store.log.blobsOf(digests),
  addMeasures: (range, steps) => store.transaction((own) => own.addMeasures(range, steps)),
});

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
  const look: AskRecords = {
    entriesOfAll: (repository, asked) => records.entriesOfAll(repository, asked),
    entriesAbout: (about, kinds) => store.log.entriesAbout(about, kinds),
    listEntries: (repository, asked) => records.listEntries(repository, asked),
    showEntry: (repository, seq) => records.showEntry(repository, seq),
    blobsOf: (digests) => store.log.blobsOf(digests),
    people: () => store.log.people(),
    saltOf: (person) => records.saltOf(person),
    loginsOf: (people) => records.loginsOf(people),
  };
  return {
    repositories: () => records.allOrigins(),
    permissionOf: (origin, person) => forge.permissionOf(origin, person),
    changes: (repository, asked) => records.listChanges(repository, asked),
    change: async (repository, number) => {
      const row = await records.showChange(repository, number);
      if (row === null) return null;
      const kept = await records.findChange({ repository, number });
      const history = await historyOf(look, await records.entriesOf(repository, `pull/${number}`));
      return { ...row, answers: kept?.answers ?? [], ...history };
    },
    measures: rememberingMeasures(records),
    measuredTo: () => records.measuredTo(),
    // Counting them reads every result since then.
    expectations: keptForAMinute(now, (repository, since) => records.expectationStats({ repository, since })),
    waited: keptForAMinute(now, (repository, { from, to }) => {
      const until = Math.min(to.getTime(), now().getTime());
      return waitedFor(records, repository, { now: new Date(until), days: Math.max(0, until - from.getTime()) / 86_400_000 });
    }),
    entries: async (origin, { person, ...asked }, nodes) => {
      const id = person === null ? null : /^[1-9]\d{0,15}$/u.test(person) ? Number(person) : await idOf(forge, origin, person);
      if (person !== null && id === null) return { rows: [], below: null, looked: null };
      return lookUp(look, origin.repository.id, { ...asked, person: id }, nodes);
    },
    entry: (repository, seq, nodes) => lookAtEntry(look, repository, seq, nodes),
    ask: (repository, question, { node, ...asked }) =>
      askPage(look, repository, question, asked, { now: now().toISOString(), limit: defaultLimit, node, at: null }),
    askAll: wholeAnswers(store.log, look, now),
    mayAsk: (question, nodes) => mayBeAsked(question, nodes),
    proof: (seq) => prove(store.log, seq - 1),
    logHead: () => records.logHead(),
    nodesFrom: (repository) => records.nodesFrom(repository),
    sessions: {
      begin: (session) => records.addPageSession(session),
      holds: (session) => records.hasPageSession(session),
      end: (which) => records.endPageSessions(which),
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

/** Whose login this is by GitHub's word; null for nobody's. Rejects with a Problem where GitHub can't be asked. */
async function idOf(forge: SiteParts["forge"], origin: Origin, login: string): Promise<number | null> {
  const found = await forge.personNamed(origin, login);
  if (found.known) return found.value?.id ?? null;
  throw new Problem({
    code: "person-unknown",
    text: `Who ${login} is could not be learnt: ${found.reason}.`,
    hint: "Give their number instead, or try again in a minute.",
  });
}
