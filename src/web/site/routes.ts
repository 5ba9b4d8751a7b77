import type { Origin } from "../../gate/event.ts";
import { pagePolicy, renderPage } from "../report/page.ts";
import type { Access } from "./access.ts";
import { isAtLeast } from "./access.ts";
import type { Answer, Asked } from "./answers.ts";
import { change } from "./pages/change.ts";
import { changes, changesAsked, changesCsv } from "./pages/changes.ts";
import { home } from "./pages/home.ts";
import { notFound, refusal } from "./pages/refusal.ts";
import type { SitePorts, Viewer } from "./ports.ts";

export interface Routes {
  answer(asked: Asked, viewer: Viewer): Promise<Answer>;
}

/** Which page an address is of, for those who may see it: whatever is of a repository, for whoever may read that by GitHub's word. */
export function createRoutes(ports: SitePorts, access: Access): Routes {
  return {
    answer: async (asked, viewer) => {
      const [owner, name, ...rest] = asked.segments;
      if (owner === undefined) return home(await readable(viewer));
      const origin = name === undefined ? undefined : await named(owner, name);
      if (origin === undefined) return notFound();
      const permission = await access.of(viewer, origin);
      return isAtLeast(permission, "read") ? within(origin, rest, asked) : notFound();
    },
  };

  async function within({ repository }: Origin, [page, ...more]: readonly string[], asked: Asked): Promise<Answer> {
    const name = `${repository.owner}/${repository.name}`;
    if (asked.method !== "GET") return notFound();
    if (page === undefined) return listed(repository.id, name, asked);
    if (page === "changes") return ofChange(repository.id, name, more);
    return notFound();
  }

  async function listed(repository: number, name: string, asked: Asked): Promise<Answer> {
    const wanted = changesAsked(asked);
    if (wanted === null)
      return refusal(400, "Not understood", "No list of changes is asked for in this way.", "Take the form above the list.");
    const rows = await ports.changes(repository, wanted);
    return wanted.isCsv ? changesCsv(name, rows) : changes(name, wanted, rows, ports.now());
  }

  async function ofChange(repository: number, name: string, [text = "", page, ...more]: readonly string[]): Promise<Answer> {
    const number = /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : null;
    const shown = number === null ? null : await ports.change(repository, number);
    if (number === null || shown === null || more.length > 0) return notFound();
    const report = await ports.reportOf(repository, number);
    if (page === undefined) return change(name, shown, { github: ports.github, hasReport: report !== null, now: ports.now() });
    return page === "report" && report !== null ? { kind: "document", html: renderPage(report), policy: pagePolicy } : notFound();
  }

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
