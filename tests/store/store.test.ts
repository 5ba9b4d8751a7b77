import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestDatabase } from "./open.ts";
import type { Origin } from "../../src/gate/event.ts";
import type { Database } from "../../src/store/database.ts";
import { createStore } from "../../src/store/records.ts";
import type { Records, Store } from "../../src/store/records.ts";
import { base, checked, head, memory, merge as mergeOf, older, report } from "../gate/world.ts";

const about = { title: "A change", opener: "alice", openedAt: "2026-11-21T10:00:00Z" };

/** One database for the file: booting one takes seconds. Each case has a repository of its own. */
let database: Database;
let store: Store;
let records: Records;
let repository = 1000;
const at = new Date("2026-03-01T12:00:00Z");
const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1000);

beforeAll(async () => {
  database = await openTestDatabase();
  store = await createStore(database, (error) => {
    throw error;
  });
  records = store.records;
});
afterAll(async () => store.close());

async function newChange(number = 1): Promise<{ repository: number; number: number }> {
  repository += 1;
  await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
  await wake({ repository, number });
  const job = await turn();
  await store.held(job.lease, (held) => held.settleTurn(job));
  return { repository, number };
}
const wake = (change: { repository: number; number: number }): Promise<void> => store.transaction((inside) => inside.wake(change));
/** Takes the one turn that is due. */
async function turn(): Promise<NonNullable<Awaited<ReturnType<typeof take>>>> {
  const job = await take();
  if (job === null) throw new Error("no turn is due");
  return job;
}
const take = (): ReturnType<typeof store.take<"advance">> => store.take("advance", 30);

describe("deliveries", () => {
  it("case 71: keeps a delivery once", async () => {
    const delivery = { id: "72d3162e", name: "pull_request", event: null, receivedAt: at };
    expect(await records.addDelivery(delivery)).toBe(true);
    expect(await records.addDelivery(delivery)).toBe(false);
  });

  it("forgets old ones, and effects that were ended", async () => {
    const change = await newChange();
    await records.addDelivery({ id: "old", name: "push", event: null, receivedAt: later(-60) });
    const [ended = 0] = await records.intendEffects(change, [{ kind: "labels", add: [], remove: [] }], later(-60));
    await records.endEffect(ended, null, later(-60));
    await records.forgetOld(later(-1));
    expect(await records.addDelivery({ id: "old", name: "push", event: null, receivedAt: at })).toBe(true);
    const { rows } = await database.query("select 1 from effects where repository = $1", [change.repository]);
    expect(rows).toEqual([]);
  });

  it("keeps nothing of a transaction that fails", async () => {
    const delivery = { id: "rolled-back", name: "push", event: null, receivedAt: at };
    const failing = store.transaction(async (inside) => {
      await inside.addDelivery(delivery);
      throw new Error("power cut");
    });
    await expect(failing).rejects.toThrow("power cut");
    expect(await records.addDelivery(delivery)).toBe(true);
  });

  it("says so instead of waiting for ever when a transaction uses the outer handle", async () => {
    await expect(store.transaction(() => records.countTurns())).rejects.toThrow("transaction's own executor");
  });
});

