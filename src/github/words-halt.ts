import type { DraftTold } from "../catalog/expect/draft-told.ts";
import type { Affected } from "../rollout/affected.ts";
import type { Event } from "../rollout/effects.ts";
import { dataStays, moreText, nothingStays, previewTitle, staysText } from "../rollout/going-back-words.ts";
import type { StageVerdict, Trouble } from "../rollout/stage-verdict.ts";
import type { Halt } from "../rollout/state.ts";
import { whyText } from "../rollout/suspect-words.ts";
import type { Suspect } from "../rollout/suspects.ts";
import { draftSection } from "./words-draft.ts";
import { code, prose } from "./escape.ts";
import { haltBrief, troubleBrief } from "./words-rollout.ts";

/** The words of a call: a lane stands still over a release, and somebody has to look. */

export type Halted = Extract<Event, { kind: "halted" }>;

export interface Call {
  /** The number of the news. */
  seq: number;
  event: Halted;
  /** The pull request that it is said in. */
  number: number;
  /** Who opened it; null where that is nobody who could be called. */
  author: string | null;
  /** The repository's page, without a slash at the end, and the branch that the pull request went into. */
  page: { repository: string; branch: string };
  /** What would have caught it; null where that was told already, or nobody looked. */
  draft: DraftTold | null;
}

/** Finds a call again. Invisible, and believed only at the beginning of what the gate's own App wrote. */
export const callMarker = (seq: number): string => `<!-- puppet-gate: call ${seq} -->`;

/** So many of a list are named. */
const most = { nodes: 8, why: 3, stays: 5, suspects: 5 };

export function callBody(call: Call): string {
  const { seq, event, number } = call;
  const { lane, release, halt, suspects = [], affected = [] } = event;
  const own = suspects.find((suspect) => suspect.number === number);
  const title = own === undefined ? "this change is in its release" : "this change is suspected";
  const sections = [
    `${callMarker(seq)}\n### The lane ${prose(lane, 100)} stands still, and ${title}`,
    mentions(call),
    whatHappened(halt, release),
    own === undefined && suspects.length > 0 ? "" : whyThis(halt, own),
    others(suspects, number),
    runbooks(affected, `${call.page.repository}/blob/HEAD`),
    ...goingBack(halt),
    draftOf(call, own),
    waysOn(lane),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** Only who opened the pull request and whom the policy names: both have the form of GitHub's own names. */
function mentions({ author, event: { affected = [] } }: Call): string {
  const owners = affected.flatMap((service) => service.owners);
  const called = [...new Set([...(author === null ? [] : [`@${author}`]), ...owners])].filter((name) => mentionable.test(name));
  const nobody = "Nobody is named as an owner of these nodes";
  return `${called.length === 0 ? nobody : called.join(" ")}: please look. Nothing goes wider meanwhile, and later releases wait behind this one.`;
}
const mentionable = /^@[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9_.-]+)?$/u;

function whatHappened({ why }: Halt, release: string | null): string {
  const of = release === null ? "" : ` of ${release.slice(0, 10)}`;
  if (why.kind !== "verdict" || why.verdict.kind !== "failed") return `**What happened**${of}: ${prose(haltBrief(why))}.`;
  return [`**What happened**${of}:`, ...troublesOf(why.verdict).map(troubleLine)].join("\n");
}

const troublesOf = (verdict: StageVerdict): readonly Trouble[] => (verdict.kind === "failed" ? verdict.troubles : []);

const troubleLine = (trouble: Trouble): string => `- ${prose(troubleBrief(trouble))}: ${list(trouble.certnames, most.nodes)}`;

function whyThis({ suspects }: Halt, own: Suspect | undefined): string {
  if (own !== undefined)
    return [
      `**Why this change**: ${percent(own.score)} of it points here.`,
      ...own.why.slice(0, most.why).map((one) => `- ${prose(whyText(one), 600)}`),
    ].join("\n");
  if (suspects?.known === false) return `Which change of the release it was can't be told: ${prose(suspects.reason)}.`;
  return "Which change of the release it was nothing tells.";
}

/** That none can be drafted is said where something points to the change. */
function draftOf({ draft, page }: Call, own: Suspect | undefined): string {
  const isSaid = draft !== null && (draft.kind === "drafted" || (own !== undefined && own.why.some(({ how }) => how !== "release")));
  return isSaid ? draftSection(draft, page) : "";
}

function others(suspects: readonly Suspect[], number: number): string {
  const rest = suspects.filter((suspect) => suspect.number !== number).slice(0, most.suspects);
  if (rest.length === 0) return "";
  const named = rest.map(
    (one) =>
      `${one.number === null ? `${one.commit.slice(0, 10)}, which no pull request landed` : `#${one.number}`} (${percent(one.score)})`,
  );
  return `**${suspects.some((one) => one.number === number) ? "Also suspected" : "Suspected"}**: ${named.join(", ")}`;
}

function runbooks(affected: readonly Affected[], files: string): string {
  if (affected.length === 0) return "";
  const lines = affected.map(({ name, runbook, nodes }) => {
    const of = `- ${prose(name, 100)}, ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
    if (runbook === null) return `${of}: no runbook is named in the policy`;
    return `${of}: <${runbook.startsWith("https://") ? runbook : `${files}/${runbook}`}>`;
  });
  return ["**Services and their runbooks**:", ...lines].join("\n");
}

function goingBack({ stays, notReturned }: Halt): string[] {
  const why = notReturned === undefined ? [] : [`It does not go back by itself: ${prose(notReturned)}.`];
  if (stays === undefined) return why;
  if (!stays.known) return [...why, `What going back would not undo can't be told: ${prose(stays.reason)}.`];
  const { items, more } = stays.value;
  if (items.length + more === 0) return [...why, `**Going back**: ${nothingStays} ${dataStays}`];
  const shown = items.slice(0, most.stays).map((item) => `- ${prose(staysText(item))}`);
  const left = items.length + more - shown.length;
  return [...why, [`**${previewTitle(stays.value)}**:`, ...shown, ...(left > 0 ? [`- ${moreText(left)}`] : []), "", dataStays].join("\n")];
}

const waysOn = (lane: string): string =>
  [
    "**Ways on**",
    "- Land what takes it back: a release that reverts something of this one follows by itself.",
    `- ${span(`/rollout return ${lane} REASON`)} has the lane, and all that are further, go back to what was good.`,
    `- ${span(`/rollout promote ${lane} REASON`)} takes it for good all the same. Both take somebody who had no part in it.`,
  ].join("\n");

function list(names: readonly string[], upTo: number): string {
  const shown = names.slice(0, upTo).map((name) => span(name));
  return `${shown.join(", ")}${names.length > upTo ? ` and ${names.length - upTo} more` : ""}`;
}

/** Whatever it holds, no marker of ours can be read in it. */
const span = (text: string): string => code(text.replaceAll("<!--", "<! --"), 200);

const percent = (share: number): string => `${Math.round(share * 100)} %`;
