import type { Event } from "./effects.ts";
import type { RolloutCommand } from "./obey.ts";

/** What people are told of their word to a rollout, wherever they said it: one sentence without capital and stop. */
export function obeyedText(command: RolloutCommand, events: readonly Event[]): string {
  switch (command.kind) {
    case "pause":
      return `nothing enters a lane until ${shownInstant(command.until)}, unless somebody says \`resume\` before. What is under way is watched on, and may go back`;
    case "resume":
      return command.lane === null ? "the pause is over, and releases go on" : `the lane ${command.lane} goes on from where it stood`;
    case "promote": {
      const entered = events.find((event) => event.kind === "let-in");
      if (entered !== undefined) return `${short(entered.release)} may enter the lane ${command.lane}, as soon as nothing else holds it`;
      const release = events.find((event) => event.kind === "promoted")?.release ?? "";
      return `${short(release)} counts as good in the lane ${command.lane}, and goes on from there`;
    }
    case "abort":
      return `the lane ${command.lane} stands still where it is. A deploy that is under way there comes to its end, because half of one is worse; nothing follows it until somebody says \`resume\`, \`promote\` or \`return\``;
    case "return": {
      const back = events.flatMap((event) => (event.kind === "returning" ? [event] : []));
      const bad = events.flatMap((event) => (event.kind === "quarantined" ? event.commits : []));
      const lanes = back.map(({ lane }) => lane).join(", ");
      const quarantine =
        bad.length === 0 ? "" : `. In quarantine, until it is reverted or somebody says \`unquarantine\`: ${bad.map(short).join(", ")}`;
      return `back to ${short(back[0]?.release ?? "")}: ${lanes === "" ? command.lane : lanes}${quarantine}`;
    }
    case "unquarantine":
      return `later releases may bring ${short(command.commit)} along again`;
  }
  return command satisfies never;
}

export const short = (sha: string): string => sha.slice(0, 10);

/** `2026-03-01 12:30 UTC`. */
export const shownInstant = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
