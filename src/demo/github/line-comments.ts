import { baseTip, compare, comparisonOf } from "./comparison.ts";
import { findPlace, placeAt, type Misplaced, type Place, type Side } from "./diff-lines.ts";
import { readPatches } from "./history.ts";
import { must } from "./lookup.ts";
import type { Account, LineComment, Pull, Repo, Review } from "./state.ts";
import { stamp, type World } from "./world.ts";

/** Comments on lines of a pull request's diff. https://docs.github.com/en/rest/pulls/comments */

export interface LineCommentRequest {
  path: string;
  body: string;
  line?: number | undefined;
  side?: Side | undefined;
  start_line?: number | undefined;
  start_side?: Side | undefined;
  /** Lines below the first hunk's header, instead of line and side. */
  position?: number | undefined;
}

export type Unplaced = Misplaced | "path could not be resolved";

type Draft = Omit<LineComment, "id" | "reviewId" | "createdAt" | "updatedAt">;

/** A comment as it would stand in the diff of a commit, or why it can't. */
export async function placeComment(
  world: World,
  pull: Pull,
  by: Account,
  commitId: string,
  request: LineCommentRequest,
): Promise<Draft | Unplaced> {
  const repo = must(world.state.repos, pull.repoId);
  const { from, files } =
    commitId === pull.head.sha ? await comparisonOf(world, pull) : await compare(repo.folder, baseTip(repo, pull), commitId);
  const index = files.findIndex(({ filename }) => filename === request.path);
  const file = files[index];
  if (file === undefined) return "path could not be resolved";
  const patch = (await readPatches(repo.folder, from, commitId))[index] ?? null;
  const place = request.line === undefined ? placeAt(patch, request.position ?? 0) : asked(request, request.line);
  if (place === null) return "line must be part of the diff";
  const found = findPlace(patch, place);
  if (typeof found === "string") return found;
  return {
    number: pull.number,
    userId: by.id,
    path: request.path,
    body: request.body,
    ...place,
    position: found.position,
    diffHunk: found.context,
    commitId,
    blob: file.blob,
    inReplyTo: null,
  };
}

function asked({ side = "RIGHT", start_line, start_side }: LineCommentRequest, line: number): Place {
  return { line, side, startLine: start_line ?? null, startSide: start_line === undefined ? null : (start_side ?? side) };
}

export function keepComment(world: World, repo: Repo, review: Review, draft: Draft): LineComment {
  const at = stamp(world);
  const comment: LineComment = { ...draft, id: world.state.ids.next(), reviewId: review.id, createdAt: at, updatedAt: at };
  repo.lineComments.set(comment.id, comment);
  return comment;
}

export function lineCommentsOf(repo: Repo, pull: Pull): LineComment[] {
  return repo.lineComments
    .values()
    .filter(({ number }) => number === pull.number)
    .toArray();
}

/** A comment is outdated when its file is not what it was commented on. */
export async function isOutdated(world: World, pull: Pull, comment: LineComment): Promise<boolean> {
  if (comment.commitId === pull.head.sha) return false;
  const { files } = await comparisonOf(world, pull);
  return files.find(({ filename }) => filename === comment.path)?.blob !== comment.blob;
}
