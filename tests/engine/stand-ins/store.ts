import type { Effect } from "../../../src/gate/decide.ts";
import type { Event, Origin, Push } from "../../../src/gate/event.ts";
import type { Carry, Frozen, Glass, Person, Receipt, ReviewDebt, Wish } from "../../../src/gate/facts.ts";
import type { KeptOrder } from "../../../src/rollout/orders.ts";
import type { Verdict } from "../../../src/gate/verdict.ts";
import type { Answer, Landing, Standing } from "../../../src/gate/view.ts";
import type { Draft } from "../../../src/ledger/entry.ts";
import type { ChangeKey, Pair } from "../../../src/engine/ports/changes.ts";
import type { CheckResult, JudgeRequest } from "../../../src/engine/ports/judge.ts";
import type { IntendedMerge } from "../../../src/engine/ports/change-records.ts";
import type { HeldRecords, Records } from "../../../src/engine/ports/records.ts";
import type { Job } from "../../../src/engine/ports/jobs.ts";
import type { Store } from "../../../src/engine/ports/store.ts";
import type { Proofs } from "../../../src/engine/ports/night.ts";
import type { Lease } from "../../../src/engine/ports/lease.ts";
import { LeaseLost } from "../../../src/problem.ts";

/**
 * A store in memory, which keeps what the statements of `src/store` keep. It holds its callers to what the port says of transactions: they are
 * undone as a whole, only what they hand out answers in them, and the ledger is told last. Jobs are only noted: nobody takes them here.
 */
export interface MemoryStore extends Store {
  /** What is kept now. Tests set it and look at it. */
  book: Book;
  /** A lease that is held. */
  lease: Lease;
  /** Takes it away from its holder. */
  lose(): void;
}

export interface ChangeRow extends ChangeKey {
  state: "open" | "closed" | "merged";
  baseRef: string | null;
  base: string | null;
  head: string | null;
  verdict: Verdict | null;
  standing: Standing | null;
  answers: readonly Answer[];
  due: Date | null;
  seen: string | null;
}

interface LandingRow extends ChangeKey {
  state: "intended" | "refused" | "landed" | "outside";
  merge: IntendedMerge | null;
  commit: string | null;
  landing: Landing | null;
  /** Why it was refused. */
  why: string | null;
  unread: boolean;
}

interface ReceiptRow extends ChangeKey {
  receipt: Omit<Receipt, "carry" | "shown"> & { shown: Exclude<Receipt["shown"], undefined> };
  submittedAt: string;
}

export interface Book {
  deliveries: Map<string, Event | null>;
  redeliveries: Map<string, { asked: number; at: Date }>;
  repositories: Map<number, Origin & { goneAt: Date | null; sweptAt: Date | null }>;
  organisations: Map<number, string>;
  discoveredAt: Date | null;
  reacted: Set<number>;
  edits: Map<number, Person | null>;
  mergeGroups: { repository: number; head: string }[];
  changes: Map<string, ChangeRow>;
  /** Turns that were asked for, each once, in the order in which they were asked for. */
  woken: string[];
  checksAsked: Map<string, JudgeRequest>;
  isSweepAsked: boolean;
  orders: (KeptOrder & { repository: number })[];
  /** Rollouts that a look was asked for at. */
  rolls: number[];
  receipts: ReceiptRow[];
  carries: Map<string, Carry>;
  trusts: Map<string, Person>;
  wishes: Map<string, Wish>;
  glasses: Map<string, Glass>;
  told: Map<string, Map<number, { state: "kept" | "dropped"; why: string }>>;
  debts: (ReviewDebt & { repository: number; paid: number | null })[];
  frozen: Map<string, Frozen>;
  tips: Map<string, string>;
  /** That landed. */
  reverts: { number: number; commit: string; by: number | null }[];
  unnamed: { branch: string; commit: string; reverted: string; tries: number; dueAt: Date }[];
  entries: (Draft & { repository: number; at: Date })[];
  pushes: { repository: number; sha: string; by: Person | null; at: string | null }[];
  checks: Map<string, { attempts: number; endedAt: Date; grounds: string; result: CheckResult }>;
  answered: Map<string, Set<number>>;
  labels: Map<string, Set<string>>;
  landings: LandingRow[];
  effects: { id: number; change: string; effect: Effect; state: "intended" | "superseded" | "done" | "failed"; error: string | null }[];
  nights: Map<string, { night: string; after: string | null; isThrough: boolean; notBefore: Date | null }>;
  proofs: (Proofs & { repository: number; at: Date })[];
  /** How jobs ended. */
  ended: { how: "settled" | "postponed" | "given up" | "ended" | "again"; job: Job<object>; seconds?: number; error?: string }[];
}

