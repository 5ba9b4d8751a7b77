import { approvalsOf, arrivals, contributorsOf, intentionOf, peopleOf, reachOf, rowOf, rowOfLanding, verdictOf } from "./landings.ts";
import type { Finish, Row } from "./table.ts";
import { besides, list, ofKind, part, text, type Told, type Trail } from "./trail.ts";

/** What went around the gate has no approval that it knows of, and no list of who wrote it. */
const around = ["landed-outside", "direct-push", "history-rewritten"] as const;

/** 1: every change to production. */
export const population = (trail: Trail): Row[] =>
  ofKind(trail, ...arrivals).map((told) => {
    const intention = told.entry.kind === "landed" ? intentionOf(trail, told) : null;
    const reach = reachOf(intention);
    return rowOf(told, {
      actor: told.entry.kind === "landed" ? (intention?.entry.actor ?? null) : told.entry.actor,
      branch: text(told.about["base"]) ?? text(told.about["branch"]),
      commit: text(told.about["commit"]) ?? text(told.about["to"]),
      head: text(told.about["head"]),
      nodes: reach?.nodes ?? null,
      services: reach?.services.join(" ") ?? null,
    });
  });

/** 2: all that is known of who took part in each change to production, and on which tree. */
export const participants = (trail: Trail): Row[] =>
  ofKind(trail, ...arrivals).flatMap((landed) => {
    const about = {
      commit: text(landed.about["commit"]) ?? text(landed.about["to"]),
      head: text(landed.about["head"]),
      tree: text(landed.about["checked"]),
    };
    if (landed.entry.kind !== "landed") return [rowOf(landed, about)];
    const authors = contributorsOf(trail, landed).map((told) =>
      rowOfLanding(landed, told, { ...about, outcome: text(told.about["did"]) ?? "contributed" }),
    );
    const approvers = approvalsOf(trail, landed).map((told) => rowOfLanding(landed, told, { ...about, outcome: "approved" }));
    const intention = intentionOf(trail, landed);
    return [
      ...authors,
      ...approvers,
      ...(intention === null ? [] : [rowOfLanding(landed, intention, { ...about, outcome: "asked for the merge" })]),
      rowOf(landed, about),
    ];
  });

/** 3: whether each approver had no part in what was merged. */
export const independence = (trail: Trail): Row[] =>
  perApproval(trail, (approval, landed) => {
    const contributors = contributorsOf(trail, landed);
    const own = contributors.find(({ entry }) => entry.actor !== null && entry.actor === approval.entry.actor);
    if (contributors.length === 0 || approval.entry.actor === null) return { outcome: "unknown", did: null };
    return { outcome: own === undefined ? "independent" : "not independent", did: own === undefined ? null : text(own.about["did"]) };
  });

/** 4: whether each approval was for what was merged, and given after it was there. */
export const timeliness = (trail: Trail): Row[] =>
  perApproval(trail, (approval, landed) => {
    const [reviewed, head] = [text(approval.about["commit"]), text(landed.about["head"])];
    const kept = besides(trail, landed).findLast(
      (told) =>
        (told.entry.kind === "approval-kept" || told.entry.kind === "approval-dropped") &&
        part(told.about, "review") === approval.about["review"] &&
        told.index < landed.index,
    );
    const said = { reviewed, merged: head, tree: text(landed.about["checked"]) };
    if (reviewed === null || head === null) return { ...said, outcome: "unknown", why: null };
    if (reviewed === head) return { ...said, outcome: "of exactly what was merged", why: null };
    const carried = kept?.entry.kind === "approval-kept";
    return {
      ...said,
      outcome: carried ? "of an earlier head with the same content" : "of an earlier head",
      why: text(kept?.about["why"]),
    };
  });

/** 5: what each rule said of what was merged, and each check of another App. */
export const checks = (trail: Trail): Row[] =>
  ofKind(trail, ...arrivals).flatMap((landed) => {
    if (landed.entry.kind !== "landed")
      return [rowOf(landed, { head: null, tree: null, check: null, app: null, outcome: "unknown: around the gate", said: null })];
    const [verdict, intention] = [verdictOf(trail, landed), intentionOf(trail, landed)];
    const about = { head: text(landed.about["head"]), tree: text(landed.about["checked"]) };
    const rules = list(part(verdict?.about["verdict"], "reasons")).map((reason) =>
      rowOfLanding(landed, verdict ?? landed, {
        ...about,
        check: text(reason["rule"]),
        app: "puppet-gate",
        outcome: text(reason["outcome"]) ?? "unknown",
        said: text(reason["text"]),
      }),
    );
    const others = list(intention?.about["checks"]).map((check) =>
      rowOfLanding(landed, intention ?? landed, {
        ...about,
        check: text(check["name"]),
        app: typeof check["app"] === "number" ? `App ${check["app"]}` : "a person or token",
        outcome: text(check["conclusion"]) ?? "still running",
        said: null,
      }),
    );
    const all = [...rules, ...others];
    return all.length > 0 ? all : [rowOf(landed, { ...about, check: null, app: null, outcome: "unknown", said: null })];
  });

