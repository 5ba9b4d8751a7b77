import { styleText } from "node:util";
import { plain } from "./plain.ts";

export type Style = Parameters<typeof styleText>[0];
/** Colours text, or leaves it where nobody would see colours. */
export type Paint = (style: Style, text: string) => string;

type Environment = Readonly<Record<string, string | undefined>>;

/** Colours for a stream that shows them: a terminal, unless whoever sits there wants none (NO_COLOR, no-color.org) or has one that knows none. */
export const painter = (stream: { isTTY?: boolean }, env: Environment = process.env): Paint =>
  stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb"
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;

/** An error for a person at a terminal: what happened, then the way out. */
export const renderProblem = (problem: { text: string; hint: string }, paint: Paint): string =>
  `${paint("red", "puppet-gate:")} ${plain(problem.text, 2_000)}\n  ${plain(problem.hint, 2_000)}\n`;
