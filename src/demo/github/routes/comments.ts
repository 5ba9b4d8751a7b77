import { z } from "zod";
import { commentChanged } from "../events.ts";
import { accountOf, appOf, demand } from "../http/actor.ts";
import { created, noContent, notFound, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { must } from "../lookup.ts";
import { commentShape, issueShape, reactionShape } from "../shapes/issue.ts";
import { reactionContents, type Comment, type Reaction } from "../state.ts";
import { stamp } from "../world.ts";

/** Comments on pull requests, which GitHub keeps with its issues, and reactions to them. https://docs.github.com/en/rest/issues/comments */

const read = ["issues:read", "pull_requests:read"];
const write = ["issues:write", "pull_requests:write"];
/** On a pull request's comment GitHub asks for this permission, whatever its documentation of reactions says. */
const react = ["pull_requests:write"];

export const commentRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/issues/{issue_number}", read, "read", async (call) =>
    ok(issueShape(call.world, pullOf(call, "issue_number"))),
  ),
  forRepo("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", read, "read", list),
  forRepo("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", write, "read", create),
  forRepo("GET /repos/{owner}/{repo}/issues/comments/{comment_id}", read, "read", async (call) =>
    ok(commentShape(call.world, call.repo, commentOf(call))),
  ),
  forRepo("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", write, "read", update),
  forRepo("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", write, "read", remove),
  forRepo("GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", read, "read", async (call) => {
    const page = paginate(commentOf(call).reactions, call.url);
    return { ...ok(page.items.map((reaction) => reactionShape(call.world, reaction))), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", react, "read", addReaction),
];

function commentOf(call: RepoCall): Comment {
  const comment = call.repo.comments.get(Number(call.params["comment_id"]));
  if (comment === undefined) throw notFound();
  return comment;
}

async function list(call: RepoCall): Promise<Answer> {
  const { world, repo, url } = call;
  const { number } = pullOf(call, "issue_number");
  const since = url.searchParams.get("since") ?? "";
  const page = paginate(
    repo.comments
      .values()
      .filter((comment) => comment.number === number && comment.updatedAt >= since)
      .toArray(),
    url,
  );
  return { ...ok(page.items.map((comment) => commentShape(world, repo, comment))), headers: page.headers };
}

/** Characters of a comment, by GitHub's refusal of a longer one. */
const longestBody = 65_536;

const bodyRequest = z.object({ body: z.string() });

function takeBody(body: unknown): string {
  const text = take(bodyRequest, body).body;
  if (text.trim() === "") throw validationFailed({ resource: "IssueComment", code: "missing_field", field: "body" });
  if (text.length > longestBody) {
    throw validationFailed({
      resource: "IssueComment",
      code: "unprocessable",
      field: "data",
      message: `Body is too long (maximum is ${longestBody} characters)`,
    });
  }
  return text;
}

async function create(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const pull = pullOf(call, "issue_number");
  const by = accountOf(actor);
  const at = stamp(world);
  const comment: Comment = {
    id: world.state.ids.next(),
    number: pull.number,
    userId: by.id,
    appId: appOf(actor),
    viaEmail: actor.kind === "user" && actor.via.kind === "email",
    body: takeBody(call.body),
    createdAt: at,
    updatedAt: at,
    edited: null,
    reactions: [],
  };
  repo.comments.set(comment.id, comment);
  pull.updatedAt = at;
  commentChanged(world, pull, comment, by, { action: "created" });
  return created(commentShape(world, repo, comment));
}

/** Its author may change a comment, and so may everybody with write access. */
function demandAuthor({ world, repo, actor }: RepoCall, comment: Comment): void {
  if (actor.kind === "user" && actor.account.id !== comment.userId) demand(world.state, repo, actor.account, "write");
}

async function update(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const comment = commentOf(call);
  demandAuthor(call, comment);
  const text = takeBody(call.body);
  const from = comment.body;
  const by = accountOf(actor);
  const at = stamp(world);
  Object.assign(comment, { body: text, updatedAt: at, edited: { by: by.id, at } });
  if (from !== text)
    commentChanged(world, must(repo.pulls, comment.number), comment, by, { action: "edited", changes: { body: { from } } });
  return ok(commentShape(world, repo, comment));
}

async function remove(call: RepoCall): Promise<Answer> {
  const { world, repo, actor } = call;
  const comment = commentOf(call);
  demandAuthor(call, comment);
  repo.comments.delete(comment.id);
  commentChanged(world, must(repo.pulls, comment.number), comment, accountOf(actor), { action: "deleted" });
  return noContent();
}

const reactionRequest = z.object({ content: z.enum(reactionContents) });

/** 201, or 200 where this account had reacted so already. */
async function addReaction(call: RepoCall): Promise<Answer> {
  const { world, actor, body } = call;
  const { content } = take(reactionRequest, body);
  const comment = commentOf(call);
  const by = accountOf(actor);
  const known = comment.reactions.find((reaction) => reaction.userId === by.id && reaction.content === content);
  if (known !== undefined) return ok(reactionShape(world, known));
  const reaction: Reaction = { id: world.state.ids.next(), userId: by.id, content, createdAt: stamp(world) };
  comment.reactions.push(reaction);
  return created(reactionShape(world, reaction));
}
