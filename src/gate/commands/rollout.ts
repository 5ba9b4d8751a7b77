import { createHash } from "node:crypto";
import type { Command } from "../command.ts";
import { type Asked, refused, type Said } from "./asked.ts";
import { spokenObjection, withAccess } from "./standing.ts";

/** What came of a word to the rollout. Plain text. */
export interface OrderAnswer {
  ok: boolean;
  text: string;
  lines: readonly string[];
}

type Spoken = Extract<Command, { name: "/rollout" }>;

/** The name under which a comment's word to the rollout is kept: heard again, it is the same. */
export function orderKey(comment: number, { verb, text }: Spoken): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([verb, text]))
    .digest("hex");
  return `comment/${comment}/${digest.slice(0, 16)}`;
}

/**
 * `/rollout …`: kept, for the rollout to do with its next look; what that made of it is the answer. Here it is only decided whether they may say anything
 * at all: who may go wider or around depends on the release.
 */
export function answerRollout(command: Spoken, { comment, author, facts, order }: Asked): Said {
  const { verb, text } = command;
  if (order !== undefined) {
    const { answer } = order;
    if (answer === null) return { kind: "later", text: heard };
    const kind = verb === "status" ? "question" : answer.ok ? "accepted" : "refused";
    return { kind, text: answer.text, lines: answer.lines };
  }
  const objection = verb === "status" ? null : (spokenObjection(comment) ?? withAccess(author, facts, "write"));
  if (objection !== null) return refused(objection);
  const key = orderKey(comment.id, command);
  return { kind: "later", text: heard, notes: [{ kind: "order", key, verb, text, by: author, at: comment.createdAt }] };
}

const heard = "heard; the answer comes by itself, within a minute where nothing is in the way";
