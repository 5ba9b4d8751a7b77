import { randomUUID } from "node:crypto";
import type { Origin } from "../../gate/event.ts";
import type { Permission } from "../../gate/facts.ts";
import { pagePolicy, renderPage } from "../report/page.ts";
import type { Access } from "./access.ts";
import { isAtLeast } from "./access.ts";
import type { Answer, Asked } from "./answers.ts";
import { change } from "./pages/change.ts";
import { changes, changesAsked, changesCsv } from "./pages/changes.ts";
import { entry, ledger, ledgerAsked, ledgerCsv, signedHead } from "./pages/ledger.ts";
import { metrics, metricsAsked, metricsCsv } from "./pages/metrics.ts";
import { sessions } from "./pages/sessions.ts";
import { home } from "./pages/home.ts";
import { answered, answeredCsv, questionAsked, questions } from "./pages/questions.ts";
import { rollout, words } from "./pages/rollout.ts";
import { notFound, refusal } from "./pages/refusal.ts";
import type { RolloutAnswer, SitePorts, Viewer } from "./ports.ts";
import { readable, readableAsked, readsAny } from "./readable.ts";

export interface Routes {
  answer(asked: Asked, viewer: Viewer): Promise<Answer>;
}

/** What somebody may see of a repository. */
interface Sight {
  permission: Permission;
  /** Whether that is names and values of nodes, too. */
  nodes: boolean;
}

