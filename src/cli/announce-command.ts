import type { Receiver } from "../rollout/announcement.ts";
import { nearest } from "../policy/nearest.ts";
import { Problem } from "../problem.ts";
import { plain } from "./plain.ts";
import type { Paint } from "./paint.ts";

export interface AnnounceOutput {
  write: (text: string) => unknown;
  paint: Paint;
}

/** `puppet-gate announce test`: says a line in one channel, and step by step how that went. 0 where it arrived, else 1. */
export async function announceTest(
  receivers: readonly Receiver[],
  to: string,
  output: AnnounceOutput,
  signal: AbortSignal,
): Promise<0 | 1> {
  const receiver = receivers.find(({ name }) => name === to);
  if (receiver === undefined) {
    const names = receivers.map(({ name }) => name);
    const meant = nearest(to, names);
    throw new Problem({
      code: "no-channel",
      text: `This site has no channel ${to}.`,
      hint: meant === null ? `Its channels: ${names.join(", ")}.` : `Did you mean ${meant}?`,
    });
  }
  const { write, paint } = output;
  const heard = await receiver.say({ kind: "trial" }, signal, (text) => write(`  ${plain(text)}\n`));
  if (heard.heard) {
    write(`${paint("green", "said")}  ${to} has a test line from puppet-gate\n`);
    return 0;
  }
  write(`${paint("red", "unsaid")}  ${plain(heard.text)}\n        ${plain(heard.hint)}\n`);
  return 1;
}
