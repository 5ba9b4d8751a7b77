import * as fc from "fast-check";
import { expect, it } from "vitest";
import { decide } from "../../src/gate/decide.ts";
import {
  known,
  unknown,
  type CommentFacts,
  type Facts,
  type Known,
  type Person,
  type Receipt,
  type ReviewFacts,
} from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";
import { countInputs, fuzz } from "./harness.ts";
import { trickyText } from "./hostile.ts";

/**
 * Histories of pushes, reviews and base moves, as GitHub and the gate's memory may tell them: whole, late, twice, in another order, or with
 * things in them that are none. What passes is held against a reading of its own, which is short and knows nothing of `gate/`.
 */
countInputs("histories");

const people: readonly Person[] = [w.alice, w.bob, w.carol, w.dave, w.renovate];
const person = fc.constantFrom(...people);
const usually = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, weight = 12): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });
const some = <T>(value: T): fc.Arbitrary<T> => fc.constant(value);

const minute = fc.integer({ min: 10, max: 59 }).map((at) => `2026-03-01T12:${at}:00Z`);
/** Instants that are none, or of no time that anybody was alive. */
const noInstant = fc.oneof(
  trickyText.map((text) => text.slice(0, 50)),
  some("2026-02-30T00:00:00Z"),
  some("0000-00-00"),
);
const instant = usually(minute, noInstant);
const sha = fc.oneof(
  { weight: 6, arbitrary: some(w.head) },
  { weight: 2, arbitrary: some(w.older) },
  { weight: 1, arbitrary: trickyText.map((text) => text.slice(0, 64)) },
);

const review = fc.record({
  reviewer: usually<Person | null>(
    person,
    fc.constantFrom(null, { id: Number.NaN, login: "", bot: false }, { id: -1, login: "__proto__", bot: false }),
  ),
  stance: fc.constantFrom<ReviewFacts["stance"]>("approved", "approved", "approved", "changes-requested", "dismissed", "commented"),
  commit: usually<string | null>(sha, some(null)),
  submittedAt: instant,
  dismissal: fc.constantFrom<ReviewFacts["dismissal"]>(
    null,
    null,
    known({ by: null, was: "approved" }),
    known({ by: w.carol, was: "changes-requested" }),
    unknown("lost"),
  ),
  received: fc.constantFrom("not", "bound", "unbound", "elsewhere", "forged"),
  twice: fc.integer({ min: 0, max: 20 }).map((at) => at === 0),
});

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Known<T>> =>
  usually<Known<T>>(
    value.map((one) => known(one)),
    fc.constantFrom<Known<T>>(unknown("GitHub answered 502"), unknown("hidden", "an owner: show it")),
    25,
  );

