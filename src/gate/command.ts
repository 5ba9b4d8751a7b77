import { spokenLines } from "./markdown.ts";

/** Every command, as people write it. This table is also what `/help` answers. */
export const commandTable = [
  { name: "/merge", does: "lands this pull request now, if nothing is in the way; only its author's counts" },
  { name: "/why", does: "says what is in the way, and who can do something about it" },
  { name: "/help", does: "shows these commands" },
] as const;

export type CommandName = (typeof commandTable)[number]["name"];

/** What a line of a comment asks for. `misspoken` is a known command with something behind it that nothing here understands. */
export type Command = { name: CommandName } | { name: "misspoken"; line: string };

/**
 * The commands of a comment: exactly one on a line of its own, spoken and not quoted. Each counts once, however often it is written.
 * Anything else is conversation.
 */
export function parseCommands(body: string): Command[] {
  const found = spokenLines(body)
    .map(commandOf)
    .filter((command) => command !== null);
  const distinct = new Map(found.map((command) => [command.name === "misspoken" ? command.line : command.name, command]));
  return [...distinct.values()].slice(0, mostCommands);
}

/** More than anybody means at once; the rest of such a comment is not worth an answer each. */
const mostCommands = 4;

function commandOf(line: string): Command | null {
  const words = line.trim();
  const [first] = words.split(/\s/u, 1);
  const command = commandTable.find(({ name }) => name === first);
  if (command === undefined) return null;
  return words === command.name ? { name: command.name } : { name: "misspoken", line: words };
}
