import type { Person } from "../../src/demo/github/person.ts";
import type { CheckRun, Pull, Repo } from "../../src/demo/github/state.ts";
import type { Chance } from "./chance.ts";
import type { Weather } from "./faults.ts";
import { policies, policyFile } from "./policies.ts";
import { asItShouldBe, goOn, mostOpen, temptation } from "./temptations.ts";
import { branches, openPulls, people, type World } from "./world.ts";
import { commitsOf } from "./git/history.ts";
import { approve, commitTo, moveBranch, openFork, openPull, say } from "./deeds.ts";

/** What people do, each deed by its weight. Whatever GitHub refuses them did not happen. */
export interface Deed {
  name: string;
  weight: number;
  /** Whether it needs a pull request that is open. */
  run: (at: Scene) => Promise<unknown>;
}

export interface Scene {
  world: World;
  chance: Chance;
  name: string;
  repo: Repo;
  /** An open pull request; a deed about one is not done where there is none. */
  pull: Pull | null;
  count: () => number;
  /** A second goes by: GitHub's times are whole seconds. */
  tick: () => void;
}

/** A deed that can't be done as things stand. */
class NotPossible extends Error {
  override readonly name = "NotPossible";
}

const onPull =
  (run: (at: Scene & { pull: Pull }) => Promise<unknown>): Deed["run"] =>
  async (at) => {
    if (at.pull === null) throw new NotPossible();
    return run({ ...at, pull: at.pull });
  };

const as = ({ world }: Scene, login: string): Person => world.github.as(login);
const loginOf = ({ world }: Scene, id: number): string => world.github.state.accounts.get(id)?.login ?? "";
const openerOf = (at: Scene & { pull: Pull }): string => loginOf(at, at.pull.userId);
const somebody = ({ chance }: Scene): string => chance.pick(people);
const other = (at: Scene & { pull: Pull }): string => at.chance.pick(people.filter((login) => login !== openerOf(at)));
const tipOf = ({ repo }: Scene, branch: string): string => repo.refs.get(branch) ?? "";

/** What a change holds: mostly a file of its own, sometimes one that others change too, one that does not compile, or a policy. */
function contentOf({ world: { contents }, chance, count }: Scene): Record<string, string> {
  const n = count();
  const kind = chance.below(20);
  if (kind < 2) return contents.shared(String(n));
  if (kind < 6) return contents.reads(n);
  if (kind === 6) return contents.broken(n);
  if (kind === 7) return contents.riddle(n);
  if (kind === 8) return { [policyFile]: chance.pick(policies).text };
  return contents.fine("f", n);
}

/** Who a commit is by: mostly whoever pushes it; now and then somebody else, also beside them, or nobody that GitHub knows. */
function authorship({ chance, world }: Scene): { author?: string; trailer: string } {
  const kind = chance.below(24);
  const who = chance.pick(people);
  if (kind > 0 && !world.hasStrangers) return { trailer: "" };
  if (kind === 0) return { author: `${who} <${who}@acme.example>`, trailer: "" };
  if (kind === 1) return { trailer: `\n\nCo-authored-by: ${who} <${who}@acme.example>` };
  if (kind === 2) return { author: "Stranger <stranger@elsewhere.example>", trailer: "" };
  return { trailer: "" };
}

async function propose(at: Scene): Promise<void> {
  if (openPulls(at.repo).length >= mostOpen) throw new NotPossible();
  const n = at.count();
  const login = at.chance.pick(["alice", "alice", "bob", "dave", "carol"]);
  const into = at.chance.is(0.85) ? "main" : "release";
  const { author, trailer } = authorship(at);
  await commitTo(at, login, {
    branch: `topic-${n}`,
    from: into,
    files: contentOf(at),
    message: `change ${n}${trailer}`,
    ...(author === undefined ? {} : { author }),
  });
  const opener = at.chance.is(0.05) ? somebody(at) : login;
  await openPull(at, opener, { head: `topic-${n}`, base: into, title: `change ${n}`, draft: at.chance.is(0.05) });
}

