import { isQuestion, parseCommands } from "./command.ts";
import { refused, type Said } from "./commands/asked.ts";
import type { CommentFacts, Edit, Facts, Person } from "./facts.ts";

/** Commands that their author may not have written: everybody with write access can change anybody's comment. */

/** What an edit does to a comment's commands: any edit voids them, and while nobody knows of one they wait. Null where there was none. */
export function editObjection({ edited }: CommentFacts, author: Person): Said | null {
  // For good: it would be heard at every turn, and done whenever that is mended, long after its author meant it.
  if (!edited.known && edited.way !== undefined)
    return refused(
      `whether this comment was edited could not be learnt (${edited.reason}), and asking again would not tell; say it again once that is mended`,
    );
  if (!edited.known)
    return {
      kind: "later",
      text: `not done yet: whether this comment was edited could not be learnt (${edited.reason}); it is asked again by itself`,
    };
  if (edited.value === null) return null;
  if (!edited.value.foreign) return refused("a comment that was edited doesn't count; write a new one");
  return refused(
    `${editorOf(edited.value)} edited this comment, so that it is nothing that ${author.login} said; ${author.login} has to write a new one to mean it`,
  );
}

export interface ForgedCommand {
  comment: number;
  author: Person;
  edit: Edit;
}

/** Comments with a command that somebody else than their author edited. */
export function forgedCommands({ comments }: Pick<Facts, "comments">): ForgedCommand[] {
  if (!comments.known) return [];
  return comments.value.flatMap(({ id, author, body, edited }) => {
    if (author === null || author.bot || !edited.known || edited.value?.foreign !== true) return [];
    return parseCommands(body).every(isQuestion) ? [] : [{ comment: id, author, edit: edited.value }];
  });
}

export const forgedCommandText = ({ author, edit }: ForgedCommand): string =>
  `${editorOf(edit)} edited a comment of ${author.login} that has a command now: it counts for nothing here. Ask both what they meant, and take write access from whoever speaks in other people's names`;

const editorOf = ({ by }: Edit): string => by?.login ?? "somebody whose account is gone";
