import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { Draft, EntryKind } from "../ledger/entry.ts";
import { freezesAt } from "../policy/freezes.ts";
import { contributorsOf } from "./contributors.ts";
import type { Decision, Memory, Note } from "./decide.ts";
import type { Facts, Glass, Wish } from "./facts.ts";
import { owningTeams } from "./owners.ts";

/** The entries of one decision, for the transaction that keeps it. Equal for equal facts, memory and decision. */
export function draftsOf(facts: Facts, memory: Memory, decision: Decision): Draft[] {
  const subject = `pull/${facts.number}`;
  const draft = (kind: EntryKind, about: string, actor: number | null, evidence: object): Draft => ({
    kind,
    subject,
    actor,
    evidence: [canonical(evidence)],
    key: `${kind}:${subject}:${about}`,
  });
  const wish = decision.notes.find((note) => note.kind === "wish")?.wish ?? facts.wish;
  const drafts = decision.notes.flatMap((note) => noted(note, { ...facts, wish }, draft));
  const { verdict, land } = decision;
  const pair = { head: facts.head, base: facts.base.tip.known ? facts.base.tip.value : null, baseRef: facts.base.ref };
  if (canonical(memory.verdict) !== canonical(verdict))
    drafts.push(
      draft("verdict", `${facts.head}:${digest(verdict)}:${facts.now}`, null, { ...pair, policy: policyOf(facts), verdict }),
      ...policyInForce(facts),
    );
  if (land !== null) {
    // One for each person: an entry names one. By their place and not their id, which would tell whom the entry is about.
    for (const [at, { person, did }] of [...contributorsOf(facts).values()].entries())
      drafts.push(draft("contributed", `${land.head}:${at}`, person.id, { head: land.head, did, bot: person.bot }));
    const evidence = {
      ...land,
      by: null,
      author: null,
      glass: land.glass === null ? null : named(land.glass),
      approvals: standingOf(facts),
      ...aroundOf(facts),
    };
    drafts.push(
      draft(
        "merge-intended",
        `${land.comment}:${land.head}:${land.base}`,
        actorOf(land.by, { ...facts, glass: land.glass ?? facts.glass }),
        evidence,
      ),
    );
  }
  return drafts;
}

type Make = (kind: EntryKind, about: string, actor: number | null, evidence: object) => Draft;

function noted(note: Note, facts: Facts, draft: Make): Draft[] {
  const { head, now } = facts;
  switch (note.kind) {
    case "bind": {
      const { review, reviewer, commit, source } = note.receipt;
      return [draft("approval-bound", `${review}`, reviewer, { review, commit, source, binding: note.binding })];
    }
    case "approval": {
      const { review, state, why } = note;
      return [draft(`approval-${state}`, `${review}:${head}:${now}`, reviewerOf(review, facts), { review, head, why })];
    }
    case "trust":
      return [draft("trusted", `${note.comment}:${note.head}`, note.by.id, { head: note.head, comment: note.comment })];
    case "wish":
      return [draft("wish", `${note.wish.comment}:${note.wish.head}:${note.wish.policyDigest}`, note.wish.by.id, named(note.wish))];
    case "unwish":
      return facts.wish === null
        ? []
        : [draft("wish-ended", `${facts.wish.comment}:${facts.wish.head}`, null, { comment: facts.wish.comment, why: note.why })];
    case "glass":
      return [draft("break-glass", `${note.glass.comment}`, note.glass.by.id, named(note.glass))];
    case "pay":
      return [draft("debt-paid", note.debt.landing, note.by.id, { number: facts.number, review: note.review, ...note.debt })];
    case "unfreeze":
      return [draft("unfrozen", `${note.comment}`, note.by.id, { reason: note.reason, comment: note.comment, branch: facts.base.ref })];
    case "forged":
      return [
        draft("check-forged", `${note.head}:${note.app ?? "none"}:${note.name}`, null, { head: note.head, name: note.name, app: note.app }),
      ];
    case "forged-command":
      return [
        draft("command-forged", `${note.comment}`, note.by?.id ?? null, { comment: note.comment, text: textOf(note.comment, facts) }),
      ];
    case "unglass":
      return facts.glass === null
        ? []
        : [draft("break-glass-ended", `${facts.glass.comment}`, null, { comment: facts.glass.comment, why: note.why })];
    // A check that is done anew leaves an entry of its own: the next verdict.
    case "recheck":
    // The rollout tells what it made of it.
    case "order":
    // What it is bound to is told once it is.
    case "see":
      return [];
  }
  return note satisfies never;
}

