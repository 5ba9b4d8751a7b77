import { commandTable, isQuestion, written, type Command } from "./command.ts";
import { answerBreakGlass } from "./commands/break-glass.ts";
import { answerCancel } from "./commands/cancel.ts";
import { answerMerge, answerMergeWhenReady } from "./commands/merge.ts";
import { answerOkToTest } from "./commands/ok-to-test.ts";
import { answerRecheck } from "./commands/recheck.ts";
import { answerRollout } from "./commands/rollout.ts";
import { answerUnfreeze } from "./commands/unfreeze.ts";
import { editObjection } from "./forged.ts";
import { inTheWay } from "./commands/standing.ts";
import { refused, type Asked, type Said } from "./commands/asked.ts";
import { judge } from "./evaluate.ts";
import { secondPerson } from "./own-branches.ts";
import { verdictDigest, type Answer } from "./view.ts";

/** What the gate says to one command, and what comes of it. */
export function answer(command: Command, asked: Asked): Said & { answer: Answer } {
  const { comment, author, facts, verdict } = asked;
  // What was kept before an edit was said, and its answer is that of what was done.
  const isKept = isQuestion(command) || asked.order !== undefined;
  const said = (isKept ? null : editObjection(comment, author)) ?? saidTo(command, asked);
  const { kind, text, lines = [], changes } = said;
  // It is read beside what it brought about.
  const after = changes === undefined ? verdict : judge({ ...facts, ...changes });
  return {
    ...said,
    answer: {
      comment: comment.id,
      by: author.login,
      command: written(command),
      accepted: kind === "accepted" || kind === "question",
      text,
      lines,
      given: { at: comment.createdAt, head: facts.head, verdict: verdictDigest(after) },
      ...(kind === "later" ? { later: true as const } : {}),
    },
  };
}

function saidTo(command: Command, asked: Asked): Said {
  switch (command.name) {
    case "/merge":
      return answerMerge(command.method, asked);
    case "/merge when ready":
      return answerMergeWhenReady(command.method, asked);
    case "/cancel":
      return answerCancel(asked);
    case "/why":
      return answerWhy(asked);
    case "/recheck":
      return answerRecheck(asked);
    case "/ok-to-test":
      return answerOkToTest(command.sha, asked);
    case "/break-glass":
      return answerBreakGlass(command.reason, asked);
    case "/unfreeze":
      return answerUnfreeze(command.reason, asked);
    case "/rollout":
      return answerRollout(command, asked);
    case "/help":
      return { kind: "question", text: "a command stands on a line of its own", lines: helpLines() };
    case "misspoken":
      break;
  }
  const way = "this is no command here; a command stands on a line of its own, with nothing behind it but what is shown";
  return refused(way, helpLines());
}

function answerWhy({ facts, verdict }: Asked): Said {
  if (verdict.outcome === "pass")
    return {
      kind: "question",
      text: `nothing is in the way: ${facts.ofGate === true ? secondPerson : (facts.opener?.login ?? "the author")} can say /merge`,
    };
  return { kind: "question", text: "these rules are in the way", lines: inTheWay(verdict) };
}

export const helpLines = (): string[] => commandTable.map(({ form, does }) => `${form}: ${does}`);
