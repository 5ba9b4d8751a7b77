import type { Origin } from "../../gate/event.ts";
import type { Known, Permission, Person } from "../../gate/facts.ts";
import type { Report } from "../../gate/report.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { Answer, Standing } from "../../gate/view.ts";
import type { EntryKind } from "../../ledger/entry.ts";

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