/** Whom a branch's policy lets go around it: once a day, and at once where it is another than any of that day. */
function policyInForce({ base, check, now }: Facts): Draft[] {
  if (check.state !== "done") return [];
  const { policy, policyDigest } = check;
  return [
    {
      kind: "policy-in-force",
      subject: `branch/${base.ref}`,
      actor: null,
      evidence: [canonical({ branch: base.ref, policy: policyDigest, mode: policy.mode, breakGlass: policy.breakGlass })],
      key: `policy-in-force:${base.ref}:${policyDigest}:${now.slice(0, 10)}`,
    },
  ];
}

/** Without the person, whom an entry names by its actor alone. */
const named = (given: Wish | Glass): object => ({ ...given, by: null });

const policyOf = ({ check }: Facts): string | null => (check.state === "done" ? check.policyDigest : null);

const actorOf = (login: string, { opener, glass, wish }: Facts): number | null =>
  [opener, glass?.by ?? null, wish?.by ?? null].find((person) => person?.login === login)?.id ?? null;

const textOf = (comment: number, { comments }: Facts): string | null =>
  comments.known ? (comments.value.find(({ id }) => id === comment)?.body ?? null) : null;

const reviewerOf = (review: number, { reviews }: Facts): number | null =>
  reviews.known ? (reviews.value.find(({ id }) => id === review)?.reviewer?.id ?? null) : null;

/** Ids of the reviews that the landing rests on, with what each reviewer may do at that moment. */
function standingOf(facts: Facts): { review: number; permission: string }[] {
  if (!facts.reviews.known) return [];
  return facts.reviews.value.flatMap(({ id, reviewer, stance }) => {
    const permission = reviewer === null || stance !== "approved" ? undefined : facts.permissions.get(reviewer.id);
    return permission?.known === true ? [{ review: id, permission: permission.value }] : [];
  });
}

/** What auditors ask of a landing that is gone later: whom it reaches, what others' checks said by then, what spoke against it, what became of the policy. */
function aroundOf(facts: Facts): object {
  const { check, checks, labels, openedAt, now } = facts;
  const hotfix = labels.some((label) => label.toLowerCase() === hotfixLabel);
  const others = checks.known ? checks.value.map(({ name, app, conclusion }) => ({ name, app, conclusion })) : null;
  if (check.state !== "done") return { openedAt, checks: others, hotfix, reach: null, freezes: [], policyChange: null };
  const { radius } = check.report;
  return {
    openedAt,
    checks: others,
    hotfix,
    reach: {
      nodes: radius.nodes,
      services: radius.services,
      teams: owningTeams(check.policy.services, radius.services),
      datacentres: radius.datacentres,
    },
    freezes: freezesAt(check.policy.freezes, now).map(({ freeze: { name, reason, binding }, endsAt }) => ({
      name,
      reason,
      binding,
      until: endsAt,
    })),
    policyChange: check.policyChange,
  };
}

/** By which people say that a change mends what another one broke: it is told apart in measures, and nothing else. */
const hotfixLabel = "rollout/hotfix";

/** RFC 8785, which refuses lone surrogates: a hostile file can bring one into the words of a verdict. */
function canonical(value: unknown): string {
  const wellFormed: unknown = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
    typeof item === "string" ? item.toWellFormed() : item,
  );
  const text = canonicalize(wellFormed);
  if (text === undefined) throw new Error("evidence has no canonical form");
  return text;
}

const digest = (value: unknown): string => createHash("sha256").update(canonical(value), "utf8").digest("hex").slice(0, 16);
