import { stancesOf } from "../gate/approval.ts";
import { parseCommands } from "../gate/command.ts";
import type { Origin } from "../gate/event.ts";
import {
  known,
  type CommentFacts,
  type Known,
  type MergeMethod,
  type Permission,
  type Person,
  type ReviewFacts,
  type Snapshot,
} from "../gate/facts.ts";
import { Problem } from "../problem.ts";
import { ownBranches } from "../gate/own-branches.ts";
import { ownLogin, placeOf } from "./api.ts";
import type { AppIdentity, Authenticate, Place } from "./api.ts";
import { readChecks } from "./checks.ts";
import { listComments, ownCommentTest } from "./comments.ts";
import type { RawComment } from "./comments.ts";
import { readCommits, rememberAccounts } from "./commits.ts";
import { learn } from "./failure.ts";
import { readPast } from "./history.ts";
import { createOrganisationPolicies, type OrganisationPolicies } from "./organisation.ts";
import { readOrigins, type CommentOrigin } from "./origins.ts";
import { permissionOf, personOf } from "./people.ts";
import { readReviews } from "./reviews.ts";

/**
 * Reads everything about a change again. What GitHub would not say is unknown in the snapshot; only the pull request itself has to be
 * readable, because without it there is nothing to say anything about.
 */
export function createSnapshots(
  authenticate: Authenticate,
  app: AppIdentity,
  policies: OrganisationPolicies,
): (origin: Origin, number: number) => Promise<Snapshot> {
  const organisationPolicy = createOrganisationPolicies(policies);
  const accountOf = rememberAccounts();
  return async (origin, number) => {
    const place = await placeOf(authenticate, origin);
    const { api, repo } = place;
    const { data: pull } = await api.rest.pulls.get({ ...repo, pull_number: number });
    if (pull.base.repo.id !== origin.repository.id) throw otherRepository(origin);
    const past = readPast(place, number);
    const [tip, commits, reviews, { history, comments, hasOwnComment }, checks, organisation, mergeMethods] = await Promise.all([
      learn(async () => (await api.rest.git.getRef({ ...repo, ref: `heads/${pull.base.ref}` })).data.object.sha),
      readCommits(place, number, pull.head.sha, pull.commits, accountOf),
      readReviews(place, number, past),
      readTalk(place, app, number).then(async (talk) => ({ ...talk, history: await past })),
      readChecks(place, app.id, pull.head.sha),
      organisationPolicy(api, origin.installation, pull.base.repo),
      learn(() => readMergeMethods(place)),
    ]);
    const opener = personOf(pull.user);
    const asked = [...(opener === null ? [] : [opener]), ...reviewers(reviews), ...commanders(comments)];
    return {
      number,
      state: pull.merged ? "merged" : pull.state === "closed" ? "closed" : "open",
      draft: pull.draft === true,
      opener,
      ...(opener?.bot === true && opener.login === (await ownLogin(app)) && isOwnBranch(pull) && { ofGate: true as const }),
      fork: pull.head.repo?.id !== pull.base.repo.id,
      changedFiles: pull.changed_files,
      head: pull.head.sha,
      headRef: pull.head.ref,
      ...pushedTo(pull.head.repo),
      base: { ref: pull.base.ref, tip },
      updatedAt: new Date(pull.updated_at).toISOString(),
      openedAt: new Date(pull.created_at).toISOString(),
      title: pull.title,
      body: pull.body ?? "",
      commits,
      reviews,
      checks,
      history: history.known ? known(history.value.history) : history,
      organisation,
      permissions: await readPermissions(place, asked),
      comments,
      hasOwnComment,
      labels: pull.labels.map(({ name }) => name),
      mergeMethods,
      merged: pull.merged ? await mergedBy(app, pull) : null,
    };
  };
}

/** Only the gate makes pull requests of these; a head of another repository may have any name. */
const isOwnBranch = ({ head, base }: { head: { ref: string; repo: { id: number } | null }; base: { repo: { id: number } } }): boolean =>
  head.ref.startsWith(ownBranches) && head.repo?.id === base.repo.id;

const pushedTo = (repo: { pushed_at: string | null } | null): Pick<Snapshot, "headPushedAt"> =>
  typeof repo?.pushed_at === "string" ? { headPushedAt: new Date(repo.pushed_at).toISOString() } : {};

/** A repository that was renamed leaves its name to whoever takes it next. */
const otherRepository = ({ repository: { id, owner, name } }: Origin): Problem =>
  new Problem({
    code: "other-repository",
    text: `${owner}/${name} is another repository by now than the one that this gate knows as number ${id}.`,
    hint: "Its new name comes with the next delivery from it; where it was deleted, take the App's access to it away.",
  });

async function mergedBy(
  app: AppIdentity,
  pull: { merged_by: Parameters<typeof personOf>[0]; merge_commit_sha: string | null },
): Promise<Snapshot["merged"]> {
  return { by: personOf(pull.merged_by), byGate: pull.merged_by?.login === (await ownLogin(app)), sha: pull.merge_commit_sha };
}

async function readTalk(place: Place, app: AppIdentity, number: number): Promise<Pick<Snapshot, "comments" | "hasOwnComment">> {
  const comments = await learn(() => listComments(place, number));
  if (!comments.known) return { comments, hasOwnComment: false };
  const isOwn = await ownCommentTest(app);
  const others = comments.value.filter((comment) => !isOwn(comment));
  const originOf = await readOrigins(place, others);
  return {
    comments: known(others.map((comment) => commentFacts(comment, originOf(comment)))),
    hasOwnComment: others.length < comments.value.length,
  };
}

const commentFacts = ({ id, user, body, created_at, performed_via_github_app }: RawComment, origin: CommentOrigin): CommentFacts => ({
  id,
  author: personOf(user),
  body: body ?? "",
  createdAt: new Date(created_at).toISOString(),
  byApp: (performed_via_github_app ?? null) !== null,
  ...origin,
});

const reviewers = (reviews: Known<readonly ReviewFacts[]>): Person[] =>
  reviews.known ? [...stancesOf(reviews.value).values()].map(({ reviewer }) => reviewer).filter(({ bot }) => !bot) : [];

const commanders = (comments: Known<readonly CommentFacts[]>): Person[] =>
  comments.known
    ? comments.value.flatMap(({ author, body }) => (author !== null && !author.bot && parseCommands(body).length > 0 ? [author] : []))
    : [];

async function readPermissions(place: Place, people: readonly Person[]): Promise<ReadonlyMap<number, Known<Permission>>> {
  const byId = new Map(people.map((person) => [person.id, person]));
  const entries = [...byId.values()].map(async (person) => [person.id, await permissionOf(place, person)] as const);
  return new Map(await Promise.all(entries));
}

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
