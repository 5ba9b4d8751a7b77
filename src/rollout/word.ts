import { nearest } from "../policy/nearest.ts";
import { type Line, type LineStep, placeOf } from "./line.ts";
import { obey, type RolloutCommand, type Sayer } from "./obey.ts";
import type { LaneState, Rollout } from "./state.ts";
import { minutesIn } from "./until.ts";
import { nextRelease } from "./train.ts";

/** What people say, in a pull request as on a shell: one verb, and what comes after it. */
export const verbs = ["status", "pause", "resume", "promote", "abort", "return", "unquarantine"] as const;
export type Verb = (typeof verbs)[number];
export type OrderVerb = Exclude<Verb, "status">;

/** How each is written. */
export const forms: Readonly<Record<Verb, string>> = {
  status: "status",
  pause: "pause [for 2h | until 2026-12-24T08:00Z] REASON",
  resume: "resume [LANE]",
  promote: "promote [LANE] [COMMIT] REASON",
  abort: "abort [LANE] REASON",
  return: "return [LANE] [COMMIT or #NUMBER …] REASON",
  unquarantine: "unquarantine COMMIT or #NUMBER REASON",
};

/** What people say for these when they are in a hurry. Nothing is done by such a word: it only helps to find the right one. */
const alike: ReadonlyMap<string, Verb> = new Map(
  (
    [
      ["abort", ["stop", "halt", "cancel", "kill"]],
      ["pause", ["hold", "freeze", "wait"]],
      ["resume", ["continue", "unpause", "start", "go", "unhalt", "unabort"]],
      ["promote", ["approve", "force", "skip", "pass", "accept"]],
      ["return", ["rollback", "revert", "undo", "back", "restore"]],
      ["status", ["show", "where", "list", "state"]],
      ["unquarantine", ["release", "allow"]],
    ] as const
  ).flatMap(([verb, words]) => words.map((word) => [word, verb] as const)),
);

/** The verb that a word that is none was most likely meant to be; null where nobody can tell. */
export const meantVerb = (word: string): Verb | null => alike.get(word.toLowerCase()) ?? (nearest(word, verbs) as Verb | null);

export type Understood =
  | {
      ok: true;
      command: RolloutCommand;
      /** What it is about, as far as it has to be nobody's own: every change that goes wider, back, or out of quarantine by it. */
      about: readonly Pick<LineStep, "sha" | "number">[];
    }
  | { ok: false; text: string; hint: string };

/** What people speak to. `now`: when they said it. */
export interface Spoken {
  rollout: Rollout;
  line: Line;
  now: number;
}

/** A pause that nobody gave an end ends after a day, and none is longer than thirty. */
const usualPause = 24 * 60;
const longestPause = 30 * usualPause;
/** Characters of a reason to go wider or around: less says nothing to who reads it in a year. Who stops something may be in a hurry. */
const leastReason = 10;
const longestReason = 1_000;

/** What somebody means by a verb and the words after it. A lane may be left out where only one can be meant. */
export function understand(verb: OrderVerb, text: string, spoken: Spoken): Understood {
  const words = storable(text)
    .split(/\s+/u)
    .filter((word) => word !== "");
  if (verb === "pause") return pauseOf(words, spoken.now);
  if (verb === "unquarantine") return unquarantineOf(words, spoken);
  const { lanes } = spoken.rollout;
  const named = lanes.find(({ lane }) => lane === words[0]);
  const rest = named === undefined ? words : words.slice(1);
  if (named === undefined) {
    const typo =
      words[0] === undefined
        ? null
        : nearest(
            words[0],
            lanes.map(({ lane }) => lane),
          );
    if (typo !== null) return no(`there is no lane ${words[0] ?? ""}`, `Did you mean ${typo}?`);
  }
  if (verb === "resume") {
    if (rest.length > 0) return no(`there is no lane ${rest[0] ?? ""}`, lanesAre(lanes));
    if (named === undefined && spoken.rollout.paused !== null) return yes({ kind: "resume", lane: null }, []);
  }
  const lane = named ?? onlyOne(verb, spoken);
  if (lane === undefined) return whichLane(verb, spoken);
  if (verb === "resume") return yes({ kind: "resume", lane: lane.lane }, releaseOf(lane, spoken));
  if (verb === "abort") return withReason(rest, 1, verb, (reason) => yes({ kind: "abort", lane: lane.lane, reason }, []));
  return verb === "promote" ? promoteOf(lane, rest, spoken) : returnOf(lane, rest, spoken);
}

