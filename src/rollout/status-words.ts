import type { Missing, TroubleKind } from "./stage-verdict.ts";
import type { NodeVerdictKind } from "./node-verdict.ts";
import { short, shownInstant } from "./said.ts";
import type { Halt } from "./state.ts";
import type { Landed, LaneStatus, RolloutStatus, StageStatus, Untold } from "./status.ts";
import { waitedTexts } from "./waited-words.ts";

/** A rollout's status in words: what is so, why, and what to say next. Plain lines; whoever shows them makes them safe. */
export const statusLines = (status: RolloutStatus): string[] => [
  ...statusHead(status),
  ...laneTexts(status),
  ...waitedTexts(status.waited ?? []),
  ...statusTail(status),
];

/** What holds everything. */
export const statusHead = (status: RolloutStatus): string[] =>
  holdsOf(status).map(({ text, next }) => (next === null ? text : `${text} ${next}`));

/** The same with what ends it, where a word does, apart: there what is to be said is between backticks. */
export function holdsOf({ paused, waits, held, advice }: RolloutStatus): { text: string; next: string | null }[] {
  const plain = (text: string): { text: string; next: null } => ({ text, next: null });
  return [
    ...(paused === null
      ? []
      : [
          { text: `Paused until ${shownInstant(paused.until)} by ${paused.by.name}: ${paused.reason}.`, next: "Say `resume` to end that." },
        ]),
    ...(waits === null
      ? []
      : [plain(`The last look came to nothing: ${[waits.why, waits.hint].filter((one) => one !== null).join(". ")}`)]),
    ...held.map((why) => plain(`Nothing enters a lane: ${why}`)),
    ...advice.map((why) => plain(`Mind that ${why}. It forbids nothing.`)),
  ];
}

/** What is kept out, and when this was so. */
export const statusTail = ({ quarantined, untold = [], seenAt, now }: RolloutStatus): string[] => [
  ...quarantined.map(
    ({ commit, number, lane, at }) =>
      `In quarantine since ${shownInstant(at)}, after the lane ${lane}: ${landed({ sha: commit, number })}. Land its revert, or say \`unquarantine ${number === null ? short(commit) : `#${number}`} REASON\`.`,
  ),
  ...untold.map(untoldText),
  seenAt === null ? "Nothing was looked at yet." : `Seen ${ago(now - seenAt)}.`,
];

/** What is waiting is told by itself; what was lost, nobody hears there any more. */
function untoldText({ place, waiting, lost, why }: Untold): string {
  const parts = [
    ...(waiting > 0 ? [`${waiting} ${waiting === 1 ? "thing" : "things"} that happened not yet`] : []),
    ...(lost > 0 ? [`${lost} never, because it could not be told for a day`] : []),
  ];
  return `${place} was told ${parts.join(", and ")}${why === null ? "" : `: ${why}`}`;
}

/** One line for each lane, in their order. */
export const laneTexts = (status: RolloutStatus): string[] => {
  const waits = waitsOfLanes(status, changesText);
  return status.lanes.map((lane, at) => laneText(lane, waits[at] ?? ""));
};

/**
 * Why each lane waits that does not stand still, in their order: empty where nothing is to be said. What a stage still takes is not in it, and
 * which changes wait only by `which`.
 */
export const waitsOfLanes = ({ lanes, paused, held }: RolloutStatus, which: (behind: readonly Landed[]) => string = () => ""): string[] =>
  lanes.map((lane, at) => (lane.halt === null ? waitText(lane, lanes[at - 1], { isHeld: paused !== null || held.length > 0, which }) : ""));

function laneText(lane: LaneStatus, wait: string): string {
  const { stage, halt } = lane;
  const has = stage === null ? `has ${short(lane.verified)}` : stageText(stage);
  return [`${lane.lane} (${lane.environment}): ${has}`, wait, halt === null ? takesText(lane) : haltText(halt, lane)]
    .filter((part) => part !== "")
    .join(". ");
}

