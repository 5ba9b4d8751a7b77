import type { Origin } from "../../gate/event.ts";
import type { Permission, Person } from "../../gate/facts.ts";
import { Problem } from "../../problem.ts";
import type { SitePorts, Viewer } from "./ports.ts";

/** Somebody whose access was taken away sees nothing any more after so long, and GitHub is not asked for each of their pages. */
const rememberedMs = 60_000;
const mostRemembered = 10_000;

const levels: readonly Permission[] = ["none", "read", "write", "admin"];
export const isAtLeast = (permission: Permission, least: Permission): boolean => levels.indexOf(permission) >= levels.indexOf(least);

export interface Access {
  /** What somebody may do with a repository by GitHub's word of this minute. Rejects with a Problem where GitHub can't be asked. */
  of(viewer: Viewer, origin: Origin): Promise<Permission>;
}

export function createAccess({ permissionOf, now }: Pick<SitePorts, "permissionOf" | "now">): Access {
  const remembered = new Map<string, { permission: Permission; until: number }>();
  /** Whoever opens several pages at once is asked about once. */
  const asking = new Map<string, Promise<Permission>>();
  return {
    of: async (viewer, origin) => {
      if (viewer.kind === "local") return "read";
      const key = `${origin.repository.id}:${viewer.person.id}`;
      const at = now().getTime();
      const kept = remembered.get(key);
      if (kept !== undefined && at < kept.until) return kept.permission;
      const asked = asking.get(key) ?? ask(origin, viewer.person).finally(() => asking.delete(key));
      asking.set(key, asked);
      const permission = await asked;
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(key, { permission, until: at + rememberedMs });
      return permission;
    },
  };

  async function ask(origin: Origin, person: Person): Promise<Permission> {
    const told = await permissionOf(origin, person);
    if (told.known) return told.value;
    throw new Problem({
      code: "access-unknown",
      text: `Whether you may see ${origin.repository.owner}/${origin.repository.name} could not be learnt: ${told.reason}.`,
      hint: "Try again in a minute.",
    });
  }
}