/** No database takes a NUL or half a character in its texts. */
const storable = (text: string): string => text.toWellFormed().replaceAll("\0", "␀");

const no = (text: string, hint: string): Understood => ({ ok: false, text, hint });
const yes = (command: RolloutCommand, about: readonly Pick<LineStep, "sha" | "number">[]): Understood => ({ ok: true, command, about });
const lanesAre = (lanes: readonly LaneState[]): string => `The lanes are ${lanes.map(({ lane }) => lane).join(", ")}.`;
const say = (verb: Verb): string => `Say \`${forms[verb]}\`.`;

function withReason(words: readonly string[], least: number, verb: Verb, then: (reason: string) => Understood): Understood {
  const reason = words.join(" ");
  if (reason.length > longestReason) return no("a reason has 1,000 characters at most", "Say the rest where people talk, and link to it.");
  if (reason === "") return no("it needs a reason", say(verb));
  if (reason.length < least) return no(`it needs a reason of at least ${least} characters`, "Say it so that it is understood in a year.");
  return then(reason);
}

function pauseOf(words: readonly string[], now: number): Understood {
  const isTimed = words[0] === "for" || words[0] === "until";
  const minutes = isTimed ? minutesIn(words[0] === "for" ? "for" : "until", words[1] ?? "", now) : usualPause;
  if (minutes === null)
    return no(
      words[1] === undefined ? `no time follows \`${words[0] ?? ""}\`` : `\`${words[1]}\` is no time here`,
      "Say `for 90m`, `for 2h`, `for 3d`, or `until 2026-12-24T08:00Z`; without a zone it is UTC.",
    );
  if (minutes > longestPause) return no("a pause is 30 days at most", "A freeze of the policy holds longer, and everybody sees it coming.");
  return withReason(words.slice(isTimed ? 2 : 0), 1, "pause", (reason) =>
    yes({ kind: "pause", until: now + minutes * 60_000, reason }, []),
  );
}

function promoteOf(state: LaneState, words: readonly string[], spoken: Spoken): Understood {
  const [first = ""] = words;
  const isNamed = looksLikeCommit(first);
  const release = isNamed ? commitIn(first, spoken.line) : null;
  if (isNamed && release === null) return no(`${first} is no commit of the base branch that a lane does not have yet`, whereEachIs);
  const about = releaseOf(state, spoken);
  return withReason(words.slice(isNamed ? 1 : 0), leastReason, "promote", (reason) =>
    yes({ kind: "promote", lane: state.lane, release: release?.sha ?? null, reason }, about),
  );
}

function returnOf(state: LaneState, words: readonly string[], spoken: Spoken): Understood {
  const { line, rollout } = spoken;
  const commits: string[] = [];
  let at = 0;
  for (; looksLikeCommit(words[at] ?? ""); at += 1) {
    const step = commitIn(words[at] ?? "", line);
    if (step === null) return no(`${words[at] ?? ""} is nothing that goes back`, whereEachIs);
    commits.push(step.sha);
  }
  const from = placeOf(line, state.verified) ?? line.length;
  const furthest = Math.max(...rollout.lanes.map(({ stage, verified }) => placeOf(line, stage?.release ?? verified) ?? line.length));
  return withReason(words.slice(at), leastReason, "return", (reason) =>
    yes({ kind: "return", lane: state.lane, commits, reason }, line.slice(from + 1, furthest + 1)),
  );
}

