import type { Origin } from "../gate/event.ts";
import type { CommentFacts, Known, MergeMethod, Permission, Person, ReviewFacts, Snapshot } from "../gate/facts.ts";
import { unknown } from "../gate/facts.ts";
import { stancesOf } from "../gate/approval.ts";
import { everyPage, placeOf } from "./api.ts";
import type { AppIdentity, Authenticate, Place } from "./api.ts";
import { learn } from "./failure.ts";
import { readCommits } from "./commits.ts";
import { listComments, ownCommentTest } from "./comments.ts";
import type { RawComment } from "./comments.ts";
import { permissionOf, personOf } from "./people.ts";

type ReadSnapshot = (origin: Origin, number: number) => Promise<Snapshot>;

export const createSnapshots =
  (authenticate: Authenticate, app: AppIdentity): ReadSnapshot =>
  (origin, number) =>
    readSnapshot(authenticate, app, origin, number);

/**
 * Reads everything about a change again. What GitHub would not say is unknown in the snapshot; only the pull request itself has to be
 * readable, because without it there is nothing to say anything about.
 */
async function readSnapshot(authenticate: Authenticate, app: AppIdentity, origin: Origin, number: number): Promise<Snapshot> {
  const place = await placeOf(authenticate, origin);
  const { api, repo } = place;
  const { data: pull } = await api.rest.pulls.get({ ...repo, pull_number: number });
  const [tip, commits, reviews, comments, mergeMethods] = await Promise.all([
    learn(async () => (await api.rest.git.getRef({ ...repo, ref: `heads/${pull.base.ref}` })).data.object.sha),
    readCommits(place, number, pull.head.sha, pull.commits),
    learn(() => readReviews(place, number)),
    learn(() => listComments(place, number)),
    learn(() => readMergeMethods(place)),
  ]);
  const opener = personOf(pull.user);
  const isOwn = await ownCommentTest(app);
  const asked = [...(opener === null ? [] : [opener]), ...reviewers(reviews)];
  return {
    number,
    state: pull.merged ? "merged" : pull.state === "closed" ? "closed" : "open",
    draft: pull.draft === true,
    opener,
    fork: pull.head.repo?.id !== pull.base.repo.id,
    changedFiles: pull.changed_files,
    head: pull.head.sha,
    base: { ref: pull.base.ref, tip },
    updatedAt: new Date(pull.updated_at).toISOString(),
    commits,
    reviews,
    permissions: await readPermissions(place, asked),
    comments: comments.known ? { known: true, value: comments.value.filter((comment) => !isOwn(comment)).map(commentFacts) } : comments,
    hasOwnComment: comments.known && comments.value.some(isOwn),
    labels: pull.labels.map(({ name }) => name),
    mergeMethods,
    title: pull.title,
    body: pull.body ?? "",
    checks: unknown("checks are not read yet"),
    history: unknown("the history is not read yet"),
    organisation: unknown("the organisation's policy is not read yet"),
    merged: pull.merged ? await mergedBy(app, pull) : null,
  };
}

async function mergedBy(
  app: AppIdentity,
  pull: { merged_by: Parameters<typeof personOf>[0]; merge_commit_sha: string | null },
): Promise<Snapshot["merged"]> {
  return { by: personOf(pull.merged_by), byGate: pull.merged_by?.login === `${await app.slug()}[bot]`, sha: pull.merge_commit_sha };
}

const stances: Record<string, ReviewFacts["stance"]> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  DISMISSED: "dismissed",
  COMMENTED: "commented",
};

/** In the order of submission, which is how GitHub lists them. Reviews that are not submitted yet are nobody's business. */
async function readReviews({ api, repo }: Place, number: number): Promise<ReviewFacts[]> {
  const reviews = await everyPage((page) => api.rest.pulls.listReviews({ ...repo, pull_number: number, ...page }));
  return reviews.flatMap(({ id, user, state, commit_id, submitted_at }) => {
    const stance = stances[state.toUpperCase()];
    if (stance === undefined || submitted_at === undefined) return [];
    const dismissal = stance === "dismissed" ? unknown("dismissals are not read yet") : null;
    return [{ id, reviewer: personOf(user), stance, commit: commit_id, submittedAt: new Date(submitted_at).toISOString(), dismissal }];
  });
}

const reviewers = (reviews: Known<readonly ReviewFacts[]>): Person[] =>
  reviews.known ? [...stancesOf(reviews.value).values()].map(({ reviewer }) => reviewer).filter(({ bot }) => !bot) : [];

async function readPermissions(place: Place, people: readonly Person[]): Promise<ReadonlyMap<number, Known<Permission>>> {
  const byId = new Map(people.map((person) => [person.id, person]));
  const entries = [...byId.values()].map(async (person) => [person.id, await permissionOf(place, person)] as const);
  return new Map(await Promise.all(entries));
}

/** A comment is edited when it was updated after it was written; GitHub's times are whole seconds. */
const commentFacts = ({ id, user, body, created_at, updated_at }: RawComment): CommentFacts => ({
  id,
  author: personOf(user),
  body: body ?? "",
  createdAt: new Date(created_at).toISOString(),
  edited: updated_at !== created_at,
  byApp: false,
  byMail: unknown("it was not asked for"),
});

/** The ways this repository allows, a merge commit first: it is the one whose tree and history are what was checked. */
async function readMergeMethods({ api, repo }: Place): Promise<readonly MergeMethod[]> {
  const { data } = await api.rest.repos.get(repo);
  const allowed: [MergeMethod, boolean | undefined][] = [
    ["merge", data.allow_merge_commit],
    ["squash", data.allow_squash_merge],
    ["rebase", data.allow_rebase_merge],
  ];
  return allowed.filter(([, isAllowed]) => isAllowed === true).map(([method]) => method);
}
