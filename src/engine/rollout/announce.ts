import type { Origin } from "../../gate/event.ts";
import { Problem } from "../../problem.ts";
import type { Receiver, Told } from "../../rollout/announcement.ts";
import { hears, isAnnounced } from "../../rollout/hears.ts";
import { type Allowance, allowanceAt, fullAllowance, nextToSay, secondsLeft } from "../../rollout/pace.ts";
import type { Log } from "../ports/log.ts";
import { announceFacts, type AnnounceFacts, type AnnounceFactsPorts } from "./announce-facts.ts";
import type { News, Place, PlaceProgress } from "../ports/news.ts";

/**
 * Announcements, as places of news: each channel of the site is one of its own, so that one that is down holds up no other, and hears all of its news in their
 * order. What is kept is how far each has heard: a line that was said before a kill, or whose answer was lost, is said once more.
 */

export interface AnnouncePorts extends AnnounceFactsPorts {
  receivers: readonly Receiver[];
  log: Log;
}

type FactsOf = (origin: Origin, news: News, signal: AbortSignal) => Promise<AnnounceFacts | null>;

export function announcePlaces(ports: AnnouncePorts): Place[] {
  const factsOf = once(ports);
  return [namelessPlace(ports, factsOf), ...ports.receivers.map((receiver) => placeOf(ports, receiver, factsOf))];
}

/** Kept for all channels that hear the same at about the same time. */
const mostFacts = 200;
/** Milliseconds. */
const surveyedFor = 5 * 60_000;

/** Policy and nodes are read once for each of the news, whatever the number of channels. */
function once({ judge, ...ports }: AnnounceFactsPorts): FactsOf {
  const made = new Map<number, Promise<AnnounceFacts | null>>();
  let last: { key: string; at: number; surveyed: ReturnType<typeof judge.survey> } | null = null;
  const survey: typeof judge.survey = (asked, signal) => {
    const at = ports.now().getTime();
    const key = [asked.origin.repository.id, asked.commit, asked.organisation?.text].join(" ");
    if (last?.key === key && at - last.at < surveyedFor) return last.surveyed;
    const surveyed = judge.survey(asked, signal);
    last = { key, at, surveyed };
    surveyed.catch(() => (last = null));
    return surveyed;
  };
  return (origin, news, signal) => {
    if (!isAnnounced(news.event)) return Promise.resolve(null);
    const found = made.get(news.seq);
    if (found !== undefined) return found;
    const facts = announceFacts({ ...ports, judge: { survey } }, origin, news, signal);
    made.set(news.seq, facts);
    // What can't be told now is asked for again.
    facts.catch(() => made.delete(news.seq));
    for (const seq of made.keys()) {
      if (made.size <= mostFacts) break;
      made.delete(seq);
    }
    return facts;
  };
}

/** Tells the log of channels that the policy names and the site does not have: what they should hear is told nowhere. */
function namelessPlace({ receivers, log }: AnnouncePorts, factsOf: FactsOf): Place {
  const known = new Set(receivers.map(({ name }) => name));
  return {
    name: "announcements",
    tell: async (origin, news, signal) => {
      const facts = await factsOf(origin, news, signal);
      if (facts === null) return;
      const { announce, services } = facts.policy;
      const unheard = announce.filter((entry) => !known.has(entry.to) && hears(entry, facts.heard, services)).map(({ to }) => to);
      for (const to of new Set(unheard))
        log.warn(
          { repository: origin.repository, event: news.event.kind, happenedAt: news.at, channel: to },
          `the policy announces to ${to}, and this site has no channel of that name: nobody is told there. Add it to the file that PUPPET_GATE_ANNOUNCE names, or take it out of \`announce\``,
        );
    },
  };
}

function placeOf({ now, log }: AnnouncePorts, receiver: Receiver, factsOf: FactsOf): Place {
  // Of this process: a new one begins with a few lines, and not with all that was held back.
  let allowance: Allowance | null = null;
  const tellSome = async (origin: Origin, waiting: readonly News[], signal: AbortSignal): Promise<PlaceProgress> => {
    const lines: { seq: number; told: Told }[] = [];
    for (const news of waiting) {
      const facts = await factsOf(origin, news, signal);
      if (facts === null) continue;
      const { announce, services } = facts.policy;
      if (announce.some((entry) => entry.to === receiver.name && hears(entry, facts.heard, services)))
        lines.push({ seq: news.seq, told: facts.told });
    }
    const at = now().getTime();
    const allowed = allowance === null ? fullAllowance(at) : allowanceAt(allowance, at);
    allowance = allowed;
    const [first] = lines;
    if (first === undefined) return { upTo: waiting.at(-1)?.seq ?? null, rest: null };
    const next = nextToSay(
      lines.map(({ told }) => told),
      allowed,
    );
    // All before the first line is for others.
    const passed = waiting.findLast(({ seq }) => seq < first.seq)?.seq ?? null;
    if (next === null)
      return { upTo: passed, rest: { hasFailed: false, text: `${lines.length} wait for their turn`, seconds: secondsLeft(allowed, at) } };
    const heard = await receiver.say(next.say, signal);
    if (!heard.heard) return { upTo: passed, rest: { hasFailed: true, text: `${heard.text}. ${heard.hint}`, seconds: heard.afterSeconds } };
    allowance = { ...allowed, lines: allowed.lines - 1 };
    const upTo = lines[next.count - 1]?.seq ?? first.seq;
    log.info({ repository: origin.repository, channel: receiver.name, news: upTo, count: next.count }, "announced");
    return { upTo, rest: null };
  };
  return {
    name: `announce/${receiver.name}`,
    tellSome,
    tell: async (origin, news, signal) => {
      const { rest } = await tellSome(origin, [news], signal);
      if (rest !== null) throw new Problem({ code: "unheard", text: rest.text, hint: "It is said again." });
    },
  };
}
