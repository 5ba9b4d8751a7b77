import type { Origin } from "../../gate/event.ts";
import type { Known, Permission, Person } from "../../gate/facts.ts";

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
  now(): Date;
  log: { error(fields: object, message: string): void };
}

/** Who looks at a page. */
export type Viewer = { kind: "local" } | { kind: "person"; person: Person; formToken: string };