/** 6: by which policy each change was judged; `brought` by `whereFrom`. */
export const policies = (trail: Trail): Row[] =>
  ofKind(trail, "landed").map((landed) => {
    const [verdict, intention] = [verdictOf(trail, landed), intentionOf(trail, landed)];
    return rowOf(landed, {
      policy: text(verdict?.about["policy"]),
      outcome: "",
      verdict: text(part(verdict?.about["verdict"], "outcome")),
      changesPolicy: text(intention?.about["policyChange"]),
      authors: peopleOf(contributorsOf(trail, landed)),
      approvers: peopleOf(approvalsOf(trail, landed)),
    });
  });

/** Where each policy came from: the landing before that changed the policy, with who wrote and who approved it. */
export function whereFrom(): Finish {
  const last = new Map<number, { policy: string | number | boolean | null; source: Row | null }>();
  const sources = new Map<string, Row | null>();
  const told = ({ authors, approvers, ...row }: Row): Row => {
    const { repo, policy = null, changesPolicy = null } = row;
    const before = last.get(repo);
    const isOther = before !== undefined && before.policy !== policy;
    if (isOther && !sources.has(`${repo} ${policy}`)) sources.set(`${repo} ${policy}`, before.source);
    const source = sources.get(`${repo} ${policy}`) ?? null;
    const changes = changesPolicy !== null && changesPolicy !== "same";
    last.set(repo, {
      policy,
      source: changes ? { ...row, authors: authors ?? null, approvers: approvers ?? null } : (before?.source ?? null),
    });
    const outcome = policy === null ? "unknown" : isOther ? "other policy than before" : "same policy";
    return {
      ...row,
      outcome,
      broughtIn: source?.subject ?? null,
      broughtBy: source?.["authors"] ?? null,
      approvedBy: source?.["approvers"] ?? null,
    };
  };
  return { add: (rows) => rows.map(told), end: () => [] };
}

/** 18: what accounts that are nobody in particular took part in, and people of whom nobody can be told any more; with a person, all that they did. */
export const bots = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const all = [
      ...contributorsOf(trail, landed),
      ...approvalsOf(trail, landed),
      ...[intentionOf(trail, landed)].filter((one) => one !== null),
    ];
    return all.map((told) =>
      rowOfLanding(landed, told, {
        commit: text(landed.about["commit"]),
        outcome: part(told.about, "bot") === true ? "a bot" : "a person",
        did: text(told.about["did"]) ?? (told.entry.kind === "merge-intended" ? "asked for the merge" : "approved"),
      }),
    );
  });

/** 16: what landed while a freeze stood. */
export const frozenLandings = (trail: Trail): Row[] =>
  ofKind(trail, "landed").flatMap((landed) => {
    const intention = intentionOf(trail, landed);
    return list(intention?.about["freezes"]).map((freeze) => {
      const isBinding = freeze["binding"] === true;
      return rowOf(landed, {
        actor: intention?.entry.actor ?? null,
        commit: text(landed.about["commit"]),
        outcome: isBinding ? "landed in a binding freeze, by a break-glass" : "landed in a freeze that forbids nothing",
        freeze: text(freeze["name"]),
        reason: text(freeze["reason"]),
        until: text(freeze["until"]),
      });
    });
  });

function perApproval(trail: Trail, judge: (approval: Told, landed: Told) => Record<string, string | null>): Row[] {
  return ofKind(trail, "landed", ...around).flatMap((landed) => {
    if (landed.entry.kind !== "landed") return [rowOf(landed, { outcome: "unknown: around the gate" })];
    const approvals = approvalsOf(trail, landed);
    if (approvals.length === 0) return [rowOf(landed, { outcome: "no approval", commit: text(landed.about["commit"]) })];
    return approvals.map((approval) =>
      rowOfLanding(landed, approval, { commit: text(landed.about["commit"]), ...judge(approval, landed) }),
    );
  });
}
