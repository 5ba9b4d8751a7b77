import type { Origin } from "../../gate/event.ts";
import type { Access } from "./access.ts";
import { isAtLeast } from "./access.ts";
import type { Answer, Asked } from "./answers.ts";
import { home } from "./pages/home.ts";
import { notFound } from "./pages/refusal.ts";
import type { SitePorts, Viewer } from "./ports.ts";

export interface Routes {
  answer(asked: Asked, viewer: Viewer): Promise<Answer>;
}

/** Which page an address is of, for those who may see it: whatever is of a repository, for whoever may read that by GitHub's word. */
export function createRoutes(ports: SitePorts, access: Access): Routes {
  return {
    answer: async (asked, viewer) => {
      const [owner, name, page, ...more] = asked.segments;
      if (owner === undefined) return home(await readable(viewer));
      const origin = name === undefined ? undefined : await named(owner, name);
      if (origin === undefined || more.length > 0) return notFound();
      const permission = await access.of(viewer, origin);
      if (!isAtLeast(permission, "read")) return notFound();
      return page === undefined ? notFound() : notFound();
    },
  };

  async function readable(viewer: Viewer): Promise<Origin[]> {
    const origins = await ports.repositories();
    const may = await Promise.all(origins.map(async (origin) => isAtLeast(await access.of(viewer, origin), "read")));
    return origins.filter((_, at) => may[at]);
  }

  /** As GitHub compares names. */
  async function named(owner: string, name: string): Promise<Origin | undefined> {
    const wanted = `${owner}/${name}`.toLowerCase();
    return (await ports.repositories()).find(({ repository }) => `${repository.owner}/${repository.name}`.toLowerCase() === wanted);
  }
}
