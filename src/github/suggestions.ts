import { createHash } from "node:crypto";
import type { Suggestion } from "../catalog/fixes.ts";
import type { Effect } from "../gate/decide.ts";
import { everyPage, inPull, ownLogin, type AppIdentity, type Place } from "./api.ts";
import { suggestionBody } from "./words.ts";

/** More would bury the pull request: whoever has as many mends them with the linter. */
const mostInAll = 20;

/**
 * Offers to mend lines with one click: one review with a comment for each. What was offered before is found by its marker and left
 * alone: what stands on these very lines still, and what was offered for this head, though its lines were resolved since.
 */
export async function offerSuggestions(
  place: Place,
  app: AppIdentity,
  number: number,
  { head, items }: Extract<Effect, { kind: "suggestions" }>,
): Promise<void> {
  const { api, repo } = place;
  const mendable = items.filter(({ text }) => !hasControls(text)).slice(0, mostInAll);
  if (mendable.length === 0) return;
  const offered = await offeredBefore(place, app, number);
  const news = mendable.filter((item) => !offered.some((one) => isSame(one, item, head)));
  if (news.length === 0) return;
  const shown = await shownLines(place, number);
  const comments = news.filter((item) => isShown(shown, item)).map((item) => commentOf(item, head));
  if (comments.length === 0) return;
  await api.rest.pulls.createReview({ ...repo, pull_number: number, commit_id: head, event: "COMMENT", comments });
}

function commentOf(
  item: Suggestion,
  head: string,
): { path: string; line: number; side: string; start_line?: number; start_side?: string; body: string } {
  const { path, line, endLine, text } = item;
  const start = line < endLine ? { start_line: line, start_side: "RIGHT" } : {};
  return { path, line: endLine, side: "RIGHT", ...start, body: `${suggestionBody(text)}\n${markerOf(head, text)}` };
}

/** Text goes into the file as it is, so nothing that hides may be in it. */
const hasControls = (text: string): boolean => /[^\P{C}\n\t]/u.test(text);

// --- what was offered before ---------------------------------------------------------------------------------------------------

interface Offered {
  path: string;
  /** The last line of where it stands now; null once those lines are gone. */
  line: number | null;
  /** Where it stood when it was made. */
  original: number | null;
  head: string;
  digest: string;
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
const markerOf = (head: string, text: string): string => `<!-- puppet-gate: suggestion for ${head} ${digestOf(text)} -->`;
const markerForm = /<!-- puppet-gate: suggestion for (?<head>[0-9a-f]{40,64}) (?<digest>[0-9a-f]{16}) -->/u;

async function offeredBefore({ api, repo }: Place, app: AppIdentity, number: number): Promise<Offered[]> {
  const login = await ownLogin(app);
  const comments = await everyPage(inPull("review comments"), (page) =>
    api.rest.pulls.listReviewComments({ ...repo, pull_number: number, ...page }),
  );
  return comments.flatMap(({ user, body, path, line, original_line }) => {
    const found = user.login === login ? markerForm.exec(body)?.groups : undefined;
    if (found === undefined) return [];
    return [{ path, line: line ?? null, original: original_line ?? null, head: found["head"] ?? "", digest: found["digest"] ?? "" }];
  });
}

const isSame = (one: Offered, { path, endLine, text }: Suggestion, head: string): boolean =>
  one.path === path && ((one.head === head && one.original === endLine) || (one.line === endLine && one.digest === digestOf(text)));

// --- lines that GitHub takes comments on ----------------------------------------------------------------------------------------

interface Range {
  path: string;
  first: number;
  last: number;
}

/** The head's lines within the hunks of the pull request's diff: GitHub refuses a whole review for one comment outside of them. */
async function shownLines({ api, repo }: Place, number: number): Promise<Range[]> {
  const files = await everyPage(inPull("files"), (page) => api.rest.pulls.listFiles({ ...repo, pull_number: number, ...page }));
  return files.flatMap(({ filename, patch = "" }) =>
    [...patch.matchAll(/^@@ -\d+(?:,\d+)? \+(?<first>\d+)(?:,(?<count>\d+))? @@/gmu)].map(({ groups }) => {
      const first = Number(groups?.["first"]);
      return { path: filename, first, last: first + Number(groups?.["count"] ?? 1) - 1 };
    }),
  );
}

const isShown = (shown: readonly Range[], { path, line, endLine }: Suggestion): boolean =>
  shown.some((hunk) => hunk.path === path && hunk.first <= line && endLine <= hunk.last);