function unquarantineOf(words: readonly string[], { rollout, line }: Spoken): Understood {
  const [first = ""] = words;
  const known = rollout.quarantined.map(({ commit }) => line.find(({ sha }) => sha === commit) ?? { sha: commit, number: null });
  const named = known.filter((step) => isMeant(step, first));
  const [one] = named;
  if (first === "" || one === undefined || named.length > 1) {
    if (known.length === 0) return no("nothing is in quarantine", whereEachIs);
    return no(
      first === "" ? "it has to be said what later releases may bring along again" : `${first} is not what is in quarantine`,
      `Name one of these: ${known.map(({ sha, number }) => (number === null ? sha : `#${number} (${sha})`)).join(", ")}.`,
    );
  }
  return withReason(words.slice(1), leastReason, "unquarantine", (reason) => yes({ kind: "unquarantine", commit: one.sha, reason }, [one]));
}

const whereEachIs = "`status` says where each release is.";

/** A word of seven hexadecimal digits is a commit, unless it is one of language: `defaced`. */
const looksLikeCommit = (word: string): boolean => /^#\d{1,9}$/u.test(word) || (/^[0-9a-f]{7,64}$/u.test(word) && /\d/u.test(word));

const isMeant = ({ sha, number }: Pick<LineStep, "sha" | "number">, word: string): boolean =>
  word.startsWith("#") ? number === Number(word.slice(1)) : word.length >= 7 && sha.startsWith(word);

function commitIn(word: string, line: Line): LineStep | null {
  const found = line.slice(1).filter((step) => isMeant(step, word));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** What is under way in a lane, or would enter it next: all of it that was not good there yet. */
function releaseOf(state: LaneState, { rollout, line }: Spoken): readonly LineStep[] {
  const at = rollout.lanes.indexOf(state);
  const next = at === 0 ? nextRelease(line, state.verified, rollout.quarantined) : (rollout.lanes[at - 1]?.verified ?? null);
  const release = state.stage?.release ?? next ?? state.verified;
  const [from, to] = [placeOf(line, state.verified), placeOf(line, release)];
  // Off the line nobody can tell what is in it: named without a pull request, so that nobody counts as a stranger to it.
  if (from === null || to === null) return [{ sha: release, number: null, solo: null, reverts: null }];
  return line.slice(Math.min(from, to) + 1, Math.max(from, to) + 1);
}

const stranger: Sayer = { who: { id: null, name: "" }, contributed: { known: true, value: false } };

/** The lane that alone can be meant: of those in which it would be obeyed, the ones with something under way first. */
function onlyOne(verb: Exclude<OrderVerb, "pause" | "unquarantine">, spoken: Spoken): LaneState | undefined {
  const can = candidates(verb, spoken);
  const busy = can.filter(({ stage }) => stage !== null);
  const of = busy.length > 0 || verb === "return" ? busy : can;
  return of.length === 1 ? of[0] : undefined;
}

function candidates(verb: Exclude<OrderVerb, "pause" | "unquarantine">, { rollout, line, now }: Spoken): LaneState[] {
  return rollout.lanes.filter(({ lane }) => obey(rollout, commandFor(verb, lane), stranger, line, now).ok);
}

function commandFor(verb: Exclude<OrderVerb, "pause" | "unquarantine">, lane: string): RolloutCommand {
  if (verb === "resume") return { kind: "resume", lane };
  return verb === "return" ? { kind: "return", lane, commits: [], reason: "" } : { kind: verb, lane, reason: "" };
}

function whichLane(verb: Exclude<OrderVerb, "pause" | "unquarantine">, spoken: Spoken): Understood {
  const can = candidates(verb, spoken).map(({ lane }) => lane);
  if (can.length > 0)
    return no(
      "which lane is meant is not clear",
      `Name one: \`${verb} LANE${verb === "resume" ? "" : " REASON"}\`, with ${can.join(" or ")}.`,
    );
  if (verb === "resume") return no("nothing is paused, and no lane stands still that a word could start", whereEachIs);
  const nothing = spoken.rollout.lanes.every(({ stage }) => stage === null) ? ": nothing is under way" : "";
  return no(`there is no lane now for which \`${verb}\` means anything${nothing}`, `${lanesAre(spoken.rollout.lanes)} ${whereEachIs}`);
}