const emptyBook = (): Book => ({
  deliveries: new Map(),
  redeliveries: new Map(),
  repositories: new Map(),
  organisations: new Map(),
  discoveredAt: null,
  reacted: new Set(),
  edits: new Map(),
  mergeGroups: [],
  changes: new Map(),
  woken: [],
  checksAsked: new Map(),
  isSweepAsked: false,
  orders: [],
  rolls: [],
  receipts: [],
  carries: new Map(),
  trusts: new Map(),
  wishes: new Map(),
  glasses: new Map(),
  told: new Map(),
  debts: [],
  frozen: new Map(),
  tips: new Map(),
  reverts: [],
  unnamed: [],
  entries: [],
  pushes: [],
  checks: new Map(),
  answered: new Map(),
  labels: new Map(),
  landings: [],
  effects: [],
  nights: new Map(),
  proofs: [],
  ended: [],
});

export const nameOf = ({ repository, number }: ChangeKey): string => `${repository}#${number}`;
const branchName = (repository: number, branch: string): string => `${repository}:${branch}`;
const pairName = (change: ChangeKey, { base, head }: Pair): string => `${nameOf(change)} ${base}..${head}`;
const isOf =
  ({ repository, number }: ChangeKey) =>
  (row: ChangeKey): boolean =>
    row.repository === repository && row.number === number;
const byNumber = (a: ChangeKey, b: ChangeKey): number => a.repository - b.repository || a.number - b.number;

export function memoryStore(): MemoryStore {
  const lease = { name: "repository 5", epoch: 1 } as Lease;
  const lost = new Set<number>();
  let isOpen = false;
  const transaction = async <T>(work: (records: HeldRecords) => Promise<T>): Promise<T> => {
    if (isOpen) throw new Error("a transaction was begun in another one, and would wait for it for ever");
    const before = structuredClone(store.book);
    isOpen = true;
    const state = { isOver: false, isTold: false };
    const guarded = guard(statements, (name) => {
      if (state.isOver) throw new Error(`${name} was asked for after its transaction`);
      if (state.isTold) throw new Error(`${name} came after the ledger was told, which is the last thing to do`);
      state.isTold = name === "appendEntries";
    });
    try {
      return await work(guarded);
    } catch (error) {
      Object.assign(store.book, before);
      throw error;
    } finally {
      isOpen = false;
      state.isOver = true;
    }
  };
  const statements = statementsOn(() => store.book);
  const outside = guard(statements, (name) => {
    if (isOpen) throw new Error(`${name} was asked for beside an open transaction, and would wait for it for ever`);
    if (name === "appendEntries") throw new Error("the ledger is told in a transaction alone");
  });
  const unused = (): never => {
    throw new Error("nobody takes jobs of this store");
  };
  const store: MemoryStore = {
    book: emptyBook(),
    lease,
    lose: () => void lost.add(lease.epoch),
    records: outside,
    transaction,
    inbox: { records: outside, transaction },
    held: (given, work) =>
      transaction(async (records) => {
        if (given.epoch !== lease.epoch || lost.has(given.epoch)) throw new LeaseLost(given.name);
        return work(records);
      }),
    take: unused,
    renew: unused,
    takeBack: unused,
    onNews: unused,
  };
  return store;
}

/** Calls `before` with the name of each statement that is asked for. */
function guard(statements: HeldRecords, before: (name: string) => void): HeldRecords {
  const guarded = Object.entries(statements).map(([name, statement]) => [
    name,
    async (...given: unknown[]) => {
      before(name);
      return (statement as (...given: unknown[]) => Promise<unknown>)(...given);
    },
  ]);
  return Object.fromEntries(guarded) as HeldRecords;
}

