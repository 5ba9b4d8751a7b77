import type { DraftTold } from "../catalog/expect/draft-told.ts";
import type { Origin } from "../gate/event.ts";
import type { RevertTold } from "../rollout/revert-told.ts";
import type { AppIdentity, Authenticate, Place } from "./api.ts";
import { everyPage, inPull, ownLogin, placeOf } from "./api.ts";
import { draftMarker, revertedText } from "./words-draft.ts";
import { conflictMarker, conflictText, revertBody, revertTitle } from "./words-revert.ts";

export interface RevertPulls {
  /** As whom the gate commits: with the number of its account in the address. */
  signature(origin: Origin): Promise<{ name: string; email: string }>;
  /** Open pull requests that take this one back, whoever opened them, and all that were ever opened from the branch. */
  revertsOf(origin: Origin, of: { branch: string; number: number | null }): Promise<number[]>;
  openRevert(origin: Origin, pull: RevertTold & { branch: string; base: string }): Promise<number>;
  /** Says it once in the suspect's own pull request. */
  sayConflict(origin: Origin, number: number, told: RevertTold & { paths: readonly string[]; base: string }): Promise<void>;
  /** Says once in a pull request that was taken back which expectation would have caught it. */
  sayDrafted(origin: Origin, revert: { number: number; commit: string; by: number | null }, draft: DraftTold): Promise<void>;
}

/** Pull requests that take something back. https://docs.github.com/en/rest/pulls/pulls */
export function createRevertPulls({
  authenticate,
  app,
  noreply,
}: {
  authenticate: Authenticate;
  app: AppIdentity;
  /** The host of private addresses: `users.noreply.github.com`. */
  noreply: string;
}): RevertPulls {
  const place = (origin: Origin): Promise<Place> => placeOf(authenticate, origin);
  return {
    signature: async (origin) => {
      const login = await ownLogin(app);
      const { id } = (await (await place(origin)).api.rest.users.getByUsername({ username: login })).data;
      return { name: login, email: `${id}+${login}@${noreply}` };
    },
    revertsOf: async (origin, of) => readReverts(await place(origin), of),
    openRevert: async (origin, pull) => open(await place(origin), pull),
    sayConflict: async (origin, number, told) =>
      sayOnce(await place(origin), app, { number, text: conflictText(told), marker: conflictMarker(told.suspect.commit) }),
    sayDrafted: async (origin, revert, draft) => {
      const where = await place(origin);
      const { data } = await where.api.rest.repos.get(where.repo);
      const text = revertedText(revert, draft, { repository: data.html_url, branch: data.default_branch });
      await sayOnce(where, app, { number: revert.number, text, marker: draftMarker(revert.commit) });
    },
  };
}

/**
 * Its own are found by their branch, whatever became of them: one that was closed is an answer. Those of people are known by what GitHub's button "Revert"
 * makes: the branch `revert-NUMBER-…`, and `Reverts OWNER/NAME#NUMBER` in the text.
 */
async function readReverts({ api, repo }: Place, { branch, number }: { branch: string; number: number | null }): Promise<number[]> {
  const own = await everyPage({ what: "pull requests of one branch" }, (page) =>
    api.rest.pulls.list({ ...repo, state: "all", head: `${repo.owner}:${branch}`, ...page }),
  );
  if (number === null) return own.map((pull) => pull.number);
  const open = await everyPage({ what: "open pull requests" }, (page) => api.rest.pulls.list({ ...repo, state: "open", ...page }));
  const says = new RegExp(`^Reverts (?:[\\w.-]+/[\\w.-]+)?#${number}\\b`, "mu");
  const others = open.filter(({ head, body }) => head.ref.startsWith(`revert-${number}-`) || says.test(body ?? ""));
  return [...own, ...others].map((pull) => pull.number);
}

async function open({ api, repo }: Place, { branch, base, ...told }: RevertTold & { branch: string; base: string }): Promise<number> {
  const { data } = await api.rest.pulls.create({ ...repo, head: branch, base, title: revertTitle(told), body: revertBody(told) });
  return data.number;
}

async function sayOnce(
  { api, repo }: Place,
  app: AppIdentity,
  { number, text, marker }: { number: number; text: string; marker: string },
): Promise<void> {
  const comments = await everyPage(inPull("comments"), (page) => api.rest.issues.listComments({ ...repo, issue_number: number, ...page }));
  const login = await ownLogin(app);
  if (comments.some(({ user, body }) => user?.login === login && body?.includes(marker) === true)) return;
  await api.rest.issues.createComment({ ...repo, issue_number: number, body: text });
}
