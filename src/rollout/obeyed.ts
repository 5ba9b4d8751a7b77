import type { Event } from "./effects.ts";
import type { Rollout } from "./state.ts";

/** What became of a person's word: the rollout by it, or why not and what to do. */
export type Obeyed = { ok: true; rollout: Rollout; events: readonly Event[] } | { ok: false; text: string; hint: string };

export const refused = (text: string, hint: string): Obeyed => ({ ok: false, text, hint });
