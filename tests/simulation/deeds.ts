import type { CommitRequest } from "../../src/demo/github/pushing.ts";
import type { Pull } from "../../src/demo/github/state.ts";
import type { Scene } from "./actors.ts";
import { keyOf, outsider } from "./world.ts";

/** Deeds that the model has to know of as they truly were: each is written down in the moment it is done. */

export async function commitTo(at: Scene, login: string, commit: CommitRequest): Promise<string> {
  const { world, name, repo } = at;
  const sha = await world.github.as(login).commit(name, commit);
  notePush(at, repo.id, login, sha);
  return sha;
}

export async function moveBranch(at: Scene, login: string, branch: string, to: string): Promise<void> {
  await at.world.github.as(login).moveBranch(at.name, branch, to);
  notePush(at, at.repo.id, login, to);
}

function notePush({ world }: Scene, repo: number, login: string, sha: string): void {
  const key = `${repo} ${sha}`;
  const known = world.truth.pushers.get(key) ?? new Set();
  known.add(world.github.as(login).account.id);
  world.truth.pushers.set(key, known);
}

export async function openPull(
  at: Scene,
  login: string,
  pull: { head: string; base: string; title: string; draft?: boolean },
): Promise<number> {
  const { number } = await at.world.github.as(login).openPull(at.name, pull);
  return number;
}

export async function openFork(at: Scene): Promise<void> {
  const { world, name, repo, count } = at;
  const owner = world.github.as(outsider);
  const known = world.github.state.repos.values().find(({ parentId }) => parentId === repo.id);
  world.github.collaborator(name, outsider, "read");
  const fork = known ?? (await world.github.fork(name, outsider));
  const n = count();
  await owner.commit(`${outsider}/${fork.name}`, {
    branch: `fork-${n}`,
    files: world.contents.fine("fork", n),
    message: `fork ${n}`,
  });
  await openPull(at, outsider, { head: `${outsider}:fork-${n}`, base: "main", title: `fork ${n}` });
}

export async function approve(at: Scene & { pull: Pull }, login: string, event: "APPROVE" | "REQUEST_CHANGES" | "COMMENT"): Promise<void> {
  const { world, name, repo, pull } = at;
  const head = pull.head.sha;
  const bases = world.truth.tipsSince.get(`${keyOf(repo, pull.number)} ${head} ${pull.base.ref}`) ?? new Set<string>();
  const { id } = await world.github.as(login).review(name, pull.number, { event, body: "seen" });
  const user = world.github.as(login).account.id;
  world.truth.reviews.set(Number(id), {
    user,
    head,
    into: pull.base.ref,
    bases: new Set([...bases, repo.refs.get(pull.base.ref) ?? ""]),
    step: world.truth.step,
  });
}

export async function say(at: Scene & { pull: Pull }, login: string, text: string, via?: "email"): Promise<void> {
  const { world, name, pull } = at;
  const { id } = await world.github.as(login).comment(name, pull.number, text, via);
  const user = world.github.as(login).account.id;
  world.truth.words.set(Number(id), { user, head: pull.head.sha, step: world.truth.step, isMail: via !== undefined });
}
