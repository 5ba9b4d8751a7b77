import { randomUUID } from "node:crypto";
import type { Origin } from "../../gate/event.ts";
import type { Permission } from "../../gate/facts.ts";
import { pagePolicy, renderPage } from "../report/page.ts";
import type { Access } from "./access.ts";
import { isAtLeast } from "./access.ts";
import type { Answer, Asked } from "./answers.ts";
import { change } from "./pages/change.ts";
import { changes, changesAsked, changesCsv } from "./pages/changes.ts";
import { home } from "./pages/home.ts";
import { rollout, words } from "./pages/rollout.ts";
import { notFound, refusal } from "./pages/refusal.ts";
import type { RolloutAnswer, SitePorts, Viewer } from "./ports.ts";

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
      if (!isAtLeast(permission, "read")) return notFound();
      return rest.length === 1 && rest[0] === "rollout" ? ofRollout(origin, asked, viewer, permission) : within(origin, rest, asked);
    },
  };

  async function within({ repository }: Origin, [page, ...more]: readonly string[], asked: Asked): Promise<Answer> {
    const name = `${repository.owner}/${repository.name}`;
    if (asked.method !== "GET") return notFound();
    if (page === undefined) return listed(repository.id, name, asked);
    if (page === "changes") return ofChange(repository.id, name, more);
    return notFound();
  }

  async function ofRollout(origin: Origin, asked: Asked, viewer: Viewer, permission: Permission): Promise<Answer> {
    const { repository } = origin;
    const name = `${repository.owner}/${repository.name}`;
    const person = viewer.kind === "person" && isAtLeast(permission, "write") ? viewer : null;
    const heard = asked.method === "POST" ? await hear(origin, asked, person) : null;
    if (heard !== null && "kind" in heard) return heard;
    const view = {
      status: await ports.rollout(origin),
      said: await ports.saidTo(repository.id),
      formToken: person?.formToken ?? null,
      github: ports.github,
      key: randomUUID(),
    };
    return rollout(name, heard === null ? view : { ...view, answered: heard });
  }

  async function hear(
    origin: Origin,
    { form }: Asked,
    viewer: Extract<Viewer, { kind: "person" }> | null,
  ): Promise<RolloutAnswer | Extract<Answer, { kind: "page" }>> {
    if (viewer === null) return refusal(403, "Not done", "Only who may write in this repository can say something to its rollout.");
    const verb = words.find((each) => each === form.get("verb"));
    if (verb === undefined)
      return refusal(400, "Not understood", "That is nothing that can be said to a rollout.", "Take the form of its page.");
    // Of the page that the form was on: sent again, it is the same word.
    const key = form.get("key") ?? "";
    if (!/^[0-9a-f-]{36}$/u.test(key))
      return refusal(400, "Not understood", "That is no form of the rollout's page.", "Load the page again.");
    const text = [form.get("lane") ?? "", form.get("text") ?? ""].join(" ").replaceAll(/\s+/gu, " ").trim();
    return ports.say(origin, { key: `page:${viewer.person.id}:${key}`, person: viewer.person, verb, text });
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
