import { spokenLines } from "../gate/markdown.ts";
import { known, unknown, type Known } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import type { RawComment } from "./comments.ts";
import { learn } from "./failure.ts";

const query = `query byMail($ids: [ID!]!) { nodes(ids: $ids) { id ... on IssueComment { createdViaEmail } } }`;

/** As many as GraphQL takes in one request; nobody breaks the glass as often. */
const most = 100;

/**
 * Whether a comment came as a reply to a mail, which only GraphQL tells. It is asked for where it decides something: of comments that
 * want to break the glass, because a sender's address is easily forged.
 */
export async function readMail({ api }: Place, comments: readonly RawComment[]): Promise<(comment: RawComment) => Known<boolean>> {
  const ids = comments
    .filter(wantsGlass)
    .map(({ node_id }) => node_id)
    .slice(-most);
  const notAsked = unknown("it was not asked for");
  if (ids.length === 0) return () => notAsked;
  const answer = await learn(() => api.graphql<{ nodes: ({ id: string; createdViaEmail?: boolean } | null)[] }>(query, { ids }));
  if (!answer.known) return () => answer;
  const told = new Map(answer.value.nodes.flatMap((node) => (node === null ? [] : [[node.id, node.createdViaEmail] as const])));
  return ({ node_id }) => {
    if (!ids.includes(node_id)) return notAsked;
    const byMail = told.get(node_id);
    return byMail === undefined ? unknown("GitHub does not tell whether it came by mail") : known(byMail);
  };
}

const wantsGlass = ({ body, user }: RawComment): boolean =>
  user?.type === "User" && spokenLines(body ?? "").some((line) => line.trim().startsWith("/break-glass"));