function stageText(stage: StageStatus): string {
  const changes = changesText(stage.changes);
  const what = `${short(stage.release)}${stage.way === "back" ? changes.replace(" (", " (without ") : changes}`;
  const verb = stage.way === "back" ? "goes back to" : "gets";
  if (stage.phase === "intended") return `${verb} ${what}; its branch is about to be moved`;
  if (stage.phase === "moved") return `${verb} ${what}; compilers have yet to prove that they serve it`;
  const baked = `${minutes(stage.observedMinutes)} of ${stage.bakeMinutes === null ? "its" : minutes(stage.bakeMinutes)} observed`;
  const nodes = stage.nodes.map(
    ({ kind, count, certnames }) => `${count} ${nodeWords[kind]}${isWorthNaming(kind) ? ` (${some(certnames, count)})` : ""}`,
  );
  return `${stage.way === "back" ? "is back at" : "watches"} ${what}; ${baked}${nodes.length === 0 ? "" : `; nodes: ${nodes.join(", ")}`}`;
}

function waitText(
  { stage, manual, let: allowed, behind, lane }: LaneStatus,
  before: LaneStatus | undefined,
  { isHeld, which }: { isHeld: boolean; which: (behind: readonly Landed[]) => string },
): string {
  if (stage !== null) {
    if (stage.undeployed !== undefined) return `Not deployed yet, and tried again with every look: ${stage.undeployed.join("; ")}`;
    return stage.unseen === null ? "" : `The fleet can't be seen: ${stage.unseen}`;
  }
  if (behind.length === 0) return "";
  const what = `${behind.length} merged ${behind.length === 1 ? "change waits" : "changes wait"} to enter${which(behind)}`;
  if (isHeld) return what;
  if (before !== undefined && (before.stage !== null || before.halt !== null)) return `${what}, until ${before.lane} is through`;
  return manual && allowed === null ? `${what}, on a person's word: say \`promote ${lane} REASON\`` : what;
}

function takesText(lane: LaneStatus): string {
  const takes = takesOf(lane);
  return takes.length === 0 ? "" : `It still takes ${takes.join(", ")}`;
}

/** What a lane's stage still takes to be found good, as far as it can be seen. */
export const takesOf = ({ stage }: LaneStatus): string[] =>
  stage === null || stage.undeployed !== undefined || stage.unseen !== null ? [] : stage.missing.map(missingText);

function haltText(halt: Halt, lane: LaneStatus): string {
  const { why, next } = haltParts(halt, lane);
  const { suspects, stays, notReturned } = halt;
  const more = [
    ...suspectTexts(suspects),
    ...staysTexts(stays),
    ...(notReturned === undefined ? [] : [`It does not go back by itself: ${notReturned}`]),
  ];
  return `Stands still since ${shownInstant(halt.at)}: ${why.join(", ")}. ${[...more, `Next: ${next}`].join(". ")}`;
}

/** Why a lane stands still, and what to say next, which is between backticks. */
export function haltParts({ why }: Halt, { lane, environment, stage, verified }: LaneStatus): { why: string[]; next: string } {
  const ways = `say \`return ${lane} REASON\`, or \`promote ${lane} REASON\` if it is good all the same; a release that takes it back follows by itself`;
  const simply = (text: string, next: string): ReturnType<typeof haltParts> => ({ why: [text], next });
  switch (why.kind) {
    case "verdict": {
      const { verdict } = why;
      if (verdict.kind === "failed")
        return {
          why: verdict.troubles.map(
            ({ kind, certnames, resources }) =>
              `${troubleWords[kind]} (${some(certnames, certnames.length)}${resources.length === 0 ? "" : `; ${some(resources, resources.length)}`})`,
          ),
          next: ways,
        };
      const missing = "missing" in verdict ? verdict.missing.map(missingText).join(", ") : "";
      return simply(`its time was over, and it still took ${missing}`, ways);
    }
    case "moved-elsewhere":
      return simply(
        `somebody else ${why.tip === null ? "took its branch away" : `moved its branch to ${short(why.tip)}`}`,
        `put ${environment} back at ${short(stage?.release ?? verified)}, and say \`resume ${lane}\``,
      );
    case "modules-differ":
      return simply(
        `compilers serve it with other modules than in the lane ${why.than} (${some(
          why.modules.map(({ name }) => name),
          why.modules.length,
        )})`,
        `pin them in the Puppetfile; ${ways}`,
      );
    case "off-the-line":
      return simply(`the base branch does not lead to ${short(why.commit)} any more`, `put it back, and say \`resume ${lane}\``);
    case "not-in-policy":
      return simply("the policy has no such lane any more", "put it back into the policy");
    case "person":
      return simply(
        `${why.by.name} stopped it: ${why.reason}`,
        `say \`resume ${lane}\`${stage?.way === "back" ? ", and it goes on back" : `, or ${ways}`}`,
      );
  }
  return why satisfies never;
}

