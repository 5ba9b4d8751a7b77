import type { MergeMethod } from "./facts.ts";
import { spokenLines } from "./markdown.ts";

/** Every command, how it is written, and what it does. This table is also what `/help` answers. */
export const commandTable = [
  {
    name: "/merge",
    form: "/merge [merge|squash|rebase]",
    does: "lands this pull request now, if nothing is in the way; only its author's counts. A method can be chosen where the policy lands by GitHub's merge",
  },
  {
    name: "/merge when ready",
    form: "/merge [merge|squash|rebase] when ready",
    does: "lands it by itself as soon as nothing is in the way. A push, a new policy, and an edited title or description end that",
  },
  { name: "/cancel", form: "/cancel", does: "ends what was to land by itself; its author's counts, and that of anybody with write access" },
  { name: "/why", form: "/why", does: "says what is in the way, and who can do something about it" },
  { name: "/recheck", form: "/recheck", does: "forgets the check and does it anew; for contributors, and anybody with write access" },
  {
    name: "/ok-to-test",
    form: "/ok-to-test SHA",
    does: "lets the code of a fork run, at exactly the commit whose id begins so (seven digits or more); needs write access. A later push needs it again",
  },
  {
    name: "/break-glass",
    form: "/break-glass REASON",
    does: "lands it without the people who would be asked, for those whom the policy names. Checks still count, and a review is owed",
  },
  {
    name: "/unfreeze",
    form: "/unfreeze REASON",
    does: "lets this repository merge again after it was stopped; needs admin access, and says what was found",
  },
  {
    name: "/rollout",
    form: "/rollout status",
    does: "says where each release is, why it waits, and what to say next",
  },
  {
    name: "/rollout",
    form: "/rollout pause [for 2h | until 2026-12-24T08:00Z] REASON",
    does: "lets nothing into any lane, for a day where no time is given; `/rollout resume` ends that. Needs write access",
  },
  {
    name: "/rollout",
    form: "/rollout abort [LANE] REASON",
    does: "has a lane stand still; `/rollout resume [LANE]` lets it go on. Needs write access; a lane may be left out where only one can be meant",
  },
  {
    name: "/rollout",
    form: "/rollout promote [LANE] [COMMIT] REASON",
    does: "lets a release into a lane, or counts it as good there; for somebody with write access who had no part in it",
  },
  {
    name: "/rollout",
    form: "/rollout return [LANE] [COMMIT or #NUMBER …] REASON",
    does: "takes all lanes that are further back to what was good in this one, and keeps these out of later releases until `/rollout unquarantine COMMIT REASON`; for the same people",
  },
  { name: "/help", form: "/help", does: "shows these commands" },
] as const;

/** What can be said to a rollout. */
export const rolloutVerbs = ["status", "pause", "resume", "promote", "abort", "return", "unquarantine"] as const;
export type RolloutVerb = (typeof rolloutVerbs)[number];

/** What a line of a comment asks for. `misspoken` is a known command with something behind it that nothing here understands. */
export type Command =
  | { name: "/merge"; method: MergeMethod | null }
  | { name: "/merge when ready"; method: MergeMethod | null }
  /** In lower case, seven digits or more. */
  | { name: "/ok-to-test"; sha: string }
  /** Empty where none was given. */
  | { name: "/break-glass" | "/unfreeze"; reason: string }
  /** What comes after the verb is read where the lanes are known. */
  | { name: "/rollout"; verb: RolloutVerb; text: string }
  | { name: "/cancel" | "/why" | "/recheck" | "/help" }
  | { name: "misspoken"; line: string };

/**
 * The commands of a comment: exactly one on a line of its own, spoken and not quoted. Each counts once, however often it is written.
 * Anything else is conversation.
 */
export function parseCommands(body: string): Command[] {
  if (!slashLine.test(body)) return [];
  const found = spokenLines(body)
    .map(commandOf)
    .filter((command) => command !== null);
  const distinct = new Map(found.map((command) => [JSON.stringify(command), command]));
  return [...distinct.values()].slice(0, mostCommands);
}

/** Most comments have no line that begins with a slash, and need not be read as Markdown. */
const slashLine = /^[^\S\r\n\u2028\u2029]*\//mu;

/** Whether a command is only answered: it does nothing, whoever wrote it. */
export const isQuestion = (command: Command): boolean => {
  const { name } = command;
  return name === "/why" || name === "/help" || name === "misspoken" || (name === "/rollout" && command.verb === "status");
};

/** More than anybody means at once; the rest of such a comment is not worth an answer each. */
const mostCommands = 4;

const words = new Set(commandTable.map(({ name }) => name.split(" ", 1)[0]));

function commandOf(line: string): Command | null {
  const spoken = line.trim().replaceAll(/\s+/gu, " ");
  const [first = "", ...rest] = spoken.split(" ");
  if (!words.has(first)) return null;
  return read(first, rest.join(" ")) ?? { name: "misspoken", line: spoken };
}

function read(name: string, rest: string): Command | null {
  if (name === "/merge") {
    const { method, ready } = /^(?<method>merge|squash|rebase)? ?(?<ready>when ready)?$/u.exec(rest)?.groups ?? {};
    if (method === undefined && ready === undefined && rest !== "") return null;
    const chosen = method === "merge" || method === "squash" || method === "rebase" ? method : null;
    return { name: ready === undefined ? "/merge" : "/merge when ready", method: chosen };
  }
  if (name === "/ok-to-test") return /^[0-9a-f]{7,64}$/iu.test(rest) ? { name, sha: rest.toLowerCase() } : null;
  if (name === "/break-glass" || name === "/unfreeze") return { name, reason: rest };
  if (name === "/rollout") {
    const [first = "", ...words] = rest.split(" ");
    const verb = rolloutVerbs.find((one) => one === first);
    return verb === undefined ? null : { name, verb, text: words.join(" ") };
  }
  if (rest !== "") return null;
  return name === "/cancel" || name === "/why" || name === "/recheck" || name === "/help" ? { name } : null;
}

/** A command as its author wrote it, for the answer. */
export function written(command: Command): string {
  if (command.name === "misspoken") return command.line;
  if (command.name === "/merge") return command.method === null ? "/merge" : `/merge ${command.method}`;
  if (command.name === "/merge when ready") return command.method === null ? "/merge when ready" : `/merge ${command.method} when ready`;
  if (command.name === "/rollout") return `${command.name} ${command.verb} ${command.text}`.trimEnd();
  return "sha" in command ? `${command.name} ${command.sha}` : command.name;
}
