import type { Pull } from "../../src/demo/github/state.ts";
import type { Deed, Scene } from "./actors.ts";
import { approve, commitTo, openPull, say } from "./deeds.ts";
import { fileOf } from "./git/mirror.ts";
import { policies, policyFile, policyOf, type PolicyCase } from "./policies.ts";
import { openPulls } from "./world.ts";

/**
 * Changes with all that is asked for but one thing: what a gate with a hole would let through. Each begins with a change of its own, so
 * that nothing else mends it, and comes in one or more acts. Between two acts the gate may have heard of the first, or not.
 */
type At = Scene & { pull: Pull };
type Act = (at: At) => Promise<void>;

interface Temptation {
  /** What base's policy has to ask for, so that something is missing; without it, any does. */
  where?: (asks: PolicyCase["asks"]) => boolean;
  acts: readonly Act[];
}

const loginOf = ({ world }: At, id: number): string => world.github.state.accounts.get(id)?.login ?? "";
const openerOf = (at: At): string => loginOf(at, at.pull.userId);
const but = (at: At, ...logins: string[]): string[] => logins.filter((login) => login !== openerOf(at));
const peersOf = (at: At): string[] => but(at, "carol", "dave", "bob").slice(0, 2);
const others = (at: At): string[] => but(at, "carol", "dave", "bob", "alice");

const green = async (at: At, conclusion: "success" | "failure" = "success"): Promise<void> => {
  const { world, name, pull } = at;
  await world.github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head: pull.head.sha, jobs: { ci: conclusion } });
  at.tick();
};
const approved = async (at: At, logins = peersOf(at)): Promise<void> => {
  for (const login of logins) await approve(at, login, "APPROVE");
  at.tick();
};
const push = async (at: At, login: string, files?: Record<string, string>, more: { from?: string } = {}): Promise<void> => {
  const n = at.count();
  await commitTo(at, login, {
    branch: at.pull.head.ref,
    files: files ?? at.world.contents.fine("late", n),
    message: `late ${n}`,
    ...more,
  });
  at.tick();
};
/** While the check runs, which it mostly does yet, a plain /merge is refused. */
const ask = async (at: At, who = openerOf(at)): Promise<void> => {
  await say(at, who, at.chance.is(0.15) ? "/merge" : "/merge when ready");
  at.tick();
};
const greenAndAsked: Act = async (at) => {
  await green(at);
  await ask(at);
};
const approvedAndGreen: Act = async (at) => {
  await approved(at);
  await green(at);
};

const approvedAndGreenAndAsked: Act = async (at) => {
  await approved(at);
  await greenAndAsked(at);
};

const temptations: Readonly<Record<string, Temptation>> = {
  "approved before the last push": { acts: [approved, (at) => push(at, openerOf(at)), greenAndAsked] },
  "approved before it was rebuilt, and GitHub says otherwise": {
    acts: [
      approved,
      async (at) => {
        const { github } = at.world;
        if (!github.faults.armed().some(({ kind }) => kind === "reviews-move")) github.faults.next({ kind: "reviews-move" });
        await push(at, openerOf(at), undefined, { from: at.pull.base.ref });
        await greenAndAsked(at);
      },
    ],
  },
  "approved by those who wrote it": {
    acts: [
      async (at) => {
        for (const login of others(at)) await push(at, login);
        await approved(at, others(at));
        await greenAndAsked(at);
      },
    ],
  },
  "approved by who may only read": {
    where: ({ admin }) => !admin,
    acts: [
      async (at) => {
        for (const login of but(at, "bob", "dave", "erin")) at.world.github.collaborator(at.name, login, "read");
        at.tick();
        await approved(at, but(at, "bob", "dave", "erin"));
        await greenAndAsked(at);
      },
    ],
  },
  "approved by who may write no more": {
    where: ({ admin }) => !admin,
    acts: [
      (at) => approved(at, but(at, "bob", "dave")),
      async (at) => {
        for (const login of but(at, "bob", "dave")) at.world.github.collaborator(at.name, login, "read");
        at.tick();
        await greenAndAsked(at);
      },
    ],
  },
  "by a policy that it brings itself": {
    where: ({ ci, approvals, admin, team }) => ci || approvals > 1 || admin || team,
    acts: [
      async (at) => {
        await push(at, openerOf(at), { [policyFile]: policies[0]?.text ?? "" });
        await approved(at, but(at, "bob", "alice").slice(0, 1));
        await green(at, "failure");
        await ask(at);
      },
    ],
  },
  "with a check that failed": {
    where: ({ ci }) => ci,
    acts: [
      approved,
      async (at) => {
        await green(at, "failure");
        await ask(at);
      },
    ],
  },
  "with a check of another App": {
    where: ({ ci }) => ci,
    acts: [
      approved,
      async (at) => {
        await at.world.github.fetch(`https://api.github.com/repos/${at.name}/check-runs`, {
          method: "POST",
          headers: { authorization: `Bearer ${at.world.foreignToken}`, "content-type": "application/json" },
          body: JSON.stringify({ name: "ci", head_sha: at.pull.head.sha, status: "completed", conclusion: "success" }),
        });
        at.tick();
        await ask(at);
      },
    ],
  },
  "with somebody against it": {
    acts: [(at) => approve(at, at.chance.pick(others(at).slice(2)), "REQUEST_CHANGES"), approvedAndGreenAndAsked],
  },
  "asked for by somebody else": { acts: [approvedAndGreen, (at) => ask(at, at.chance.pick(others(at)))] },
  "called off by its author": {
    acts: [(at) => say(at, openerOf(at), "/merge when ready"), (at) => say(at, openerOf(at), "/cancel"), approvedAndGreen],
  },
  "asked for too early": { acts: [(at) => say(at, openerOf(at), "/merge"), approvedAndGreen] },
  "asked for by nobody": { acts: [(at) => say(at, openerOf(at), "/why"), approvedAndGreen] },
  "asked for in words that were edited": {
    acts: [
      (at) => say(at, openerOf(at), at.chance.is(0.3) ? "soon" : "/merge when ready"),
      async (at) => {
        const { world, name, chance } = at;
        const comment = [...at.repo.comments.values()].findLast(({ number, appId }) => number === at.pull.number && appId === null);
        if (comment !== undefined) await world.github.as(chance.pick(others(at))).editComment(name, comment.id, "/merge");
      },
      approvedAndGreen,
    ],
  },
};

