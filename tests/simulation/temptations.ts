import type { Pull } from "../../src/demo/github/state.ts";
import type { Deed, Scene } from "./actors.ts";
import { approve, commitTo, say } from "./deeds.ts";
import { policies, policyFile } from "./policies.ts";

/**
 * Changes with all that is asked for but one thing: what a gate with a hole would let through. Each is done at once, so that nothing else
 * mends it, and at the end somebody asks for the landing.
 */
type At = Scene & { pull: Pull };

const loginOf = ({ world }: At, id: number): string => world.github.state.accounts.get(id)?.login ?? "";
const openerOf = (at: At): string => loginOf(at, at.pull.userId);
const peersOf = (at: At): string[] => ["carol", "dave", "bob"].filter((login) => login !== openerOf(at)).slice(0, 2);
const others = (at: At): string[] => ["carol", "dave", "bob", "alice"].filter((login) => login !== openerOf(at));

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
const ask = (at: At, who = openerOf(at)): Promise<void> => say(at, who, at.chance.is(0.15) ? "/merge" : "/merge when ready");

const temptations: Readonly<Record<string, (at: At) => Promise<void>>> = {
  "approved before the last push": async (at) => {
    await approved(at);
    await push(at, openerOf(at));
    await green(at);
    await ask(at);
  },
  "approved before it was rebuilt, and GitHub says otherwise": async (at) => {
    const { github } = at.world;
    await approved(at);
    if (!github.faults.armed().some(({ kind }) => kind === "reviews-move")) github.faults.next({ kind: "reviews-move" });
    await push(at, openerOf(at), undefined, { from: at.pull.base.ref });
    await green(at);
    await ask(at);
  },
  "approved by those who wrote it": async (at) => {
    for (const login of others(at)) await push(at, login);
    await approved(at, others(at));
    await green(at);
    await ask(at);
  },
  "approved by who may only read": async (at) => {
    for (const login of ["bob", "dave", "erin"]) at.world.github.collaborator(at.name, login, "read");
    at.tick();
    await approved(
      at,
      ["bob", "dave", "erin"].filter((login) => login !== openerOf(at)),
    );
    await green(at);
    await ask(at);
  },
  "by a policy that it brings itself": async (at) => {
    await push(at, openerOf(at), { [policyFile]: at.chance.pick(policies.slice(0, 2)).text });
    await approved(at, peersOf(at).slice(-1));
    await green(at, "failure");
    await ask(at);
  },
  "with a check that failed": async (at) => {
    await approved(at);
    await green(at, "failure");
    await ask(at);
  },
  "with a check of another App": async (at) => {
    await approved(at);
    await at.world.github.fetch(`https://api.github.com/repos/${at.name}/check-runs`, {
      method: "POST",
      headers: { authorization: `Bearer ${at.world.foreignToken}`, "content-type": "application/json" },
      body: JSON.stringify({ name: "ci", head_sha: at.pull.head.sha, status: "completed", conclusion: "success" }),
    });
    at.tick();
    await ask(at);
  },
  "with somebody against it": async (at) => {
    await approve(at, at.chance.pick(others(at).slice(2)), "REQUEST_CHANGES");
    await approved(at);
    await green(at);
    await ask(at);
  },
  "asked for by somebody else": async (at) => {
    await approved(at);
    await green(at);
    await ask(at, at.chance.pick(others(at)));
  },
  "called off by its author": async (at) => {
    await say(at, openerOf(at), "/merge when ready");
    at.tick();
    await say(at, openerOf(at), "/cancel");
    await approved(at);
    await green(at);
  },
  "asked for too early": async (at) => {
    await say(at, openerOf(at), "/merge");
    at.tick();
    await approved(at);
    await green(at);
  },
  "asked for by nobody": async (at) => {
    await say(at, openerOf(at), "/why");
    await approved(at);
    await green(at);
  },
  "asked for in words that were edited": async (at) => {
    const { world, name, chance } = at;
    await approved(at);
    await green(at);
    await say(at, openerOf(at), chance.is(0.5) ? "soon" : "/merge when ready");
    const comment = [...at.repo.comments.values()].findLast(({ number, appId }) => number === at.pull.number && appId === null);
    if (comment !== undefined) await world.github.as(chance.pick(others(at))).editComment(name, comment.id, "/merge");
  },
};

/** One of them, of a pull request that is open. */
export const temptation: Deed["run"] = async (at) => {
  const { pull } = at;
  if (pull === null) return;
  const run = temptations[at.chance.pick(Object.keys(temptations))];
  // One of them takes it away.
  for (const login of ["bob", "dave"]) at.world.github.collaborator(at.name, login, "write");
  at.tick();
  await run?.({ ...at, pull });
};
