import type { Memory, Note } from "./decide.ts";
import type { Facts, Person } from "./facts.ts";
import { glassState } from "./glass.ts";
import type { Wanted } from "./merging.ts";
import type { Answer } from "./view.ts";
import { paid } from "./notes.ts";
import { wishState } from "./wish.ts";

/** What lands by itself: a wish and a break-glass, as they stand after this turn's commands. */
export interface Intentions {
  /** Without what ended. */
  facts: Facts;
  /** Who wants it to land, where nothing of what they said ended. */
  wanted: Wanted | null;
  notes: Note[];
  /** That something ended, said to whoever asked for it. */
  answers: Answer[];
}

export function intentions(given: Facts, memory: Memory): Intentions {
  const found: Intentions = { facts: given, wanted: null, notes: [], answers: [] };
  takeGlass(found, memory);
  takeWish(found, memory);
  found.answers.push(...paid(given).map(receiptFor));
  return found;
}

/** What GitHub said to a merge ends what asked for it: asked again, it would say the same. */
const refusalOf = (comment: number, { refusal }: Memory): string | null => (refusal?.comment === comment ? refusal.text : null);

function takeWish(found: Intentions, memory: Memory): void {
  const { wish } = found.facts;
  const state = wishState(found.facts);
  if (wish === null || state.is === "none") return;
  const refusal = refusalOf(wish.comment, memory);
  if (state.is === "ended" || refusal !== null) {
    const why = refusal ?? (state.is === "ended" ? state.why : "");
    found.notes.push({ kind: "unwish", why });
    found.answers.push(...farewell(found.facts, wish, "/merge when ready", why));
    found.facts = { ...found.facts, wish: null };
    return;
  }
  if (state.filled !== null) {
    found.notes.push({ kind: "wish", wish: state.filled });
    found.facts = { ...found.facts, wish: state.filled };
  }
  if (state.mayLand) found.wanted ??= { comment: wish.comment, by: wish.by, method: wish.method };
}

function takeGlass(found: Intentions, memory: Memory): void {
  const { glass } = found.facts;
  const state = glassState(found.facts);
  if (glass === null || state.is === "none") return;
  const refusal = refusalOf(glass.comment, memory);
  if (state.is === "ended" || refusal !== null) {
    const why = refusal ?? (state.is === "ended" ? state.why : "");
    found.notes.push({ kind: "unglass", why });
    found.answers.push(...farewell(found.facts, glass, "/break-glass", why));
    found.facts = { ...found.facts, glass: null };
    return;
  }
  if (state.mayLand) found.wanted = { comment: glass.comment, by: glass.by, method: null };
}

const receiptFor = ({ by }: { by: Person }): Answer => ({
  comment: 0,
  by: by.login,
  command: "",
  accepted: true,
  lasting: true,
  text: "approved this afterwards: the review that was owed for it is paid",
  lines: [],
});

/** Once it is merged, everybody sees what became of it. */
function farewell({ state }: Facts, { comment, by }: { comment: number; by: Person }, command: string, why: string): Answer[] {
  if (state === "merged") return [];
  return [{ comment, by: by.login, command, accepted: false, lasting: true, text: `ended: ${why}`, lines: [] }];
}
