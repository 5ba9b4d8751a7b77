import type { Account, Permission, Pull, Repo } from "../state.ts";
import type { World } from "../world.ts";
import type { Actor } from "./actor.ts";
import { notFound, type Answer } from "./answers.ts";
import type { Quota } from "./rate-limit.ts";

/** A route table: what is served, to whom, and the template that names a route in faults. */

export interface Call {
  world: World;
  actor: Actor;
  url: URL;
  params: Readonly<Record<string, string>>;
  /** Parsed JSON; an empty object where the request had none. */
  body: unknown;
  /** What the asker has left of the hour. */
  quota: Quota;
}

export type RepoCall = Call & { repo: Repo };
export type OrganizationCall = Call & { organization: Account };

/**
 * Who may ask. `grants`: permissions of an installation, of which one is enough, written `contents:read`. `person`: what a person
 * needs on the repository, or null where only an App is let in.
 */
export interface Needs {
  grants: readonly string[];
  person: Permission | null;
}

export type Route =
  | { name: string; kind: "app"; run: (call: Call) => Promise<Answer> }
  | { name: string; kind: "anybody"; run: (call: Call) => Promise<Answer> }
  | { name: string; kind: "organization"; grant: string; run: (call: OrganizationCall) => Promise<Answer> }
  | { name: string; kind: "repo"; needs: Needs; run: (call: RepoCall) => Promise<Answer> };

/** A route for an App itself, by JWT. */
export const forApp = (name: string, run: (call: Call) => Promise<Answer>): Route => ({ name, kind: "app", run });

/** A route that asks for no repository. */
export const forAnybody = (name: string, run: (call: Call) => Promise<Answer>): Route => ({ name, kind: "anybody", run });

/** A route of an organisation, for its members and the Apps installed on it. @param grant what an installation needs, as `members:read` */
export const forOrganization = (name: string, grant: string, run: (call: OrganizationCall) => Promise<Answer>): Route => ({
  name,
  kind: "organization",
  grant,
  run,
});

/** A route of a repository. @param person see {@link Needs} */
export const forRepo = (
  name: string,
  grants: readonly string[],
  person: Permission | null,
  run: (call: RepoCall) => Promise<Answer>,
): Route => ({
  name,
  kind: "repo",
  needs: { grants, person },
  run,
});

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Parameters that take the rest of the path, slashes included, as GitHub's do. */
const greedy = new Set(["path", "ref", "branch", "basehead"]);

export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | null {
  // The longer template first: `commits/{ref}/check-runs` would else be a commit whose name has a slash.
  const byLength = [...routes].sort((a, b) => b.name.split("/").length - a.name.split("/").length);
  const compiled = byLength.map((route) => {
    const [method = "", template = ""] = route.name.split(" ");
    const pattern = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => `(?<${name}>${greedy.has(name) ? ".+?" : "[^/]+"})`);
    return { route, method, pattern: new RegExp(`^${pattern}/?$`) };
  });
  return (method, path) => {
    for (const entry of compiled) {
      const match = entry.method === method ? entry.pattern.exec(path) : null;
      if (match === null) continue;
      return {
        route: entry.route,
        params: Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)])),
      };
    }
    return null;
  };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw notFound();
  }
}

/** The pull request that a path names. */
export function pullOf(call: RepoCall, name = "pull_number"): Pull {
  const pull = call.repo.pulls.get(Number(call.params[name]));
  if (pull === undefined) throw notFound();
  return pull;
}
