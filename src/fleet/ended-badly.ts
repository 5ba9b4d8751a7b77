import type { RunResult } from "../process/run.ts";

/** How a command of the site ended, as a clause with its last words; null where it ended well. */
export function endedBadly(program: string, result: RunResult, seconds: number): string | null {
  if (result.ok) return null;
  return `\`${program}\` ${howOf(result, seconds)}${lastWords(`${result.stdout.toString()}\n${result.stderr}`)}`;
}

function howOf(result: RunResult, seconds: number): string {
  if (result.spawnError !== null) return `could not be started: ${result.spawnError.message}`;
  if (result.aborted) return "was ended because it was called off";
  if (result.timedOut) return `was ended after ${timeOf(seconds)}`;
  if (result.outputLimit) return "was ended because it wrote more than anybody could read";
  return result.exitCode === null ? `was ended by ${result.signal ?? "a signal"}` : `ended with exit code ${result.exitCode}`;
}

const timeOf = (seconds: number): string => (seconds < 60 ? `${seconds} seconds` : `${Math.round(seconds / 6) / 10} minutes`);

const mostLines = 8;
const mostCharacters = 200;

/** The last lines of what it wrote, to be shown: without control characters, and without what stands before the host of an address. */
export function lastWords(output: string): string {
  const lines = output
    .slice(-65_536)
    .split(/[\n\r]/u)
    // Colours as a whole first: without its beginning, the rest of one would be text.
    .map((line) => line.replaceAll(/\p{Cc}\[[\d;]*[A-Za-z]/gu, "").replaceAll(/\p{C}/gu, " "))
    .map((line) => line.replaceAll(/:\/\/[^\s/@]+@/gu, "://").trim())
    .filter((line) => line !== "")
    .slice(-mostLines)
    .map((line) => (line.length <= mostCharacters ? line : `${line.slice(0, mostCharacters)}…`));
  return lines.length === 0 ? "" : `: ${lines.join(" | ")}`;
}
