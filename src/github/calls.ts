import type { DraftTold } from "../catalog/expect/draft-told.ts";
import type { Origin } from "../gate/event.ts";
import type { Event } from "../rollout/effects.ts";
import type { AppIdentity, Authenticate, Place } from "./api.ts";
import { placeOf } from "./api.ts";
import { listComments, ownTest } from "./comments.ts";
import { statusOf } from "./failure.ts";
import { callBody, callMarker, type Halted } from "./words-halt.ts";

/**
 * Calls author and owners at once where the fleet stops a release: a comment of its own in the pull request of each suspect, because GitHub notifies nobody of
 * an edit. Once for each halt, found again by its marker.
 */
export interface Calls {
  name: string;
  tell(origin: Origin, news: { seq: number; event: Event }): Promise<void>;
}

export interface CallsPorts {
  authenticate: Authenticate;
  app: AppIdentity;
  /** Pull requests in what a lane stands still over, for where nobody is suspected. */
  changesIn: (repository: number, lane: string, release: string) => Promise<readonly number[]>;
  /** Expectations that would have caught what happened, and that one was told. */
  drafts: {
    of: (origin: Origin, number: number, event: Halted) => Promise<DraftTold | null>;
    keep: (origin: Origin, number: number, told: { event: Halted; draft: DraftTold }) => Promise<void>;
  };
}

/** Pull requests that are told of one halt. */
const mostChanges = 10;

export function createCalls({ authenticate, app, changesIn, drafts }: CallsPorts): Calls {
  return {
    name: "calls",
    tell: async (origin, { seq, event }) => {
      if (event.kind !== "halted" || event.halt.why.kind !== "verdict" || event.release === null) return;
      const suspected = (event.suspects ?? []).flatMap(({ number }) => number ?? []);
      const called = suspected.length > 0 ? suspected : await changesIn(origin.repository.id, event.lane, event.release);
      const place = await placeOf(authenticate, origin);
      for (const number of [...new Set(called)].slice(0, mostChanges)) {
        const draft = await drafts.of(origin, number, event);
        await call(place, app, { seq, event, number, draft });
        if (draft !== null) await drafts.keep(origin, number, { event, draft });
      }
    },
  };
}

async function call(
  place: Place,
  app: AppIdentity,
  { seq, event, number, draft }: { seq: number; event: Halted; number: number; draft: DraftTold | null },
): Promise<void> {
  const { api, repo } = place;
  try {
    const isIt = await ownTest(app, (body) => body.startsWith(callMarker(seq)));
    if ((await listComments(place, number)).some(isIt)) return;
    const { data } = await api.rest.pulls.get({ ...repo, pull_number: number });
    // A bot reads no comment, and a deleted account has no name.
    const author = data.user?.type === "User" && data.user.login !== "ghost" ? data.user.login : null;
    const page = { repository: data.base.repo.html_url, branch: data.base.ref };
    await api.rest.issues.createComment({ ...repo, issue_number: number, body: callBody({ seq, event, number, author, page, draft }) });
  } catch (error) {
    // The pull request is gone: nobody reads anything there.
    if (statusOf(error) !== 404 && statusOf(error) !== 410) throw error;
  }
}