/** Which page an address is of, for those who may see it: whatever is of a repository, for whoever may read that by GitHub's word. */
export function createRoutes(ports: SitePorts, access: Access): Routes {
  return {
    answer: async (asked, viewer) => {
      const [owner, name, ...rest] = asked.segments;
      if (owner === undefined) return ofAll(asked, viewer);
      // No account of GitHub's has a name like that.
      if (owner === "-") return ofInstallation(asked.segments.slice(1), asked, viewer);
      const origin = name === undefined ? undefined : await named(owner, name);
      if (origin === undefined) return notFound();
      const permission = await access.of(viewer, origin);
      if (!isAtLeast(permission, "read")) return notFound();
      const least = viewer.kind === "local" ? "read" : await ports.nodesFrom(origin.repository.id);
      // Where no policy says it, only who may change the policy sees them.
      const sight = { permission, nodes: isAtLeast(permission, least ?? "admin") };
      return rest.length === 1 && rest[0] === "rollout" ? ofRollout(origin, asked, viewer, sight) : within(origin, rest, asked, sight);
    },
  };

  async function ofAll(asked: Asked, viewer: Viewer): Promise<Answer> {
    const wanted = readableAsked(asked);
    if (wanted === null) return refusal(400, "Not understood", "No repositories are asked for in this way.", "Take the page's own links.");
    return home(await readable(await ports.repositories(), wanted, viewer, access));
  }

  async function ofInstallation([page, ...more]: readonly string[], asked: Asked, viewer: Viewer): Promise<Answer> {
    if (page === "sessions" && more.length === 0 && viewer.kind === "person") return ofSessions(asked, viewer);
    if (asked.method !== "GET" || page !== "ledger" || more.length > 1) return notFound();
    // Whoever sees nothing of what it is a log of has no use for it.
    if (!(await readsAny(await ports.repositories(), viewer, access))) return notFound();
    const head = await ports.logHead();
    if (more.length === 0) return signedHead(head);
    return more[0] === "checkpoint" && head.note !== null ? { kind: "file", name: "checkpoint", text: head.note } : notFound();
  }

  async function ofSessions(asked: Asked, viewer: Extract<Viewer, { kind: "person" }>): Promise<Answer> {
    if (asked.method === "GET") return sessions(viewer);
    await ports.sessions?.end({ person: viewer.person.id });
    return { kind: "to", path: "/signed-out" };
  }

  async function within(origin: Origin, [page, ...more]: readonly string[], asked: Asked, sight: Sight): Promise<Answer> {
    const { repository } = origin;
    const name = `${repository.owner}/${repository.name}`;
    if (asked.method !== "GET") return notFound();
    if (page === undefined) return listed(repository.id, name, asked, sight);
    if (page === "changes") return ofChange(repository.id, name, more, sight);
    if (page === "metrics" && more.length === 0) return ofMetrics(repository.id, name, asked);
    if (page === "ledger") return ofLedger(origin, name, more, asked, sight);
    return notFound();
  }

  async function ofMetrics(repository: number, name: string, asked: Asked): Promise<Answer> {
    const wanted = metricsAsked(asked, ports.now());
    if (typeof wanted === "string") return refusal(400, "Not understood", wanted, "Take the form of the page.");
    const { service, team } = wanted;
    const measured = await ports.measures(repository, { from: new Date(wanted.from), to: new Date(wanted.to), service, team });
    if (wanted.file !== null) return metricsCsv(name, wanted, measured);
    const [measuredTo, expectations] = [await ports.measuredTo(), await ports.expectations(repository, new Date(wanted.from))];
    const waited = await ports.waited(repository, { from: new Date(wanted.from), to: new Date(wanted.to) });
    return metrics(name, wanted, measured, { measuredTo, expectations, waited });
  }

  async function ofLedger(
    origin: Origin,
    name: string,
    [text, page, ...more]: readonly string[],
    asked: Asked,
    { nodes }: Sight,
  ): Promise<Answer> {
    if (text === undefined) {
      const wanted = ledgerAsked(asked);
      if (typeof wanted === "string") return refusal(400, "Not understood", wanted, "Take the form above the list.");
      const found = await ports.entries(origin, wanted, nodes);
      return wanted.isCsv ? ledgerCsv(name, found) : ledger(name, wanted, found, await ports.logHead());
    }
    if (text === "questions") return ofQuestions(origin.repository.id, name, [page, ...more], asked, nodes);
    const seq = /^[1-9]\d{0,14}$/u.test(text) ? Number(text) : null;
    const shown = seq === null || more.length > 0 ? null : await ports.entry(origin.repository.id, seq, nodes);
    if (shown === null) return notFound();
    if (page === undefined) return entry(name, shown, await ports.logHead());
    return page === "proof" ? { kind: "file", name: `entry-${shown.seq}.tlog-proof`, text: await ports.proof(shown.seq) } : notFound();
  }

  async function ofQuestions(
    repository: number,
    name: string,
    [question, ...more]: readonly (string | undefined)[],
    asked: Asked,
    nodes: boolean,
  ): Promise<Answer> {
    if (question === undefined) return questions(name, (one) => ports.mayAsk(one, nodes));
    if (more.length > 0) return notFound();
    if (!ports.mayAsk(question, nodes))
      return refusal(403, "Not shown", "The answer names nodes, which the policy shows to whoever has more rights in this repository.");
    const wanted = questionAsked(asked);
    if (typeof wanted === "string") return refusal(400, "Not understood", wanted, "Take the form of the page.");
    if (wanted.isCsv) {
      if (question === "running" && wanted.node === null)
        return refusal(400, "Not understood", "What ran on a node is asked of one node.", "Fill in its name in the form of the page.");
      const whole = await ports.askAll(repository, question, wanted);
      return whole === null ? notFound() : answeredCsv(name, whole);
    }
    const answer = await ports.ask(repository, question, wanted);
    return answer === null ? notFound() : answered(name, wanted, answer);
  }

  async function ofRollout(origin: Origin, asked: Asked, viewer: Viewer, { permission, nodes }: Sight): Promise<Answer> {
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
      nodes,
      now: ports.now(),
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

  async function listed(repository: number, name: string, asked: Asked, { nodes }: Sight): Promise<Answer> {
    const wanted = changesAsked(asked);
    if (wanted === null)
      return refusal(400, "Not understood", "No list of changes is asked for in this way.", "Take the form above the list.");
    const rows = await ports.changes(repository, wanted);
    return wanted.isCsv ? changesCsv(name, rows, nodes) : changes(name, wanted, rows, { now: ports.now(), nodes });
  }

  async function ofChange(
    repository: number,
    name: string,
    [text = "", page, ...more]: readonly string[],
    { nodes }: Sight,
  ): Promise<Answer> {
    const number = /^[1-9]\d{0,8}$/u.test(text) ? Number(text) : null;
    const shown = number === null ? null : await ports.change(repository, number);
    if (number === null || shown === null || more.length > 0) return notFound();
    const report = await ports.reportOf(repository, number);
    if (page === undefined) return change(name, shown, { github: ports.github, report, nodes, now: ports.now() });
    return page === "report" && report !== null && nodes ? { kind: "document", html: renderPage(report), policy: pagePolicy } : notFound();
  }

  /** As GitHub compares names. */
  async function named(owner: string, name: string): Promise<Origin | undefined> {
    const wanted = `${owner}/${name}`.toLowerCase();
    return (await ports.repositories()).find(({ repository }) => `${repository.owner}/${repository.name}`.toLowerCase() === wanted);
  }
}