async function push(at: Scene & { pull: Pull }): Promise<void> {
  const login = at.chance.is(0.8) ? openerOf(at) : somebody(at);
  const { author, trailer } = authorship(at);
  await commitTo(at, login, {
    branch: at.pull.head.ref,
    files: contentOf(at),
    message: `more ${at.count()}${trailer}`,
    ...(author === undefined ? {} : { author }),
  });
}

/** The same files on another base, another message, other files, or what was the head before. */
async function forcePush(at: Scene & { pull: Pull }): Promise<void> {
  const { world, pull, chance, count } = at;
  const { objects } = world;
  const login = chance.is(0.85) ? openerOf(at) : somebody(at);
  const base = tipOf(at, pull.base.ref);
  const commits = commitsOf(objects, [pull.head.sha], [base]);
  const oldest = commits.at(-1);
  const start = oldest === undefined ? base : (objects.commit(oldest).parents[0] ?? base);
  const own = (): Record<string, string> => {
    const before = objects.files(objects.commit(start).tree);
    const now = objects.files(objects.commit(pull.head.sha).tree);
    return Object.fromEntries(
      [...now].flatMap(([path, { blob }]) => (before.get(path)?.blob === blob ? [] : [[path, objects.blob(blob).toString()]])),
    );
  };
  // GitHub has been seen to have reviews name the new head.
  if (chance.is(0.4) && !world.github.faults.armed().some(({ kind }) => kind === "reviews-move"))
    world.github.faults.next({ kind: "reviews-move" });
  const kind = chance.below(5);
  const earlier = world.truth.heads.get(`${at.repo.id}#${pull.number}`) ?? [];
  if (kind === 0 && earlier.length > 1) await moveBranch(at, login, pull.head.ref, chance.pick(earlier));
  else if (kind <= 2) await commitTo(at, login, { branch: pull.head.ref, from: base, files: own(), message: `rebased ${count()}` });
  else if (kind === 3) await commitTo(at, login, { branch: pull.head.ref, from: start, files: own(), message: `said anew ${count()}` });
  else await commitTo(at, login, { branch: pull.head.ref, from: base, files: contentOf(at), message: `another ${count()}` });
}

/** Two peers approve, the checks are green, and the author says so: each of it as it comes. */
async function seeThrough(at: Scene & { pull: Pull }): Promise<void> {
  const { chance, pull, tick } = at;
  const peers = ["carol", "dave", "bob"].filter((login) => login !== openerOf(at));
  const path = ".github/workflows/ci.yml";
  const steps = [
    () => approve(at, peers[0] ?? "carol", "APPROVE"),
    () => approve(at, peers[1] ?? "dave", "APPROVE"),
    () => at.world.github.workflow(at.name, "alice", { path, head: pull.head.sha, jobs: { ci: "success" } }),
    () => say(at, openerOf(at), chance.is(0.3) ? "/merge" : "/merge when ready"),
  ];
  for (const step of steps) {
    tick();
    if (chance.is(0.93)) await step();
  }
}

const conclusions: readonly CheckRun["conclusion"][] = ["success", "success", "success", "success", "failure", "neutral", null];
async function reportCi(at: Scene & { pull: Pull }): Promise<void> {
  const head = at.chance.is(0.9) ? at.pull.head.sha : tipOf(at, "main");
  await at.world.github.workflow(at.name, "alice", { path: ".github/workflows/ci.yml", head, jobs: { ci: at.chance.pick(conclusions) } });
}

