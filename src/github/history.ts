import type { Dismissal, History, Known } from "../gate/facts.ts";
import { everyPage, inPull, type Place } from "./api.ts";
import { learn } from "./failure.ts";
import { personOf } from "./people.ts";
import { stances } from "./reviews.ts";

/** What a pull request has been through, by GitHub's own events of it. */
export interface Past {
  history: History;
  /** By review id, the latest. */
  dismissals: ReadonlyMap<number, Dismissal>;
}

/** As far as it is read: of `review_dismissed` alone there is a `dismissed_review`. */
interface RawEvent {
  event: string;
  created_at: string;
  actor: Parameters<typeof personOf>[0];
  dismissed_review?: { review_id: number; state: string };
}

/** Another base by hand, or by GitHub itself when the base branch was merged and deleted. */
const retargets = new Set(["base_ref_changed", "automatic_base_change_succeeded"]);

/** https://docs.github.com/en/rest/using-the-rest-api/issue-event-types */
export const readPast = ({ api, repo }: Place, number: number): Promise<Known<Past>> =>
  learn(async () => {
    const events = (await everyPage(inPull("events"), (page) =>
      api.rest.issues.listEvents({ ...repo, issue_number: number, ...page }),
    )) as RawEvent[];
    return {
      history: {
        retargetedAt: latest(events.filter(({ event }) => retargets.has(event))),
        forcePushedAt: latest(events.filter(({ event }) => event === "head_ref_force_pushed")),
      },
      dismissals: dismissalsIn(events),
    };
  });

const latest = (events: readonly RawEvent[]): string | null =>
  events.map(({ created_at }) => new Date(created_at).toISOString()).reduce<string | null>((a, b) => (a === null || b > a ? b : a), null);

function dismissalsIn(events: readonly RawEvent[]): Map<number, Dismissal> {
  const found = new Map<number, Dismissal>();
  for (const { event, actor, dismissed_review } of events) {
    if (event !== "review_dismissed" || dismissed_review === undefined) continue;
    const was = stances[dismissed_review.state.toUpperCase()];
    if (was !== undefined && was !== "dismissed") found.set(dismissed_review.review_id, { by: personOf(actor), was });
  }
  return found;
}
