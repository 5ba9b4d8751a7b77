import type { Verb } from "../rollout/word.ts";
import type { ControlAnswer, ControlRequest } from "./control.ts";
import { plain } from "./plain.ts";

const schema = "puppet-gate/rollout@1";

export interface RolloutOptions {
  verb: Verb;
  words: readonly string[];
  as: string | null;
  json: boolean;
}

export interface RolloutPorts {
  /** Asks the server that runs. Throws a Problem where none answers. */
  ask: (request: ControlRequest) => Promise<ControlAnswer>;
  user: string;
  newKey: () => string;
  output: { write(text: string): unknown };
}

/** `puppet-gate rollout VERB …`. Gives the exit code: 0 done, 1 refused, 2 kept and not done yet. */
export async function rolloutCommand(
  { verb, words, as, json }: RolloutOptions,
  { ask, user, newKey, output }: RolloutPorts,
): Promise<number> {
  const answer = await ask({ verb, text: words.join(" "), as, user, key: newKey() });
  if (json) output.write(`${JSON.stringify({ schema, verb, ...answer }, null, 2)}\n`);
  else
    output.write(
      `${[sentence(answer.text), ...[...answer.lines, ...howToSay(verb, answer)].map((line) => `  ${plain(line, 2_000)}`)].join("\n")}\n`,
    );
  return { done: 0, refused: 1, kept: 2 }[answer.outcome];
}

/** Lines of a status name what to say next, in words that hold wherever they are said. */
const howToSay = (verb: Verb, { lines }: ControlAnswer): string[] =>
  verb === "status" && lines.some((line) => /\b[Ss]ay `/u.test(line))
    ? ["Each of these words is said as `puppet-gate rollout WORDS --as LOGIN`, or in a pull request as `/rollout WORDS`."]
    : [];

const sentence = (text: string): string => {
  const shown = plain(text, 2_000);
  return `${shown.slice(0, 1).toUpperCase()}${shown.slice(1)}.`;
};