/** Who of a release it points to. */
function suspectTexts(suspects: Halt["suspects"]): string[] {
  if (suspects === undefined) return [];
  if (!suspects.known) return [`Whom it points to is not known: ${suspects.reason}`];
  // A share of what points nowhere would look like one of evidence.
  if (suspects.value.length > 0 && suspects.value.every(({ why }) => why.every(({ how }) => how === "release")))
    return [
      `Nothing that went wrong points to a line or file that it changes, so it may have another cause; in the release: ${some(
        suspects.value.map(({ commit, number }) => landed({ sha: commit, number })),
        suspects.value.length,
      )}`,
    ];
  return suspects.value.length === 0
    ? []
    : [
        `Suspected: ${some(
          suspects.value.map(({ commit, number, score }) => `${landed({ sha: commit, number })} (${Math.round(100 * score)} %)`),
          suspects.value.length,
        )}`,
      ];
}

function staysTexts(stays: Halt["stays"]): string[] {
  if (stays === undefined) return [];
  if (!stays.known) return [`What going back would leave is not known: ${stays.reason}`];
  const count = stays.value.items.length + stays.value.more;
  return count === 0 ? [] : [`Going back would not undo ${count === 1 ? "one thing" : `${count} things`}`];
}

function missingText(missing: Missing): string {
  switch (missing.kind) {
    case "bake":
      return `${minutes(missing.minutes)} more`;
    case "coverage":
      return `runs of more nodes (${missing.ran} of ${missing.of} ran it often enough, and ${missing.percent} percent have to)`;
    case "class":
      return `a good run of one of ${missing.certnames.length === 0 ? "a class of nodes that nobody hears of" : some(missing.certnames, missing.certnames.length)}, which change in a way of their own`;
    case "unconfirmed":
      return `a second run of ${some(missing.certnames, missing.certnames.length)}, which failed once`;
    case "no-pass":
      return "one node that ran it well";
  }
  return missing satisfies never;
}

const troubleWords: Readonly<Record<TroubleKind, string>> = {
  "compile-failed": "nodes get no catalog of it",
  "newly-failed": "resources fail that did not before",
  "touched-failed": "what it changes fails",
  "unexpected-change": "what it does not change changes on many nodes",
  "newly-silent": "nodes fell silent",
  "catalog-differs": "nodes got other catalogs than those that were looked at",
};

export const nodeWords: Readonly<Record<NodeVerdictKind, string>> = {
  excluded: "not active any more",
  "absent-before": "silent since before",
  "noop-before": "in noop as before",
  "pinned-before": "on a catalog of their own as before",
  "uncompiled-before": "without a catalog as before",
  waiting: "yet to run",
  "newly-silent": "newly silent",
  "compile-failed": "without a catalog of it",
  "no-catalog": "without any catalog",
  "pinned-cache": "on a catalog of their own",
  "stale-compiler": "served something else",
  noop: "in noop",
  suspected: "failed once",
  "newly-failed": "newly failed",
  "still-failing": "failing as before",
  "partial-noop": "partly in noop",
  flapping: "changing at every run",
  running: "good so far",
  pass: "good",
};

const ordinary: ReadonlySet<NodeVerdictKind> = new Set(["pass", "running", "waiting", "excluded"]);
/** What somebody has to look at. */
export const isWorthNaming = (kind: NodeVerdictKind): boolean => !ordinary.has(kind);

const mostNamed = 5;
function some(names: readonly string[], of: number): string {
  const shown = names.slice(0, mostNamed);
  return `${shown.join(", ")}${of > shown.length ? ` and ${of - shown.length} more` : ""}`;
}

const changesText = (changes: readonly Landed[]): string => (changes.length === 0 ? "" : ` (${some(changes.map(landed), changes.length)})`);
const landed = ({ sha, number }: Landed): string => (number === null ? short(sha) : `#${number}`);
const minutes = (count: number): string =>
  count >= 120 ? `${Math.floor(count / 60)} h ${Math.round(count % 60)} min` : `${Math.round(count)} min`;
const ago = (milliseconds: number): string => (milliseconds < 120_000 ? "just now" : `${minutes(milliseconds / 60_000)} ago`);