/** What begins with a new change and goes on later. */
export interface UnderWay {
  repo: number;
  number: number;
  rest: readonly Act[];
}

/** Open pull requests of a repository besides which people begin no other change: each costs the gate a look at every move of base. */
export const mostOpen = 3;

/** A change of nobody else, into base as it is. Where many are open already, the oldest is closed for it. */
async function fresh(at: Scene): Promise<At> {
  const { world, repo, name } = at;
  const open = openPulls(repo);
  const [oldest] = open;
  if (open.length >= mostOpen && oldest !== undefined) {
    const opener = world.github.state.accounts.get(oldest.userId)?.login ?? "";
    await world.github.as(opener).closePull(name, oldest.number);
  }
  const n = at.count();
  const login = at.chance.pick(["alice", "alice", "bob", "dave"]);
  for (const peer of ["alice", "bob", "dave"]) world.github.collaborator(name, peer, "write");
  await commitTo(at, login, { branch: `topic-${n}`, from: "main", files: world.contents.fine("t", n), message: `change ${n}` });
  const number = await openPull(at, login, { head: `topic-${n}`, base: "main", title: `change ${n}` });
  at.tick();
  const pull = repo.pulls.get(number);
  if (pull === undefined) throw new Error(`#${number} was not opened`);
  return { ...at, pull };
}

/** Does acts until one is left for later. */
async function play(at: At, acts: readonly Act[]): Promise<void> {
  const [act, ...rest] = acts;
  await act?.(at);
  at.tick();
  if (rest.length === 0) return;
  if (at.chance.is(0.4)) await play(at, rest);
  else at.world.underWay.push({ repo: at.repo.id, number: at.pull.number, rest });
}

/** One of them begins, of those that came least often. */
export const temptation: Deed["run"] = async (at) => {
  const { world, repo, chance } = at;
  const { asks } = policyOf(fileOf(world.objects, repo.refs.get("main") ?? "", policyFile));
  const fitting = Object.entries(temptations).filter(([, { where }]) => where?.(asks) ?? true);
  const timesOf = (name: string): number => world.tempted.get(name) ?? 0;
  const least = Math.min(...fitting.map(([name]) => timesOf(name)));
  const [name, { acts }] = chance.pick(fitting.filter((one) => timesOf(one[0]) === least));
  world.tempted.set(name, least + 1);
  await play(await fresh(at), acts);
};

/** The one that waits longest goes on. */
export const goOn: Deed["run"] = async (at) => {
  const next = at.world.underWay.shift();
  const place = at.world.repos.find(({ repo }) => repo.id === next?.repo);
  const pull = place?.repo.pulls.get(next?.number ?? 0);
  if (next === undefined || place === undefined || pull?.state !== "open") return;
  await play({ ...at, ...place, pull }, next.rest);
};

/** A new change with nothing missing. */
export const asItShouldBe: Deed["run"] = async (at) => {
  const own = await fresh(at);
  await play(
    own,
    at.chance.is(0.8) ? [approvedAndGreenAndAsked] : [(one) => say(one, openerOf(one), "/merge when ready"), approvedAndGreen],
  );
};