/** A check under a name that counts, by an App that does not. */
async function forgeCheck(at: Scene & { pull: Pull }): Promise<void> {
  const body = { name: at.chance.pick(["ci", "puppet-gate"]), head_sha: at.pull.head.sha, status: "completed", conclusion: "success" };
  const answer = await at.world.github.fetch(`https://api.github.com/repos/${at.name}/check-runs`, {
    method: "POST",
    headers: { authorization: `Bearer ${at.world.foreignToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new NotPossible();
}

/** Base moves: code, data, policy, or back to what it was. */
async function moveBase(at: Scene): Promise<void> {
  const { chance, count, world } = at;
  const { contents } = world;
  const branch = chance.is(0.8) ? "main" : chance.pick(branches);
  const n = count();
  const kind = chance.below(8);
  const login = chance.pick(["carol", "dave"]);
  if (kind === 0) {
    const before = world.objects.commit(tipOf(at, branch)).parents[0];
    if (before === undefined) throw new NotPossible();
    await moveBranch(at, login, branch, before);
  } else {
    const files =
      kind === 1
        ? contents.data(n)
        : kind === 2
          ? { [policyFile]: chance.pick(policies).text }
          : kind === 3
            ? contents.shared(`base ${n}`)
            : contents.base(n);
    await commitTo(at, login, { branch, files, message: `direct ${n}` });
  }
}

async function changePermissions(at: Scene): Promise<void> {
  const { world, chance, name } = at;
  const login = chance.pick(["bob", "dave", "erin", "alice"] as const);
  if (chance.is(0.3)) {
    if (chance.is(0.5)) world.github.addToTeam("acme/sre", login);
    else world.github.removeFromTeam("acme/sre", chance.pick(["dave", login]));
  } else world.github.collaborator(name, login, chance.pick(["write", "write", "read", "admin", "none"]));
}

const words = (text: (at: Scene & { pull: Pull }) => string, who: (at: Scene & { pull: Pull }) => string): Deed["run"] =>
  onPull((at) => say(at, who(at), text(at)));

async function comments(at: Scene & { pull: Pull }, change: "edit" | "delete"): Promise<void> {
  const { chance, repo, pull, world, name } = at;
  const own = [...repo.comments.values()].filter((comment) => comment.number === pull.number && comment.appId !== world.app.id);
  if (own.length === 0) throw new NotPossible();
  const { id, userId } = chance.pick(own);
  const login = chance.is(0.7) ? loginOf(at, userId) : somebody(at);
  if (change === "delete") await as(at, login).deleteComment(name, id);
  else
    await as(at, login).editComment(
      name,
      id,
      chance.pick(["/merge", "never mind", "/merge when ready", "/break-glass the site is down, now"]),
    );
}

async function dismiss(at: Scene & { pull: Pull }): Promise<void> {
  const standing = at.pull.reviews.filter(({ state }) => state === "APPROVED" || state === "CHANGES_REQUESTED");
  if (standing.length === 0) throw new NotPossible();
  await as(at, somebody(at)).dismissReview(at.name, at.pull.number, at.chance.pick(standing).id, "no longer");
}

export const deeds: readonly Deed[] = [
  { name: "propose", weight: 14, run: propose },
  {
    name: "propose from a fork",
    weight: 1,
    run: (at) => (openPulls(at.repo).length >= mostOpen ? Promise.reject(new NotPossible()) : openFork(at)),
  },
  { name: "push", weight: 6, run: onPull(push) },
  { name: "force-push", weight: 4, run: onPull(forcePush) },
  { name: "update branch", weight: 2, run: onPull((at) => as(at, openerOf(at)).updateBranch(at.name, at.pull.number)) },
  { name: "approve", weight: 14, run: onPull((at) => approve(at, at.chance.is(0.95) ? other(at) : somebody(at), "APPROVE")) },
  { name: "request changes", weight: 2, run: onPull((at) => approve(at, other(at), "REQUEST_CHANGES")) },
  { name: "comment on it", weight: 1, run: onPull((at) => approve(at, other(at), "COMMENT")) },
  { name: "dismiss", weight: 2, run: onPull(dismiss) },
  { name: "tempt", weight: 44, run: temptation },
  { name: "do it right", weight: 20, run: asItShouldBe },
  { name: "see it through", weight: 30, run: onPull(seeThrough) },
  { name: "/merge", weight: 9, run: words(() => "/merge", openerOf) },
  { name: "/merge when ready", weight: 9, run: words(() => "/merge when ready", openerOf) },
  { name: "somebody's /merge", weight: 3, run: words(() => "/merge", other) },
  {
    name: "/cancel",
    weight: 2,
    run: words(
      () => "/cancel",
      (at) => (at.chance.is(0.7) ? openerOf(at) : somebody(at)),
    ),
  },
  { name: "/recheck", weight: 1, run: words(() => "/recheck", openerOf) },
  { name: "/ok-to-test", weight: 2, run: words(({ pull }) => `/ok-to-test ${pull.head.sha.slice(0, 12)}`, somebody) },
  {
    name: "/break-glass",
    weight: 2,
    run: words(
      () => "/break-glass the site is down, no time",
      (at) => (at.chance.is(0.6) ? "carol" : somebody(at)),
    ),
  },
  {
    name: "/unfreeze",
    weight: 1,
    run: words(
      () => "/unfreeze looked into it, all is well",
      (at) => (at.chance.is(0.6) ? "carol" : somebody(at)),
    ),
  },
  { name: "/why", weight: 1, run: words(() => "/why", somebody) },
  { name: "talk", weight: 1, run: words(() => "> /merge\nnot so fast", openerOf) },
  { name: "mail", weight: 1, run: onPull((at) => say(at, openerOf(at), "/break-glass by mail, the site is down", "email")) },
  { name: "edit a comment", weight: 2, run: onPull((at) => comments(at, "edit")) },
  { name: "delete a comment", weight: 1, run: onPull((at) => comments(at, "delete")) },
  { name: "draft", weight: 2, run: onPull((at) => as(at, openerOf(at)).setDraft(at.name, at.pull.number, !at.pull.draft)) },
  { name: "close", weight: 1, run: onPull((at) => as(at, openerOf(at)).closePull(at.name, at.pull.number)) },
  {
    name: "reopen",
    weight: 2,
    run: async (at) => {
      const closed = [...at.repo.pulls.values()].filter(({ state, merged }) => state === "closed" && merged === null);
      if (closed.length === 0) throw new NotPossible();
      const { number, userId } = at.chance.pick(closed);
      await as(at, loginOf(at, userId)).reopenPull(at.name, number);
    },
  },
  {
    name: "retarget",
    weight: 1,
    run: onPull((at) => as(at, openerOf(at)).editPull(at.name, at.pull.number, { base: at.chance.pick(branches) })),
  },
  {
    name: "edit the title",
    weight: 1,
    run: onPull((at) => as(at, openerOf(at)).editPull(at.name, at.pull.number, { title: `title ${at.count()}` })),
  },
  {
    name: "label",
    weight: 1,
    run: onPull((at) => as(at, "carol").addLabels(at.name, at.pull.number, [at.chance.pick(["risky", "radius/small"])])),
  },
  { name: "merge outside", weight: 1, run: onPull((at) => as(at, at.chance.pick(["carol", "dave"])).merge(at.name, at.pull.number)) },
  { name: "report ci", weight: 14, run: onPull(reportCi) },
  { name: "forge a check", weight: 1, run: onPull(forgeCheck) },
  { name: "move base", weight: 5, run: moveBase },
  { name: "change permissions", weight: 3, run: changePermissions },
];

/** What is done where something that was begun is to go on. */
export const next: Deed = { name: "go on", weight: 0, run: goOn };

const mostly = (weights: Readonly<Record<string, number>>): readonly Deed[] =>
  deeds.map((deed) => ({ ...deed, weight: weights[deed.name] ?? deed.weight }));
/** What people do. Where they wait for the gate, each deed costs its whole attention, and one thing is done most. */
export const habits = {
  no: deeds,
  tempting: mostly({ tempt: 600, "do it right": 120 }),
  landing: mostly({ tempt: 80, "do it right": 800 }),
} as const satisfies Readonly<Record<Weather["waiting"], readonly Deed[]>>;

/** What hurts most when it is done between the gate's last look and its landing. */
export const meddling: readonly Deed[] = deeds.flatMap((deed) => {
  const weight: Readonly<Record<string, number>> = {
    push: 9,
    "request changes": 2,
    dismiss: 2,
    "edit a comment": 1,
    "delete a comment": 1,
    "move base": 6,
    "change permissions": 2,
    draft: 1,
    retarget: 1,
    "/cancel": 1,
    "report ci": 2,
  };
  const own = weight[deed.name];
  return own === undefined ? [] : [{ ...deed, weight: own }];
});

/** Whether an error says that GitHub would not have it: then it did not happen. Anything else is a fault of the simulation. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === "NotPossible" ||
    error.name === "RefusedError" ||
    error.name === "Refusal" ||
    /is not granted to|has no pull request|has no commit/u.test(error.message));