function statementsOn(of: () => Book): HeldRecords {
  const changeAt = (change: ChangeKey): ChangeRow | undefined => of().changes.get(nameOf(change));
  const changesOf = (repository: number): ChangeRow[] =>
    [...of().changes.values()].filter((row) => row.repository === repository && row.state === "open").sort(byNumber);
  const originsOf = (): Origin[] =>
    [...of().repositories.values()]
      .filter(({ goneAt }) => goneAt === null)
      .sort((a, b) => a.repository.id - b.repository.id)
      .map(({ installation, repository }) => ({ installation, repository }));
  const addChange = (change: ChangeKey): ChangeRow => {
    const { repository, number } = change;
    const none = { baseRef: null, base: null, head: null, verdict: null, standing: null, answers: [], due: null, seen: null };
    const row = changeAt(change) ?? { repository, number, state: "open", ...none };
    of().changes.set(nameOf(change), row);
    return row;
  };
  const wakeAll = async (changes: readonly ChangeKey[]): Promise<void> => {
    for (const change of changes) {
      addChange(change);
      if (!of().woken.includes(nameOf(change))) of().woken.push(nameOf(change));
    }
  };
  const drop = async (ids: readonly number[], at: Date): Promise<Origin[]> => {
    const gone = originsOf().filter(({ repository }) => ids.includes(repository.id));
    for (const { repository } of gone) {
      const row = of().repositories.get(repository.id);
      if (row !== undefined) row.goneAt = at;
    }
    return gone;
  };
  const addPush = async (repository: number, { sha, by, at }: Push): Promise<void> => {
    const before = of().pushes.find((row) => row.repository === repository && row.sha === sha && row.by?.id === by?.id);
    if (before === undefined) of().pushes.push({ repository, sha, by, at });
    else before.at = before.at === null || (at !== null && at > before.at) ? at : before.at;
  };
  const openAt = (repository: number, head: string): ChangeRow[] =>
    changesOf(repository).filter((row) => row.head === head && row.standing !== null);
  const end =
    (how: Book["ended"][number]["how"]) =>
    async (job: Job<object>, ...[error, seconds]: [string?, (number | null)?]): Promise<void> => {
      const more = { ...(error === undefined ? {} : { error }), ...(typeof seconds === "number" ? { seconds } : {}) };
      of().ended.push({ how: seconds === null ? "given up" : how, job, ...more });
    };
  return {
    addDelivery: async ({ id, event }) => {
      const isNew = !of().deliveries.has(id);
      if (isNew) of().deliveries.set(id, event);
      return isNew;
    },
    addTouch: async ({ id, event }, { origin, numbers, head, push }) => {
      const { installation, repository } = origin;
      const row = of().repositories.get(repository.id);
      const isKnown = row?.installation === installation && row.goneAt === null;
      if (!isKnown || row.repository.owner !== repository.owner || row.repository.name !== repository.name) return "repository-unknown";
      if (of().deliveries.has(id)) return "no-news";
      of().deliveries.set(id, event);
      if (push !== null) await addPush(repository.id, push);
      const found = head === null ? [] : openAt(repository.id, head).map(({ number }) => number);
      await wakeAll([...numbers, ...found].map((number) => ({ repository: repository.id, number })));
      return "news";
    },
    saveRepository: async ({ installation, repository }) => {
      const before = of().repositories.get(repository.id);
      of().repositories.set(repository.id, { installation, repository, goneAt: null, sweptAt: before?.sweptAt ?? null });
      return before?.goneAt ?? null;
    },
    dropRepositories: drop,
    dropInstallation: (installation, at) =>
      drop(
        originsOf().flatMap((origin) => (origin.installation === installation ? [origin.repository.id] : [])),
        at,
      ),
    originOf: async (repository) => originsOf().find((origin) => origin.repository.id === repository) ?? null,
    organisationPolicyOf: async (owner) => of().organisations.get(owner) ?? null,
    saveOrganisationPolicy: async (owner, sha256) => void of().organisations.set(owner, sha256),
    dropOrganisationPolicy: async (owner) => void of().organisations.delete(owner),
    askDiscovery: async () => {
      of().discoveredAt = null;
    },
    takeDiscovery: async (now, seconds) => {
      const { discoveredAt } = of();
      const isTime = discoveredAt === null || discoveredAt.getTime() + seconds * 1000 <= now.getTime();
      if (isTime) of().discoveredAt = now;
      return isTime;
    },
    saveReacted: async (_, comment) => void of().reacted.add(comment),
    reactedTo: async (_, comments) => new Set(comments.filter((comment) => of().reacted.has(comment))),
    addEdit: async (_, comment, by) => {
      if (!of().edits.has(comment)) of().edits.set(comment, by);
    },
    editsOf: async (_, comments) => new Map([...of().edits].filter(([comment]) => comments.includes(comment))),
    addMergeGroup: async (repository, head) => void of().mergeGroups.push({ repository, head }),
    mergeGroups: async () =>
      of().mergeGroups.flatMap(({ repository, head }) =>
        originsOf().flatMap((origin) => (origin.repository.id === repository ? [{ origin, head }] : [])),
      ),
    endMergeGroup: async (repository, head) => {
      of().mergeGroups = of().mergeGroups.filter((one) => one.repository !== repository || one.head !== head);
    },
    wake: (change) => wakeAll([change]),
    wakeAll,
    askCheck: async (change, request) => void of().checksAsked.set(nameOf(change), request),
    dropChecks: async (change) => void of().checksAsked.delete(nameOf(change)),
    addOrder: async (repository, order) => {
      const orders = of().orders;
      if (!orders.some((one) => one.repository === repository && one.order.key === order.key))
        orders.push({ repository, order, answer: null });
    },
    ordersOf: async ({ repository, number }) => of().orders.filter((one) => one.repository === repository && one.order.number === number),
    openOrders: async (repository) =>
      of()
        .orders.filter((one) => one.repository === repository && one.answer === null)
        .map(({ order }) => order),
    orderAnswer: async (repository, key) =>
      of().orders.find((one) => one.repository === repository && one.order.key === key)?.answer ?? null,
    askRolls: async (repositories) => void of().rolls.push(...repositories),
    askSweep: async () => {
      of().isSweepAsked = true;
    },
    countTurns: async () => ({ waiting: of().woken.length, givenUp: 0 }),
    countJobs: async () => of().woken.length + of().checksAsked.size,
    outlook: async () => ({ due: of().woken.length > 0 ? ["advance"] : [], seconds: null }),
    givenUp: async () => [],
    unfinished: async () => {
      const left = new Set(of().effects.flatMap(({ state, change }) => (state === "intended" ? [change] : [])));
      for (const row of of().landings) if (row.state === "intended" || row.unread) left.add(nameOf(row));
      return [...of().changes.values()].filter((row) => left.has(nameOf(row)) && !of().woken.includes(nameOf(row))).sort(byNumber);
    },
    allOrigins: async () => originsOf(),
    takeOrigins: async (mostQuiet, at) => {
      const rows = originsOf().flatMap(({ repository }) => of().repositories.get(repository.id) ?? []);
      const busy = new Set(rows.filter(({ repository }) => changesOf(repository.id).length > 0));
      const sweptOf = ({ sweptAt }: { sweptAt: Date | null }): number => sweptAt?.getTime() ?? 0;
      const quiet = rows.filter((row) => !busy.has(row)).sort((a, b) => sweptOf(a) - sweptOf(b));
      const taken = rows.filter((row) => busy.has(row) || quiet.indexOf(row) < mostQuiet);
      for (const row of taken) row.sweptAt = at;
      return taken.map(({ installation, repository }) => ({ installation, repository }));
    },
    askNights: async (begun) => {
      for (const { repository, night } of begun)
        for (const branch of new Set(changesOf(repository).flatMap(({ baseRef }) => baseRef ?? []))) {
          const before = of().nights.get(branchName(repository, branch));
          if (before !== undefined && (before.night >= night || !before.isThrough)) continue;
          of().nights.set(branchName(repository, branch), { night, after: null, isThrough: before === undefined, notBefore: null });
        }
    },
    nextNight: async (repository) => {
      const found = [...of().nights].find(([name, { isThrough }]) => name.startsWith(`${repository}:`) && !isThrough);
      return found === undefined ? null : { branch: found[0].slice(`${repository}:`.length), after: found[1].after };
    },
    isChecking: async () => of().checksAsked.size > 0,
    openChanges: async (repository) =>
      changesOf(repository).map(({ number, baseRef, base, head, seen }) => ({
        number,
        baseRef,
        pair: base === null || head === null ? null : { base, head },
        seen,
      })),
    saveSeen: async (repository, changes) => {
      for (const { number, seen } of changes) if (seen !== null) addChange({ repository, number }).seen = seen;
    },
    knownDeliveries: async (ids) => new Set(ids.filter((id) => of().deliveries.has(id))),
    askRedelivery: async (guid, at) => {
      const before = of().redeliveries.get(guid);
      const isTime = before === undefined || (before.asked < 7 && before.at.getTime() + 2 ** before.asked * 60_000 <= at.getTime());
      if (isTime) of().redeliveries.set(guid, { asked: (before?.asked ?? 0) + 1, at });
      return isTime;
    },
    findChange: async (change) => {
      const row = changeAt(change);
      if (row === undefined) return null;
      const { base, head, baseRef, answers, verdict } = row;
      return { pair: base === null || head === null ? null : { base, head }, baseRef, answers, verdict };
    },
    openChangesMoved: async (repository, { branch, sha }) =>
      changesOf(repository)
        .filter(({ baseRef, head }) => baseRef === branch || head === sha)
        .map(({ number, baseRef }) => ({ number, into: baseRef === branch })),
    openChangesAt: async (repository, head) =>
      openAt(repository, head).flatMap(({ number, standing }) => (standing === null ? [] : [{ number, standing }])),
    openChangesOf: async (repository, branch) =>
      changesOf(repository)
        .filter(({ baseRef }) => branch === undefined || baseRef === null || baseRef === branch)
        .map(({ number }) => number),
    setDue: async (change, at) => {
      const row = changeAt(change);
      if (row !== undefined) row.due = at;
    },
    setAllDue: async (at) => {
      for (const { repository } of originsOf())
        for (const row of changesOf(repository.id)) if (row.due === null || row.due > at) row.due = at;
    },
    takeDue: async (now, most) => {
      const due = [...of().changes.values()]
        .filter((row) => row.due !== null && row.due <= now)
        .sort(byNumber)
        .slice(0, most);
      for (const row of due) row.due = null;
      return due.map(({ repository, number }) => ({ repository, number }));
    },
    addReceipt: async ({ repository, number }, { submittedAt, shown = null, ...receipt }) => {
      const before = of().receipts.find((row) => row.repository === repository && row.receipt.review === receipt.review);
      if (before === undefined) {
        of().receipts.push({ repository, number, receipt: { ...receipt, bound: null, shown }, submittedAt });
        return true;
      }
      before.receipt.shown ??= shown;
      if (receipt.source === "delivery" && before.receipt.source === "api") {
        if (before.receipt.commit !== receipt.commit) before.receipt.bound = null;
        Object.assign(before.receipt, { commit: receipt.commit, source: receipt.source });
      }
      return false;
    },
    receiptsOf: async (change) =>
      of()
        .receipts.filter(isOf(change))
        .sort((a, b) => (a.submittedAt < b.submittedAt ? -1 : 1))
        .map(({ receipt }) => ({ ...receipt })),
    bindReceipt: async (repository, review, binding) => {
      for (const row of of().receipts) if (row.repository === repository && row.receipt.review === review) row.receipt.bound ??= binding;
    },
    findCarry: async (repository, from, to) => of().carries.get(JSON.stringify([repository, from, to])) ?? null,
    saveCarry: async (repository, { from, to, carry }) => void of().carries.set(JSON.stringify([repository, from, to]), carry),
    addTrust: async (change, { head, by }) => void of().trusts.set(`${nameOf(change)} ${head}`, by),
    trustOf: async (change, head) => of().trusts.get(`${nameOf(change)} ${head}`) ?? null,
    saveWish: async (change, wish) => void of().wishes.set(nameOf(change), wish),
    wishOf: async (change) => of().wishes.get(nameOf(change)) ?? null,
    endWish: async (change) => void of().wishes.delete(nameOf(change)),
    saveGlass: async (change, glass) => void of().glasses.set(nameOf(change), glass),
    glassOf: async (change) => of().glasses.get(nameOf(change)) ?? null,
    endGlass: async (change) => void of().glasses.delete(nameOf(change)),
    toldOf: async (change) => new Map(of().told.get(nameOf(change))),
    saveTold: async (change, { review, state, why }) =>
      void of().told.set(nameOf(change), new Map([...(of().told.get(nameOf(change)) ?? []), [review, { state, why }]])),
    oweReview: async (repository, debt) => {
      const isOwed = of().debts.some((row) => row.repository === repository && row.number === debt.number && row.landing === debt.landing);
      if (!isOwed) of().debts.push({ repository, paid: null, ...debt });
    },
    debtsOf: async ({ repository, number }, branch) =>
      of()
        .debts.filter((row) => row.repository === repository && row.paid === null && (row.baseRef === branch || row.number === number))
        .map(({ repository: _repository, paid: _paid, ...debt }) => debt),
    payReview: async (change, { landing, review }) => {
      for (const row of of().debts) if (isOf(change)(row) && row.landing === landing) row.paid ??= review;
    },
    freezeBranch: async (repository, branch, frozen) => {
      const name = branchName(repository, branch);
      if (!of().frozen.has(name)) of().frozen.set(name, frozen);
    },
    frozenOf: async (repository, branch) => of().frozen.get(branchName(repository, branch)) ?? null,
    unfreezeBranch: async (repository, branch) => void of().frozen.delete(branchName(repository, branch)),
    explainedTip: async (repository, branch) => of().tips.get(branchName(repository, branch)) ?? null,
    saveExplainedTip: async (repository, { branch, tip }) => void of().tips.set(branchName(repository, branch), tip),
    beginExplaining: async (repository, { branch, tip }) => {
      const had = of().tips.has(branchName(repository, branch));
      if (!had) of().tips.set(branchName(repository, branch), tip);
      return had;
    },
    watchedBranches: async (repository) => {
      const into = changesOf(repository).flatMap(({ baseRef }) => baseRef ?? []);
      const looked = [...of().tips.keys()].flatMap((name) =>
        name.startsWith(`${repository}:`) ? [name.slice(`${repository}:`.length)] : [],
      );
      return [...new Set([...into, ...looked])].sort();
    },
    landingsAt: async (repository, shas) => {
      const ours = of().landings.filter((row) => row.repository === repository && row.state !== "outside");
      return shas.flatMap((sha) => {
        const [one, ...more] = ours.filter(({ commit }) => commit === sha);
        return one === undefined ? [] : [{ number: one.number, sha, landed: [one, ...more].some(({ state }) => state === "landed") }];
      });
    },
    appendEntries: async (repository, drafts, at) => {
      for (const draft of drafts)
        if (!of().entries.some((one) => one.repository === repository && one.key === draft.key))
          of().entries.push({ ...draft, repository, at });
    },
    nameActors: async () => undefined,
    entriesOf: async () => {
      throw new Error("entries are looked at in the book");
    },
    addPush,
    addReverts: async (_, found) => void of().reverts.push(...found),
    addUnnamedReverts: async (_, found, dueAt) => void of().unnamed.push(...found.map((one) => ({ ...one, tries: 0, dueAt }))),
    unnamedReverts: async (_, now) => of().unnamed.flatMap(({ dueAt, ...one }) => (dueAt <= now ? [one] : [])),
    retryUnnamedRevert: async (_, { commit, reverted }, dueAt) => {
      const { unnamed } = of();
      const at = unnamed.findIndex((one) => one.commit === commit && one.reverted === reverted);
      const [row] = unnamed.splice(at, 1);
      if (row !== undefined && dueAt !== null) unnamed.push({ ...row, tries: row.tries + 1, dueAt });
    },
    pushersOf: async (repository, shas) => {
      const found = of().pushes.flatMap((row) =>
        row.repository === repository && shas.includes(row.sha) && row.by !== null ? [row.by] : [],
      );
      return [...new Map(found.map((person) => [person.id, person])).values()].sort((a, b) => a.id - b.id);
    },
    pushedAt: async (repository, sha) => {
      const times = of().pushes.flatMap((row) => (row.repository === repository && row.sha === sha && row.at !== null ? [row.at] : []));
      return times.toSorted().at(-1) ?? null;
    },
    findCheck: async (change, pair) => of().checks.get(pairName(change, pair)) ?? null,
    forgetChecks: async (change) => {
      for (const name of of().checks.keys()) if (name.startsWith(`${nameOf(change)} `)) of().checks.delete(name);
    },
    saveCheck: async (change, pair, { result, grounds }, at) => {
      const before = of().checks.get(pairName(change, pair));
      const attempts = before?.grounds === grounds ? before.attempts + 1 : 1;
      of().checks.set(pairName(change, pair), { attempts, endedAt: at, grounds, result });
    },
    answeredComments: async (change) => new Set(of().answered.get(nameOf(change))),
    addAnswered: async (change, comments) =>
      void of().answered.set(nameOf(change), new Set([...(of().answered.get(nameOf(change)) ?? []), ...comments])),
    ownLabels: async (change) => [...(of().labels.get(nameOf(change)) ?? [])].sort(),
    changeOwnLabels: async (change, { add, remove }) => {
      const left = [...(of().labels.get(nameOf(change)) ?? []), ...add].filter((name) => !remove.includes(name));
      of().labels.set(nameOf(change), new Set(left));
    },
    landingsOf: async (change) =>
      of()
        .landings.filter(isOf(change))
        .toReversed()
        .map(({ state, merge, landing, unread }) => ({ state, merge, landing, unread })),
    intendMerge: async (change, merge) => {
      const rows = of().landings;
      const open = rows.find((row) => isOf(change)(row) && row.state === "intended");
      if (open !== undefined && open.commit !== null && open.commit !== merge.commit)
        Object.assign(open, { state: "refused", why: "it was intended anew" });
      else if (open !== undefined) rows.splice(rows.indexOf(open), 1);
      const { repository, number } = change;
      rows.push({ repository, number, state: "intended", merge, commit: merge.commit, landing: null, why: null, unread: false });
    },
    refuseMerge: async (change, why) => {
      for (const row of of().landings) if (isOf(change)(row) && row.state === "intended") Object.assign(row, { state: "refused", why });
    },
    saveLanding: async (change, landing) => {
      const isOurs = landing.by === "gate";
      const mine = of().landings.filter(isOf(change)).toReversed();
      const candidates = mine.filter(({ state, commit, merge }) =>
        isOurs
          ? state !== "outside" && ((commit !== null && commit === landing.sha) || (commit === null && merge !== null))
          : state === "outside",
      );
      const found = candidates.find(({ commit }) => commit !== null && commit === landing.sha) ?? candidates[0];
      const made = {
        state: isOurs ? ("landed" as const) : ("outside" as const),
        landing,
        unread: isOurs && landing.trees?.landed.known === false,
      };
      if (found !== undefined) Object.assign(found, { ...made, commit: landing.sha ?? found.commit });
      else
        of().landings.push({ repository: change.repository, number: change.number, merge: null, commit: landing.sha, why: null, ...made });
    },
    saveDecision: async (change, { state, baseRef, base, head, verdict, standing, answers }) => {
      const row = changeAt(change);
      if (row !== undefined) Object.assign(row, { state, baseRef, base, head, verdict, standing, answers });
    },
    intendEffects: async (change, effects) => {
      const rows = of().effects;
      for (const row of rows) if (row.change === nameOf(change) && row.state === "intended") row.state = "superseded";
      return effects.map((effect) => rows.push({ id: rows.length + 1, change: nameOf(change), effect, state: "intended", error: null }));
    },
    endEffect: async (id, error) => {
      for (const row of of().effects) if (row.id === id) Object.assign(row, { state: error === null ? "done" : "failed", error });
    },
    settleTurn: end("settled"),
    postponeTurn: end("postponed"),
    settleSweep: async (job, seconds) => void of().ended.push({ how: "settled", job, seconds }),
    saveNight: async (repository, branch, { after, isThrough, notBefore }) => {
      const before = of().nights.get(branchName(repository, branch));
      if (before !== undefined) of().nights.set(branchName(repository, branch), { ...before, after, isThrough, notBefore });
    },
    addProofs: async (repository, proofs, at) => void of().proofs.push({ ...proofs, repository, at }),
    endJob: end("ended"),
    again: end("again"),
  } satisfies HeldRecords & Records;
}
