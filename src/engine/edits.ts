import { known, type CommentFacts, type Snapshot } from "../gate/facts.ts";
import type { Origin } from "../gate/event.ts";
import type { Forge } from "./ports/forge.ts";
import type { Records } from "./ports/records.ts";

export interface EditPorts {
  store: { records: Pick<Records, "editsOf"> };
  forge: Pick<Forge, "snapshot">;
}

/**
 * A change as it is now, with what deliveries told of edited comments: within the second in which one was written, the forge may tell an
 * edit as none. It only ever takes a command's force away.
 */
export async function snapshotOf({ store, forge }: EditPorts, origin: Origin, number: number): Promise<Snapshot> {
  const snapshot = await forge.snapshot(origin, number);
  if (!snapshot.comments.known || snapshot.comments.value.length === 0) return snapshot;
  const comments = snapshot.comments.value;
  const edits = await store.records.editsOf(
    origin.repository.id,
    comments.map(({ id }) => id),
  );
  return { ...snapshot, comments: known(comments.map((comment) => withEdit(comment, edits.get(comment.id)))) };
}

function withEdit(comment: CommentFacts, by: Parameters<Records["addEdit"]>[2] | undefined): CommentFacts {
  if (by === undefined || (comment.edited.known && comment.edited.value !== null)) return comment;
  return { ...comment, edited: known({ by, foreign: by !== null && by.id !== comment.author?.id }) };
}
