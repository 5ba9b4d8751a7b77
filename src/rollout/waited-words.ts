import { type CausedWait, waitedDays, type Whose } from "./caused.ts";

/** What people are told of waiting that somebody's halt caused others: one line for each halt, those that last first. Plain text. */
export function waitedTexts(waited: readonly CausedWait[]): string[] {
  const told = waited.filter(({ minutes }) => minutes >= worthTelling);
  const [lasting, over] = [told.filter(({ to }) => to === null), told.filter(({ to }) => to !== null)];
  const total = over.reduce((sum, { minutes }) => sum + minutes, 0);
  const lines = lasting.map(
    (one) =>
      `${one.changes.length} ${one.changes.length === 1 ? "change waits" : "changes wait"} for ${one.lane}, which stands still over ${whoseHalt(one)}: ${changesText(one)}.`,
  );
  if (over.length === 0) return lines;
  const most = over.slice(0, mostHalts).map((one) => `${whoseHalt(one)} in ${one.lane}, ${spanText(one.minutes)} of ${changesText(one)}`);
  const rest = over.length > mostHalts ? ` and ${over.length - mostHalts} more` : "";
  return [
    ...lines,
    `In the last ${waitedDays} days changes waited ${spanText(total)} in all over others' halts: ${most.join("; ")}${rest}.`,
  ];
}

/** Minutes: less is nobody's fault. */
const worthTelling = 1;
const mostHalts = 3;
const mostChanges = 5;

/** Whose halt it is, as text. */
export const whoseHalt = ({ over, release }: CausedWait): string =>
  over.length === 0 ? release.slice(0, 10) : over.slice(0, mostHalts).map(whoseText).join(", ");

const whoseText = ({ number, services }: Whose): string =>
  `#${number}${services.length === 0 ? "" : ` (${services.slice(0, 3).join(", ")})`}`;

function changesText({ changes }: CausedWait): string {
  const shown = changes.slice(0, mostChanges).map((one) => `${whoseText(one)} ${spanText(one.minutes)}`);
  return `${shown.join(", ")}${changes.length > mostChanges ? ` and ${changes.length - mostChanges} more` : ""}`;
}

/** `3 h 5 min`. */
export function spanText(minutes: number): string {
  const whole = Math.round(minutes);
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h${whole % 60 === 0 ? "" : ` ${whole % 60} min`}`;
}
