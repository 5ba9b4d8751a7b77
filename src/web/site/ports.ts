import type { Origin } from "../../gate/event.ts";
import type { Known, Permission, Person } from "../../gate/facts.ts";
import type { Report } from "../../gate/report.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { Answer, Standing } from "../../gate/view.ts";
import type { EntryKind } from "../../ledger/entry.ts";
import type { RolloutStatus } from "../../rollout/status.ts";
import type { OrderVerb } from "../../rollout/word.ts";

/** What the pages need of the rest. `wiring/site.ts` is where the compiler checks that it fits. */

export interface SignIn {
  begin(): Promise<{ address: string; asked: { state: string; verifier: string } }>;
  end(back: URL, asked: { state: string; verifier: string }): Promise<{ ok: true; person: Person } | { ok: false; why: string }>;
}

export interface SitePorts {
  /** Null: whoever is on this machine sees everything, and can do nothing. */
  signIn: SignIn | null;
  repositories(): Promise<readonly Origin[]>;
  permissionOf(origin: Origin, person: Person): Promise<Known<Permission>>;
  changes(repository: number, asked: ChangesAsked): Promise<readonly ChangeRow[]>;
  /** Null where there is none. */
  change(repository: number, number: number): Promise<ChangeShown | null>;
  /** The newest report of a change's checks; null where there is none. */
  reportOf(repository: number, number: number): Promise<Report | null>;
  /** Where each release is; null where nothing is rolled out. Rejects with a Problem where that can't be told now. */
  rollout(origin: Origin): Promise<RolloutStatus | null>;
  /** What people said to it last, the newest first. */
  saidTo(repository: number): Promise<readonly RolloutSaid[]>;
  /** Somebody's word to a rollout, kept with what came of it; told again under the same key it is the same. */
  say(origin: Origin, word: RolloutWord): Promise<RolloutAnswer>;
  /** Of GitHub's pages, without a slash at the end. */
  github: string;
  now(): Date;
  log: { error(fields: object, message: string): void };
}

/** Who looks at a page. */
export type Viewer = { kind: "local" } | { kind: "person"; person: Person; formToken: string };

export interface ChangeRow {
  number: number;
  state: "open" | "closed" | "merged";
  baseRef: string | null;
  head: string | null;
  /** Null before the first decision. */
  standing: Standing | null;
  verdict: Verdict | null;
  /** Null where nothing is kept of it. `openedAt` is ISO 8601. */
  about: { title: string; opener: string | null; openedAt: string } | null;
  decidedAt: Date | null;
}

export interface ChangesAsked {
  state: ChangeRow["state"];
  standing: Standing | null;
  /** Only those of lower numbers; null for the newest. */
  below: number | null;
  most: number;
}

export interface ChangeShown extends ChangeRow {
  answers: readonly Answer[];
  /** What the ledger has of it, oldest first; `at` is ISO 8601. */
  entries: readonly { seq: number; kind: EntryKind; at: string }[];
}

/** What somebody said to a rollout; `at` is ISO 8601. */
export interface RolloutSaid {
  who: string;
  verb: string;
  text: string;
  at: string;
  /** Where it was said. */
  via: string;
  /** One sentence; null where nobody heard it yet. */
  answer: string | null;
}

export interface RolloutWord {
  key: string;
  person: Person;
  verb: OrderVerb;
  text: string;
}

/** Plain text: one sentence, and what goes into detail. */
export interface RolloutAnswer {
  ok: boolean;
  text: string;
  lines: readonly string[];
}