const made = fc.record({
  reviews: fc.array(review, { maxLength: 6 }),
  commits: maybe(
    fc.array(
      fc.record({
        by: usually<Person | null>(some(w.alice), fc.oneof(person, some(null)), 8),
        sha,
        as: trickyText.map((text) => text.slice(0, 80)),
      }),
      { minLength: 0, maxLength: 3 },
    ),
  ),
  pushers: fc.array(usually(some(w.alice), person, 8), { maxLength: 2 }),
  headPusher: maybe(usually(some(w.alice), person, 8)),
  permissions: fc.dictionary(
    fc.constantFrom(...people.map(({ id }) => String(id))),
    maybe(fc.constantFrom("admin" as const, "write" as const, "write" as const, "read" as const, "none" as const)),
    { minKeys: 3 },
  ),
  base: maybe(fc.oneof({ weight: 8, arbitrary: some(w.base) }, { weight: 1, arbitrary: sha })),
  baseSince: maybe(fc.oneof<fc.Arbitrary<string | null>[]>(instant, some(null))),
  headSince: instant,
  history: maybe(
    fc.record({ retargetedAt: usually<string | null>(some(null), instant), forcePushedAt: usually<string | null>(some(null), instant, 4) }),
  ),
  shown: fc.constantFrom<Exclude<Facts["shown"], undefined>>(
    null,
    null,
    null,
    { base: w.older, baseRef: "main", binding: null },
    { base: w.older, baseRef: "main", binding: w.binding({ base: w.older }) },
  ),
  comments: maybe(
    fc.array(
      fc.record({
        author: usually<Person | null>(some(w.alice), fc.oneof(person, some(null)), 3),
        body: fc.constantFrom("/merge", "/merge", "/merge when ready", "/break-glass x", "/unfreeze x", "/cancel", "x"),
        at: instant,
        edited: maybe(fc.constantFrom(null, null, null)),
      }),
      { maxLength: 3 },
    ),
  ),
  check: fc.constantFrom("done", "done", "done", "done", "done", "running", "failed", "other", "untrusted", "empty", "unknown", "blocked"),
  opener: usually<Person | null>(some(w.alice), fc.constantFrom(null, w.bob), 15),
  draft: usually(some(false), some(true), 20),
  changedFiles: usually(some(1), fc.constantFrom(0, -1, Number.NaN), 20),
  // Our own clock writes this one, which may be wrong but is always an instant; all the others came from elsewhere.
  now: usually(
    some("2026-03-01T13:00:00.000Z"),
    fc.constantFrom("0000-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
    40,
  ),
});

/** As it is put together where GitHub says so. */
function factsOf(given: typeof made extends fc.Arbitrary<infer T> ? T : never): Facts {
  const reviews = given.reviews.flatMap(({ reviewer, stance, commit, submittedAt, dismissal, twice }, at): ReviewFacts[] => {
    const one = { id: at + 1, reviewer, stance, commit, submittedAt, dismissal };
    return twice ? [one, one] : [one];
  });
  const receipts = given.reviews.flatMap(({ received, reviewer, commit }, at): Receipt[] => {
    if (received === "not") return [];
    const receipt = {
      review: at + 1,
      reviewer: received === "forged" ? w.bob.id : (reviewer?.id ?? 0),
      commit: received === "elsewhere" ? w.older : (commit ?? w.head),
      source: "delivery" as const,
    };
    return [
      {
        ...receipt,
        bound: received === "unbound" ? null : w.binding(),
        carry: received === "elsewhere" ? known({ kind: "changed", why: "it differs" }) : null,
      },
    ];
  });
  const done = w.done();
  const checks: Record<typeof given.check, Facts["check"]> = {
    done,
    running: { state: "running", previous: null },
    failed: { state: "failed", problem: { code: "x", text: "It failed.", hint: "Wait." }, final: false },
    other: w.done({ base: { ref: "main", sha: w.older } }),
    untrusted: { state: "untrusted" },
    empty: w.done({ verdict: { outcome: "pass", reasons: [] } }),
    unknown: w.done({ verdict: { outcome: "unknown", reasons: [{ rule: "modules", outcome: "unknown", text: "away" }] } }),
    blocked: w.done({ verdict: { outcome: "blocked", reasons: [{ rule: "lint", outcome: "fail", text: "a tab" }] } }),
  };
  const comments = given.comments.known
    ? known(
        given.comments.value.map(({ author, body, at, edited }, id): CommentFacts =>
          w.comment(author, body, { id: id + 1, createdAt: at, edited }),
        ),
      )
    : given.comments;
  return w.facts({
    reviews: known(reviews),
    receipts,
    commits: given.commits.known
      ? known(given.commits.value.map(({ by, sha: of, as }) => w.commit([w.by("author", by, as)], of)))
      : given.commits,
    pushers: given.pushers,
    headPusher: given.headPusher,
    permissions: new Map(Object.entries(given.permissions).map(([id, permission]) => [Number(id), permission])),
    base: { ref: "main", tip: given.base },
    baseSince: given.baseSince,
    headSince: given.headSince,
    history: given.history,
    shown: given.shown,
    comments,
    check: checks[given.check],
    opener: given.opener,
    draft: given.draft,
    changedFiles: given.changedFiles,
    now: given.now,
  });
}

/** What has to be so wherever a change passes, by the default rule: one peer with write access, on this head, and everything known. */
function mayPass({
  reviews,
  commits,
  pushers,
  headPusher,
  permissions,
  base,
  opener,
  draft,
  changedFiles,
  check,
  comments,
  receipts,
}: Facts): string | null {
  if (!reviews.known || !commits.known || !headPusher.known || !base.tip.known || !comments.known) return "something is not known";
  if (opener === null || draft || !(changedFiles !== 0)) return "it is no change that could land";
  if (check.state !== "done" || check.report.verdict.outcome !== "pass" || check.report.verdict.reasons.length === 0)
    return "its check does not pass";
  if (check.report.base.sha !== base.tip.value || check.report.head.sha !== w.head) return "its check is of something else";
  if (commits.value.some(({ contributions }) => contributions.some(({ person: who }) => who === null)))
    return "somebody nobody knows has part in it";
  const own = new Set(
    [
      opener,
      headPusher.value,
      ...pushers,
      ...commits.value.flatMap(({ contributions }) => contributions.map(({ person: who }) => who)),
    ].map((who) => who?.id),
  );
  const writes = (who: Person): boolean => {
    const permission = permissions.get(who.id);
    return permission?.known === true && (permission.value === "write" || permission.value === "admin");
  };
  const isOfHead = ({ id, commit, reviewer }: ReviewFacts): boolean => {
    const receipt = receipts.find((one) => one.review === id && one.reviewer === reviewer?.id);
    return (receipt?.commit ?? commit) === w.head;
  };
  const approved = reviews.value.some(
    (one, at) =>
      one.stance === "approved" &&
      one.reviewer !== null &&
      !one.reviewer.bot &&
      !own.has(one.reviewer.id) &&
      writes(one.reviewer) &&
      isOfHead(one) &&
      !reviews.value
        .slice(at + 1)
        .some(({ reviewer, stance }) => reviewer?.id === one.reviewer?.id && (stance === "dismissed" || stance === "changes-requested")),
  );
  return approved ? null : "no peer approved it";
}

let passed = 0;

fuzz("what passes is whole, known and approved by a peer; what lands passes, on its author's word", made, 16_000, (given) => {
  const facts = factsOf(given);
  const { verdict, land } = decide(facts, w.memory());
  const why = mayPass(facts);
  if (verdict.outcome === "pass" && why !== null) throw new Error(`it passes, though ${why}`);
  if (verdict.outcome === "pass") passed += 1;
  if (verdict.reasons.length === 0) throw new Error("a verdict without a reason");
  if (land === null) return;
  if (verdict.outcome !== "pass" || land.head !== w.head || !facts.base.tip.known || land.base !== facts.base.tip.value)
    throw new Error("it lands what did not pass");
  const said = facts.comments.known ? facts.comments.value.find(({ id }) => id === land.comment) : undefined;
  if (said?.author?.id !== facts.opener?.id || !said?.body.startsWith("/merge")) throw new Error("it lands on nobody's word");
});

it("some of them pass, so that the property above says something", () => {
  expect(passed).toBeGreaterThan(2);
});
