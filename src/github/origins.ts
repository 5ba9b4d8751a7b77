import { isQuestion, parseCommands } from "../gate/command.ts";
import { known, unknown, type CommentFacts, type Edit } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import type { RawComment } from "./comments.ts";
import { learn } from "./failure.ts";
import { personOf } from "./people.ts";

const query = `query origins($ids: [ID!]!) {
  nodes(ids: $ids) {
    id
    ... on IssueComment {
      createdViaEmail
      lastEditedAt
      editor { __typename login ... on User { databaseId } ... on Bot { databaseId } }
    }
  }
}`;

/** As many as GraphQL takes in one request. */
const most = 100;

interface RawOrigin {
  id: string;
  createdViaEmail?: boolean;
  lastEditedAt?: string | null;
  editor?: { __typename: string; login: string; databaseId?: number | null } | null;
}

/** Where a comment's words come from. */
export type CommentOrigin = Pick<CommentFacts, "edited" | "byMail">;

/**
 * Whose words a comment is made of, which only GraphQL tells: REST's times are whole seconds, within which somebody else can have edited
 * it, and a sender of mail is easily forged. Asked of comments whose commands do something, all at once.
 */
export async function readOrigins({ api }: Place, comments: readonly RawComment[]): Promise<(comment: RawComment) => CommentOrigin> {
  const asked = comments.filter(doesSomething).map(({ node_id }) => node_id);
  const ids = asked.slice(-most);
  const answer = ids.length === 0 ? known({ nodes: [] }) : await learn(() => api.graphql<{ nodes: (RawOrigin | null)[] }>(query, { ids }));
  const told = new Map(answer.known ? answer.value.nodes.flatMap((node) => (node === null ? [] : [[node.id, node] as const])) : []);
  const isAsked = new Set(asked);
  const isOld = new Set(asked.slice(0, -most));
  return (comment) => {
    // By REST's word alone nobody knows who did it.
    const moved: Edit | null = comment.updated_at === comment.created_at ? null : { by: null, foreign: false };
    if (!isAsked.has(comment.node_id)) return { edited: known(moved), byMail: unknown("it was not asked for") };
    if (isOld.has(comment.node_id)) return { edited: moved === null ? superseded : known(moved), byMail: superseded };
    const node = told.get(comment.node_id);
    if (!answer.known) return { edited: moved === null ? answer : known(moved), byMail: answer };
    const { createdViaEmail, lastEditedAt } = node ?? {};
    const byMail = createdViaEmail === undefined ? unknown(untold) : known(createdViaEmail);
    return { edited: lastEditedAt === undefined && moved === null ? unknown(untold) : known(editOf(comment, node) ?? moved), byMail };
  };
}

const untold = "GitHub does not tell where it comes from";
/** The newest are asked about, so that a turn stays one request; what is older was answered long ago, or is refused. */
const superseded = unknown(`more than ${most} comments with commands came after it`, "its author: say it again");

function editOf({ user }: RawComment, node: RawOrigin | undefined): Edit | null {
  if ((node?.lastEditedAt ?? null) === null) return null;
  const { editor } = node ?? {};
  if (editor === null || editor === undefined) return { by: null, foreign: true };
  const { databaseId: id, login, __typename: type } = editor;
  const by = typeof id === "number" ? personOf({ id, login, type }) : null;
  return { by, foreign: by?.id !== user?.id };
}

/** The gate hears people alone. */
const doesSomething = ({ body, user }: RawComment): boolean =>
  user?.type === "User" && parseCommands(body ?? "").some((command) => !isQuestion(command));
