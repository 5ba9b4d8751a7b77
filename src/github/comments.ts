import type { AppIdentity, Place } from "./api.ts";
import { everyPage, inPull, ownLogin } from "./api.ts";
import { statusOf } from "./failure.ts";
import { joined, parted } from "./standing-place.ts";
import { marker } from "./words.ts";

export interface RawComment {
  id: number;
  node_id: string;
  body?: string | undefined;
  user: { id: number; login: string; type?: string | undefined } | null;
  created_at: string;
  updated_at: string;
  performed_via_github_app?: { id: number } | null | undefined;
}

/** Tells the gate's one comment: the marker alone could be anybody's, and the App alone any of its comments. */
export const ownCommentTest = (app: AppIdentity): Promise<(comment: RawComment) => boolean> =>
  ownTest(app, (body) => body.includes(marker));

/** Tells comments of the gate's own App that are so. */
export async function ownTest(app: AppIdentity, isIt: (body: string) => boolean): Promise<(comment: RawComment) => boolean> {
  const login = await ownLogin(app);
  return ({ body, user, performed_via_github_app }) => {
    const isOurs = user?.type === "Bot" && (performed_via_github_app?.id === app.id || user.login === login);
    return isOurs && body !== undefined && isIt(body);
  };
}

export const listComments = ({ api, repo }: Place, number: number): Promise<RawComment[]> =>
  everyPage(inPull("comments"), (page) => api.rest.issues.listComments({ ...repo, issue_number: number, ...page }));

/** Makes the one comment say this: edits it in place, writes it only where there is none, and takes away a second one that a race made. */
export async function sayInComment({ api, repo }: Place, app: AppIdentity, number: number, body: string): Promise<void> {
  const comments = await listComments({ api, repo }, number);
  const [own, ...spare] = comments.filter(await ownCommentTest(app));
  if (own === undefined) await api.rest.issues.createComment({ ...repo, issue_number: number, body });
  else {
    const whole = joined(body, parted(own.body ?? "").part);
    if (own.body !== whole) await api.rest.issues.updateComment({ ...repo, comment_id: own.id, body: whole });
  }
  for (const { id } of spare) await unlessGone(() => api.rest.issues.deleteComment({ ...repo, comment_id: id }));
}

/** Reacts to a comment; to one that is gone there is nothing to say. Reacting twice is once, by GitHub's own doing. */
export const react = ({ api, repo }: Place, comment: number, content: "eyes" | "rocket" | "confused"): Promise<void> =>
  unlessGone(() => api.rest.reactions.createForIssueComment({ ...repo, comment_id: comment, content }));

async function unlessGone(act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
