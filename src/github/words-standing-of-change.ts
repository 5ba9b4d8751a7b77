import type { ChangeStanding, LaneStanding, Taker, WaitsFor } from "../rollout/change-standing.ts";
import { code, fitted, prose } from "./escape.ts";
import { haltBrief } from "./words-rollout.ts";

/** Where a change is now, as a part of the gate's one comment. */

/** Bytes of the comment that are left for it. */
export const standingRoom = 8_000;

/** @param standing null where it is not on the base branch any more */
export function standingText(standing: ChangeStanding | null): string {
  if (standing === null) return "**Where it is now**: it is not on the base branch any more, so that no lane gets it.";
  const { lanes, waited, takenBack } = standing;
  const rows = lanes.map(
    ({ lane, is }) =>
      `| ${prose(lane, 100)} | ${laneText(lane, is)}${takenBack !== undefined && is.kind === "good" ? ", and has it still" : ""} |`,
  );
  const table = ["| lane | |", "| --- | --- |", ...rows].join("\n");
  const lines = waited.map(
    ({ lane, over, minutes }) => `It waited ${duration(minutes)} because the lane ${prose(lane, 100)} stood still over ${overText(over)}.`,
  );
  return fitted([titleOf(standing), table, ...lines], standingRoom - 500, (count) => `_${count} more lines are left out._`);
}

function titleOf({ lanes, takenBack }: ChangeStanding): string {
  const are = (kind: LaneStanding["kind"]): boolean => lanes.every(({ is }) => is.kind === kind);
  const title = "**Where it is now**";
  if (takenBack !== undefined)
    return are("taken-back")
      ? `${title}: in no lane any more, since ${takerText(takenBack)} took it back.`
      : `${title}: ${takerText(takenBack)} takes it back, lane by lane.`;
  return are("good") ? `${title}: in every lane, and good there.` : title;
}

const takerText = ({ sha, number }: Taker): string => (number === null ? code(sha.slice(0, 10)) : `#${number}`);

function laneText(lane: string, is: LaneStanding): string {
  switch (is.kind) {
    case "good":
      return "good";
    case "taken-back":
      return `taken back by ${takerText(is.by)}`;
    case "entering":
      return "entering: its branch is about to be moved";
    case "deploying":
      return "entering: compilers have yet to prove that they serve it";
    case "going-back":
      return "goes back to what was good before it";
    case "watched":
      return is.of === null ? "observed" : `observed ${is.minutes} of ${is.of} minutes`;
    case "halted":
      return `**stands still** since ${instant(is.at)}: ${prose(haltBrief(is.why), 500)}`;
    case "waits":
    default:
      return waitsText(lane, is.for);
  }
}

function waitsText(lane: string, why: WaitsFor): string {
  switch (why.kind) {
    case "lane":
      return `waits for ${prose(why.lane, 100)}`;
    case "halt":
      return `waits since ${instant(why.since)}, because the lane stands still over ${overText(why.over)}`;
    case "pause":
      return `waits: ${prose(why.by, 100)} paused everything until ${instant(why.until)}`;
    case "held":
      return `waits: ${prose(why.why, 500)}`;
    case "quarantine":
      return `in quarantine: no release takes it along without its revert, or ${code("/rollout unquarantine")}`;
    case "word":
      return `waits for a person's word: ${code(`/rollout promote ${lane} REASON`).replaceAll("|", "&#124;")}`;
    case "train":
    default:
      return "waits for the next release to enter";
  }
}

/** Numbers of pull requests, which GitHub links. */
const overText = (over: readonly number[]): string =>
  over.length === 0
    ? "another release"
    : over
        .slice(0, 5)
        .map((number) => `#${number}`)
        .join(", ");

const instant = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const duration = (minutes: number): string =>
  minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
