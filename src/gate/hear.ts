import { answer } from "./answer.ts";
import { type Command, isQuestion, parseCommands, written } from "./command.ts";
import { orderKey } from "./commands/rollout.ts";
import type { Memory } from "./decide.ts";
import { judge } from "./evaluate.ts";
import type { CommentFacts, Facts, Person } from "./facts.ts";
import type { Wanted } from "./merging.ts";

export interface Heard {
  said: ReturnType<typeof answer>[];
  /** The facts as the commands leave them. */
  facts: Facts;
  /** A landing that a command asked for now. */
  wanted: Wanted | null;
}

/** Hears every command that was not answered yet, in order: each is answered by what those before it left. */
export function hear(given: Facts, memory: Memory): Heard {
  const heard: Heard = { said: [], facts: given, wanted: null };
  for (const { comment, author } of spokenIn(given, memory)) {
    for (const command of parseCommands(comment.body)) {
      const { facts } = heard;
      const refusal = memory.refusal?.comment === comment.id ? memory.refusal.text : null;
      const order = command.name === "/rollout" ? memory.orders?.get(orderKey(comment.id, command)) : undefined;
      const asked = {
        comment,
        author,
        facts,
        verdict: judge(facts),
        refusal,
        isLanding: heard.wanted !== null,
        ...(order !== undefined && { order }),
      };
      const said = answeredBefore(command, comment.id, memory) ?? answer(command, asked);
      heard.said.push(said);
      if (said.changes !== undefined) heard.facts = { ...facts, ...said.changes };
      if (said.land !== undefined) heard.wanted ??= { comment: comment.id, by: author, method: said.land.method };
      if (command.name === "/cancel" && said.kind === "accepted") heard.wanted = null;
    }
  }
  return heard;
}

/**
 * What was said to a command whose comment waits for another one's answer: it was done, or refused, and is neither twice. A question is asked anew; so is what a
 * landing is to follow from, which answers its comment by itself.
 */
function answeredBefore(command: Command, comment: number, { answers, refusal }: Memory): ReturnType<typeof answer> | null {
  const own = answers.filter((one) => one.comment === comment);
  if (refusal?.comment === comment || isQuestion(command) || !own.some(({ later }) => later === true)) return null;
  const earlier = own.find((one) => one.command === written(command) && one.later !== true);
  if (earlier === undefined || (command.name === "/merge" && earlier.accepted)) return null;
  return { kind: earlier.accepted ? "accepted" : "refused", text: earlier.text, lines: earlier.lines, answer: earlier };
}

/** Comments with something to answer. The gate's own and other bots' are conversation. */
function spokenIn(facts: Facts, memory: Memory): { comment: CommentFacts; author: Person }[] {
  if (!facts.comments.known) return [];
  return facts.comments.value.flatMap((comment) => {
    const { author } = comment;
    return author === null || author.bot || memory.answered.has(comment.id) ? [] : [{ comment, author }];
  });
}