describe("deliveries of which nothing follows but turns", () => {
  const origin = (): Origin => ({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
  const touch = (id: string, asked: Partial<Parameters<Records["addTouch"]>[1]>): ReturnType<Records["addTouch"]> => {
    const event = { ...origin(), kind: "head-touched", head } as const;
    const delivery = { id: `${repository}-${id}`, name: "status", event, receivedAt: at };
    return records.addTouch(delivery, { origin: origin(), numbers: [], head: null, push: null, ...asked });
  };
  const turnsLeft = async (): Promise<number[]> => {
    const numbers: number[] = [];
    for (let job = await take(); job !== null; job = await take()) {
      const { lease, data } = job;
      numbers.push(data.number);
      const ended = job;
      await store.held(lease, (held) => held.settleTurn(ended));
    }
    return numbers;
  };
  const decided = {
    state: "open",
    baseRef: "main",
    base,
    head,
    verdict: { outcome: "pass", reasons: [] },
    standing: "pass",
    answers: [],
    about,
  } as const;

  it("case 71: are taken in once, and wake what they name, known before or not", async () => {
    await newChange(1);
    expect(await touch("first", { numbers: [1, 2] })).toBe("news");
    expect(await turnsLeft()).toEqual([1, 2]);
    expect(await touch("first", { numbers: [1, 2] })).toBe("no-news");
    expect(await turnsLeft()).toEqual([]);
    expect(await records.knownDeliveries([`${repository}-first`])).toEqual(new Set([`${repository}-first`]));
  });

  it("wake the open changes with a head that were decided on, and no others", async () => {
    const change = await newChange(1);
    for (const number of [2, 3, 4]) await wake({ repository, number });
    await turnsLeft();
    await records.saveDecision(change, decided, at);
    await records.saveDecision({ repository, number: 2 }, { ...decided, state: "closed" }, at);
    await records.saveDecision({ repository, number: 3 }, { ...decided, head: older }, at);
    expect(await touch("status", { head })).toBe("news");
    expect(await turnsLeft()).toEqual([1]);
  });

  it("put a turn forward that waits for its time, with all its attempts, and bring back what was given up", async () => {
    const change = await newChange(1);
    await wake(change);
    const failed = await turn();
    await store.held(failed.lease, (held) => held.postponeTurn(failed, "GitHub answered 502", 3600));
    expect(await take()).toBeNull();
    await touch("first", { numbers: [1] });
    const again = await turn();
    expect(again.data).toEqual({ ...change, attempts: 0 });
    await store.held(again.lease, (held) => held.postponeTurn(again, "GitHub answered 502", null));
    expect(await records.givenUp()).toEqual([change]);
    await touch("second", { numbers: [1] });
    expect(await records.givenUp()).toEqual([]);
    expect(await turnsLeft()).toEqual([1]);
  });

  it("keep who pushed, once they are news", async () => {
    await newChange(1);
    const by = { id: 2, login: "bob", bot: false };
    await touch("first", { numbers: [1], push: { sha: head, by, at: "2026-03-01T12:00:05Z" } });
    await touch("first", { numbers: [1], push: { sha: older, by, at: "2026-03-01T12:00:05Z" } });
    expect(await records.pushersOf(repository, [head])).toEqual([by]);
    expect(await records.pushedAt(repository, head)).toBe("2026-03-01T12:00:05.000Z");
    expect(await records.pushersOf(repository, [older])).toEqual([]);
    expect(await turnsLeft()).toEqual([1]);
  });

  it.each([
    ["another name", { installation: 5, name: "renamed" }],
    ["another installation", { installation: 6, name: "control" }],
    ["a repository that is gone", null],
  ])("leave everything as it is for %s", async (_what, other) => {
    await newChange(1);
    if (other === null) await records.dropRepositories([repository], at);
    const { installation, name } = other ?? { installation: 5, name: "control" };
    expect(await touch("first", { origin: { installation, repository: { id: repository, owner: "acme", name } }, numbers: [1] })).toBe(
      "repository-unknown",
    );
    expect(await turnsLeft()).toEqual([]);
    expect(await records.knownDeliveries([`${repository}-first`])).toEqual(new Set());
  });

  it("make one turn of each change, however many come at once", async () => {
    await newChange(1);
    await Promise.all(Array.from({ length: 20 }, (_, n) => touch(String(n), { numbers: [1, 2] })));
    expect(await turnsLeft()).toEqual([1, 2]);
  });
});

describe("turns", () => {
  it("does not absorb a wake that comes during a turn, and has one under way for each repository", async () => {
    const change = await newChange();
    const sibling = { ...change, number: 2 };
    await wake(change);
    const job = await turn();
    await wake(change);
    await wake(change);
    await wake(sibling);
    expect(await take()).toBeNull();
    expect(await records.outlook()).toEqual({ due: [], seconds: null });
    await store.held(job.lease, (held) => held.settleTurn(job));
    expect(await records.outlook()).toEqual({ due: ["advance"], seconds: null });
    const next = await turn();
    expect(next.data).toEqual({ ...change, attempts: 0 });
    expect(next.lease.epoch).toBeGreaterThan(job.lease.epoch);
    expect(await take()).toBeNull();
    await store.held(next.lease, (held) => held.settleTurn(next));
    const last = await turn();
    expect(last.data).toEqual({ ...sibling, attempts: 0 });
    await store.held(last.lease, (held) => held.settleTurn(last));
    expect(await take()).toBeNull();
  });

  it("tries again at its time, counts the attempts, and gives up for good only until the next wake", async () => {
    const change = await newChange();
    await wake(change);
    const first = await turn();
    await store.held(first.lease, (held) => held.postponeTurn(first, "GitHub answered 502", 3600));
    expect(await take()).toBeNull();
    expect((await records.outlook()).seconds).toBeGreaterThan(3500);
    await wake(change);
    const second = await turn();
    expect(second.data.attempts).toBe(0);
    await store.held(second.lease, (held) => held.postponeTurn(second, "GitHub answered 502", 0));
    const third = await turn();
    expect(third.data.attempts).toBe(1);
    await store.held(third.lease, (held) => held.postponeTurn(third, "GitHub\0 answered 502", null));
    expect(await take()).toBeNull();
    expect(await records.countTurns()).toEqual({ waiting: 0, givenUp: 1 });
    expect(await records.givenUp()).toEqual([change]);
    await wake(change);
    expect(await records.countTurns()).toEqual({ waiting: 1, givenUp: 0 });
    const last = await turn();
    expect(last.data.attempts).toBe(0);
    await store.held(last.lease, (held) => held.settleTurn(last));
  });

  it.each([600, null])("lets a wake during a turn that fails be due at once, and not given up (%s)", async (seconds) => {
    const change = await newChange();
    await wake(change);
    const job = await turn();
    await wake(change);
    await store.held(job.lease, (held) => held.postponeTurn(job, "GitHub answered 502", seconds));
    const next = await turn();
    expect(next.data.attempts).toBe(0);
    await store.held(next.lease, (held) => held.settleTurn(next));
    expect(await records.givenUp()).toEqual([]);
  });

  it("finds what was intended and not seen through, unless something of it is queued", async () => {
    const [unfinished, unchecked, merging, finished, queued] = [
      await newChange(),
      await newChange(),
      await newChange(),
      await newChange(),
      await newChange(),
    ];
    await records.intendEffects(unfinished, [{ kind: "labels", add: ["radius/small"], remove: [] }], at);
    await records.intendEffects(queued, [{ kind: "labels", add: ["radius/small"], remove: [] }], at);
    const decided = {
      state: "open",
      baseRef: "main",
      base,
      head,
      verdict: { outcome: "blocked", reasons: [] },
      standing: "checking",
      answers: [],
      about,
    } as const;
    await records.saveDecision(unchecked, decided, at);
    await records.saveDecision(finished, decided, at);
    await records.saveCheck(finished, { base, head }, { result: { ok: true, checked: checked() }, grounds: "g" }, at);
    await records.intendMerge(merging, { ...mergeOf(), commit: null }, at);
    await wake(queued);
    const found = (await records.unfinished()).map((change) => change.repository);
    for (const change of [unfinished, unchecked, merging]) expect(found).toContain(change.repository);
    for (const change of [finished, queued]) expect(found).not.toContain(change.repository);
    const job = await turn();
    await store.held(job.lease, (held) => held.settleTurn(job));
  });
});

describe("leases", () => {
  it("end with their time, and whoever held one can write nothing after it was taken back", async () => {
    const change = await newChange();
    await wake(change);
    const old = await store.take("advance", 0);
    if (old === null) throw new Error("no turn is due");
    await expect.poll(() => store.takeBack()).toBe(1);
    const next = await turn();
    expect(next.data).toEqual({ ...change, attempts: 0 });
    expect(next.lease.epoch).toBeGreaterThan(old.lease.epoch);
    const late = store.held(old.lease, (held) => held.settleTurn(old));
    await expect(late).rejects.toMatchObject({
      name: "LeaseLost",
      message: `the lease "repository ${change.repository}" is not held any more`,
    });
    await store.held(next.lease, (held) => held.settleTurn(next));
    expect(await take()).toBeNull();
  });

  it("last as long as they are prolonged, and only those of this process", async () => {
    const change = await newChange();
    await wake(change);
    const job = await store.take("advance", 0);
    if (job === null) throw new Error("no turn is due");
    expect(await store.renew(60)).toEqual(new Set([job.lease.epoch]));
    expect(await store.takeBack()).toBe(0);
    await store.held(job.lease, (held) => held.settleTurn(job));
    expect(await store.renew(60)).toEqual(new Set());
  });
});

describe("checks that are asked for", () => {
  const request = (repositoryId: number, newer: string): Parameters<Records["askCheck"]>[1] => ({
    origin: { installation: 5, repository: { id: repositoryId, owner: "acme", name: "control" } },
    number: 1,
    base: { ref: "main", sha: base },
    head: newer,
    organisation: null,
  });

  it("are asked for once, and end when another pair is asked for", async () => {
    const change = await newChange();
    const ask = (newer: string): Promise<void> => store.transaction((inside) => inside.askCheck(change, request(change.repository, newer)));
    await ask(older);
    await ask(older);
    const first = await store.take("check", 30);
    expect(first?.data).toEqual({ ...change, request: request(change.repository, older) });
    await ask(older);
    expect(await store.take("check", 30)).toBeNull();
    await ask(head);
    const second = await store.take("check", 30);
    expect(second?.data.request.head).toBe(head);
    if (first === null || second === null) throw new Error("no check was asked for");
    await expect(store.held(first.lease, (held) => held.endJob(first))).rejects.toMatchObject({ name: "LeaseLost" });
    await store.held(second.lease, (held) => held.again(second));
    const again = await store.take("check", 30);
    expect(again?.data).toEqual(second.data);
    await store.transaction((inside) => inside.dropChecks(change));
    expect(await store.take("check", 30)).toBeNull();
    expect(await records.countJobs()).toBe(0);
  });

  it("wait for no other change's", async () => {
    const [one, other] = [await newChange(), await newChange()];
    for (const change of [one, other]) await store.transaction((inside) => inside.askCheck(change, request(change.repository, head)));
    const jobs = [await store.take("check", 30), await store.take("check", 30)];
    for (const job of jobs) if (job !== null) await store.held(job.lease, (held) => held.endJob(job));
    expect(jobs.map((job) => job?.data.repository)).toEqual([one.repository, other.repository]);
  });
});

describe("the sweep", () => {
  it("is one for all, and comes again after its time", async () => {
    await store.transaction((inside) => inside.askSweep());
    await store.transaction((inside) => inside.askSweep());
    const job = await store.take("sweep", 30);
    if (job === null) throw new Error("no sweep is due");
    await store.transaction((inside) => inside.askSweep());
    expect(await store.take("sweep", 30)).toBeNull();
    await store.held(job.lease, (held) => held.settleSweep(job, 60));
    expect(await store.take("sweep", 30)).toBeNull();
    expect((await records.outlook()).seconds).toBeGreaterThan(50);
    expect(await records.countJobs()).toBe(0);
  });
});

describe("nights", () => {
  const day = (n: number): string => `2026-03-${String(n).padStart(2, "0")}`;
  const ask = (repositories: readonly number[], n: number, now = at): Promise<void> =>
    store.transaction((inside) =>
      inside.askNights(
        repositories.map((each) => ({ repository: each, night: day(n) })),
        now,
      ),
    );
  const watched = async (branch = "main"): Promise<number> => {
    const change = await newChange();
    await records.beginExplaining(change.repository, { branch, tip: base }, at);
    return change.repository;
  };
  const end = async (
    come: { after: string | null; isThrough: boolean; notBefore: Date | null },
    branch = "main",
  ): Promise<number | null> => {
    const job = await store.take("night", 30);
    if (job === null) return null;
    await store.held(job.lease, async (held) => {
      await held.saveNight(job.data.repository, branch, come);
      await held.endJob(job);
    });
    return job.data.repository;
  };
  const through = { after: null, isThrough: true, notBefore: null };

  it("begin with the next one, and come once each", async () => {
    const own = await watched();
    await ask([own], 1);
    expect(await end(through)).toBeNull();
    await ask([own], 2);
    await ask([own], 2);
    expect(await records.nextNight(own)).toEqual({ branch: "main", after: null });
    expect(await end(through)).toBe(own);
    await ask([own], 2);
    expect(await end(through)).toBeNull();
    expect(await records.nextNight(own)).toBeNull();
    await ask([own], 3);
    expect(await end(through)).toBe(own);
  });

  it("go on where they were left, whatever day it is by then, and not before their time", async () => {
    const own = await watched();
    await ask([own], 1);
    await ask([own], 2);
    expect(await end({ after: "web07", isThrough: false, notBefore: later(60) })).toBe(own);
    await ask([own], 3, later(59));
    expect(await end(through)).toBeNull();
    await ask([own], 3, later(60));
    expect(await records.nextNight(own)).toEqual({ branch: "main", after: "web07" });
    expect(await end(through)).toBe(own);
    await ask([own], 3, later(60));
    expect(await records.nextNight(own)).toEqual({ branch: "main", after: null });
    expect(await end(through)).toBe(own);
  });

  it("are one for each repository at a time, in whatever process, and wait for no other's", async () => {
    const [one, other] = [await watched(), await watched()];
    await ask([one, other], 1);
    await ask([one, other], 2);
    const [first, second] = [await store.take("night", 30), await store.take("night", 30)];
    expect([first?.data.repository, second?.data.repository]).toEqual([one, other]);
    await ask([one, other], 3);
    expect(await store.take("night", 30)).toBeNull();
    for (const job of [first, second]) if (job !== null) await store.held(job.lease, (held) => held.again(job));
    expect(await end(through)).toBe(one);
    expect(await end(through)).toBe(other);
  });

  it("take each branch after the other", async () => {
    const own = await watched();
    await records.beginExplaining(own, { branch: "staging", tip: base }, at);
    await ask([own], 1);
    await ask([own], 2);
    expect(await end(through)).toBe(own);
    await ask([own], 2);
    expect(await records.nextNight(own)).toEqual({ branch: "staging", after: null });
    expect(await end(through, "staging")).toBe(own);
    await ask([own], 2);
    expect(await end(through)).toBeNull();
  });

  it("know when a check waits or is under way", async () => {
    const change = await newChange();
    expect(await records.isChecking()).toBe(false);
    const origin = { installation: 5, repository: { id: change.repository, owner: "acme", name: "control" } };
    const pair = { origin, number: 1, base: { ref: "main", sha: base }, head, organisation: null };
    await store.transaction((inside) => inside.askCheck(change, pair));
    expect(await records.isChecking()).toBe(true);
    await store.transaction((inside) => inside.dropChecks(change));
    expect(await records.isChecking()).toBe(false);
  });
});

describe("proofs", () => {
  it("are counted for ever, by repository and by where they are from", async () => {
    const count = (source: "sample" | "night", verdicts: number, missed: number, when = at): Promise<void> =>
      records.addProofs(++repository, { source, verdicts, missed }, when);
    await count("sample", 0, 0);
    expect(await records.allProofs()).toEqual([]);
    await count("sample", 3, 1);
    repository -= 1;
    await count("sample", 4, 0);
    repository -= 1;
    await count("sample", 5, 0, later(86_400));
    await records.saveRepository({ installation: 5, repository: { id: repository, owner: "acme", name: "control" } });
    await count("night", 80_000, 0);
    repository -= 1;
    await count("night", 10_000, 0, later(86_400));
    await records.forgetOld(later(400 * 86_400));
    const [one, other] = [repository - 1, repository];
    expect(await records.allProofs()).toEqual([
      {
        repository: one,
        name: "acme/control",
        nights: { verdicts: 0, missed: 0, last: null },
        samples: { verdicts: 12, missed: 1 },
      },
      {
        repository: other,
        name: null,
        nights: { verdicts: 90_000, missed: 0, last: later(86_400).toISOString().slice(0, 10) },
        samples: { verdicts: 0, missed: 0 },
      },
    ]);
    const { rows } = await database.query("select 1 from proofs where source = 'sample'");
    expect(rows.length).toBe(2);
  });
});

describe("what is remembered of a change", () => {
  it("finds the changes of a branch and of a head", async () => {
    const change = await newChange(4);
    const answer = { comment: 9, by: "alice", command: "/why", accepted: true, text: "nothing", lines: [] };
    expect(await records.findChange(change)).toEqual({ state: "open", baseRef: null, pair: null, answers: [], verdict: null });
    await records.saveDecision(
      change,
      { state: "open", baseRef: "main", base, head, verdict: { outcome: "pass", reasons: [] }, standing: "pass", answers: [answer], about },
      at,
    );
    expect(await records.findChange(change)).toEqual({
      state: "open",
      baseRef: "main",
      pair: { base, head },
      answers: [answer],
      verdict: { outcome: "pass", reasons: [] },
    });
    expect(await records.openChangesMoved(repository, { branch: "main", sha: older })).toEqual([{ number: 4, into: true }]);
    expect(await records.openChangesMoved(repository, { branch: "topic", sha: head })).toEqual([{ number: 4, into: false }]);
    expect(await records.openChangesMoved(repository, { branch: "other", sha: older })).toEqual([]);
    expect(await records.openChangesAt(repository, head)).toEqual([{ number: 4, standing: "pass" }]);
  });

  it("keeps a check by its pair, counts tries, and forgets on request", async () => {
    const change = await newChange();
    const problem = { code: "fetch", text: "GitHub hung up.", hint: "Wait." };
    await records.saveCheck(change, { base, head }, { result: { ok: false, problem }, grounds: "g" }, at);
    expect(await records.findCheck(change, { base, head })).toEqual({
      attempts: 1,
      endedAt: at,
      grounds: "g",
      result: { ok: false, problem },
    });
    const hostile = report({
      findings: [
        {
          check: "lint",
          severity: "error",
          path: "a\u0000\ud800.pp",
          line: 1,
          column: 1,
          code: "x",
          message: "\u202e",
          onChangedLine: true,
        },
      ],
    });
    const found = { ...checked(), report: hostile, paths: ["a.pp"] };
    await records.saveCheck(change, { base, head }, { result: { ok: true, checked: found }, grounds: "g" }, at);
    expect(await records.findCheck(change, { base, head })).toMatchObject({
      attempts: 2,
      grounds: "g",
      result: { ok: true, checked: found },
    });
    await records.saveCheck(change, { base, head }, { result: { ok: false, problem }, grounds: "others" }, at);
    expect(await records.findCheck(change, { base, head })).toMatchObject({ attempts: 1, grounds: "others" });
    expect(await records.findCheck(change, { base: older, head })).toBeNull();
    await records.saveCheck(change, { base: older, head }, { result: { ok: false, problem }, grounds: "g" }, at);
    expect(await records.findCheck(change, { base, head })).toBeNull();
    await records.saveCheck(change, { base, head }, { result: { ok: true, checked: found }, grounds: "g" }, at);
    await records.forgetChecks(change);
    expect(await records.findCheck(change, { base, head })).toBeNull();
  });

  it("knows who pushed, by id and under the newest name, and the latest time", async () => {
    const change = await newChange();
    const push = (id: number, login: string, time: string | null): Promise<void> =>
      records.addPush(change.repository, { sha: head, by: { id, login, bot: false }, at: time });
    await push(2, "bob", "2026-03-01T12:00:05Z");
    await push(2, "robert", "2026-03-01T12:00:00Z");
    await records.addPush(change.repository, { sha: head, by: null, at: "2026-03-01T12:00:07Z" });
    expect(await records.pushersOf(change.repository, [head, older])).toEqual([{ id: 2, login: "robert", bot: false }]);
    expect(await records.pushedAt(change.repository, head)).toBe("2026-03-01T12:00:07.000Z");
    expect(await records.pushedAt(change.repository, older)).toBeNull();
  });

  it("answers a comment once, and tells its own labels", async () => {
    const change = await newChange();
    await records.addAnswered(change, [11, 12], at);
    await records.addAnswered(change, [12], at);
    expect(await records.answeredComments(change)).toEqual(new Set([11, 12]));
    await records.changeOwnLabels(change, { add: ["radius/small", "service/dns"], remove: [] });
    await records.changeOwnLabels(change, { add: [], remove: ["service/dns"] });
    expect(await records.ownLabels(change)).toEqual(["radius/small"]);
  });

  it("supersedes what was intended before and not done", async () => {
    const change = await newChange();
    const labels = { kind: "labels", add: ["a"], remove: [] } as const;
    const [first = 0, second = 0] = await records.intendEffects(change, [labels, labels], at);
    await records.endEffect(first, null, at);
    await records.intendEffects(change, [labels], at);
    await records.endEffect(second, "too late\0", at);
    const { rows } = await database.query<{ state: string }>("select state from effects where repository = $1 order by id", [
      change.repository,
    ]);
    expect(rows.map(({ state }) => state)).toEqual(["done", "failed", "intended"]);
  });

  it("has one merge intended at a time, and one landing however often it is told", async () => {
    const change = await newChange();
    const merge = { ...mergeOf(), commit: null };
    await records.intendMerge(change, merge, at);
    await records.intendMerge(change, { ...merge, comment: 2 }, at);
    expect(await records.landingsOf(change)).toMatchObject([{ state: "intended", merge: { ...merge, comment: 2 } }]);
    await records.refuseMerge(change, "base moved", at);
    expect(await records.landingsOf(change)).toMatchObject([{ state: "refused", landing: null }]);
    const landing = { by: "outside", who: "dave", sha: older, trees: null };
    await records.saveLanding(change, { ...landing, by: "other" }, at);
    await records.saveLanding(change, { ...landing, by: "other", who: "dave2" }, at);
    const outside = { state: "outside", merge: null, landing: { ...landing, by: "other", who: "dave2" }, unread: false };
    expect(await records.landingsOf(change)).toMatchObject([outside, { state: "refused" }]);
    expect(memory().landing).toBeNull();
  });
});
