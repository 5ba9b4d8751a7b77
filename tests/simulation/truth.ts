import type { WebhookRequest } from "../../src/demo/github/deliveries.ts";
import { permissionOf, teamMembers } from "../../src/demo/github/lookup.ts";
import type { Pull, Repo } from "../../src/demo/github/state.ts";
import { actionsId } from "./policies.ts";
import { keyOf, openPulls, type World } from "./world.ts";

/** What is truly so at one moment, as GitHub itself has it: what the model compares a landing with. */
export interface Moment {
  step: number;
  /** By `repository#number`. */
  pulls: ReadonlyMap<string, PullMoment>;
  /** Who may write, and who is an administrator, by repository. */
  writers: ReadonlyMap<number, ReadonlySet<number>>;
  admins: ReadonlyMap<number, ReadonlySet<number>>;
  sre: ReadonlySet<number>;
  /** Tips of branches: `repository branch`. */
  tips: ReadonlyMap<string, string>;
}

export interface PullMoment {
  open: boolean;
  draft: boolean;
  head: string;
  into: string;
  /** Ids of reviews that approve and that their author took nothing back of since, with that author. */
  approvals: readonly { review: number; user: number }[];
  /** Whose last word is that changes are needed, and who dismissed that; null for nobody. */
  objections: readonly { user: number; dismissedBy: number | null }[];
  /** Comments of people as they were written, without those that were edited. */
  words: readonly { id: number; user: number; body: string; isSpent: boolean }[];
  /** How `ci` of GitHub Actions ended last on the head. */
  ci: string | null;
}

export function momentOf({ github, repos, app, truth }: World): Moment {
  const { state } = github;
  const sre = [...state.teams.values()].find(({ slug }) => slug === "sre");
  const pulls = new Map<string, PullMoment>();
  const writers = new Map<number, ReadonlySet<number>>();
  const admins = new Map<number, ReadonlySet<number>>();
  const tips = new Map<string, string>();
  for (const { repo } of repos) {
    const having = (levels: readonly string[]): Set<number> =>
      new Set(
        [...state.accounts.values()]
          .filter((account) => account.type === "User" && levels.includes(permissionOf(state, repo, account)))
          .map(({ id }) => id),
      );
    writers.set(repo.id, having(["write", "maintain", "admin"]));
    admins.set(repo.id, having(["admin"]));
    for (const [branch, sha] of repo.refs) tips.set(`${repo.id} ${branch}`, sha);
    for (const pull of repo.pulls.values()) pulls.set(`${repo.id}#${pull.number}`, pullMoment(repo, pull, app.botId));
  }
  return { step: truth.step, pulls, writers, admins, tips, sre: sre === undefined ? new Set() : new Set(teamMembers(state, sre).keys()) };
}

function pullMoment(repo: Repo, pull: Pull, bot: number): PullMoment {
  const approvals = new Map<number, number[]>();
  const objections = new Map<number, number | null>();
  for (const { id, userId, state, dismissal } of pull.reviews) {
    if (state === "COMMENTED") continue;
    approvals.set(userId, state === "APPROVED" ? [...(approvals.get(userId) ?? []), id] : []);
    objections.delete(userId);
    if (state === "CHANGES_REQUESTED") objections.set(userId, null);
    if (state === "DISMISSED" && dismissal?.was === "CHANGES_REQUESTED") {
      const told = pull.events.findLast(
        ({ detail }) => (detail["dismissed_review"] as { review_id?: number } | undefined)?.review_id === id,
      );
      objections.set(userId, told?.actorId ?? null);
    }
  }
  const comments = [...repo.comments.values()].filter(
    ({ number, appId, edited }) => number === pull.number && appId === null && edited === null,
  );
  const runs = [...repo.checkRuns.values()].filter(
    ({ appId, name, headSha }) => appId === actionsId && name === "ci" && headSha === pull.head.sha,
  );
  return {
    open: pull.state === "open",
    draft: pull.draft,
    head: pull.head.sha,
    into: pull.base.ref,
    approvals: [...approvals].flatMap(([user, reviews]) => reviews.map((review) => ({ review, user }))),
    objections: [...objections].map(([user, dismissedBy]) => ({ user, dismissedBy })),
    words: comments.map(({ id, userId, body, reactions }) => ({
      id,
      user: userId,
      body,
      isSpent: reactions.some((reaction) => reaction.userId === bot && reaction.content === "confused"),
    })),
    ci: runs.at(-1)?.conclusion ?? null,
  };
}

/** Whom a push's webhook names has told the gate. */
export function notePusher(truth: World["truth"], { headers, body }: WebhookRequest): void {
  if (headers["x-github-event"] !== "push") return;
  const { after, sender, repository } = JSON.parse(body) as { after: string; sender: { id: number }; repository: { id: number } };
  const key = `${repository.id} ${after}`;
  truth.toldPushers.set(key, new Set([...(truth.toldPushers.get(key) ?? []), sender.id]));
}

/** Writes down which tips base had while a head was there, and which heads a pull request had. */
export function observe({ repos, truth }: World): void {
  for (const { repo } of repos) {
    for (const pull of openPulls(repo)) {
      const key = keyOf(repo, pull.number);
      const tips = truth.tipsSince.get(`${key} ${pull.head.sha} ${pull.base.ref}`);
      const tip = repo.refs.get(pull.base.ref) ?? "";
      if (tips === undefined) truth.tipsSince.set(`${key} ${pull.head.sha} ${pull.base.ref}`, new Set([tip]));
      else tips.add(tip);
      const heads = truth.heads.get(key);
      if (heads === undefined) truth.heads.set(key, [pull.head.sha]);
      else if (heads.at(-1) !== pull.head.sha) heads.push(pull.head.sha);
    }
  }
}
