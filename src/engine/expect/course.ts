import type { CompileOutcome } from "../ports/compile.ts";
import { type NodeAnswer, takenOf, type SideAnswer } from "../../catalog/expect/questions.ts";
import type { Judged } from "../../catalog/expect/evaluate.ts";
import type { ExpectNode, FleetNode } from "../../catalog/expect/node-view.ts";
import type { Scope } from "../../catalog/expect/language.ts";
import { tell, type Found, type Told } from "../../catalog/expect/told.ts";
import { toWire, toWireChange } from "../../catalog/expect/wire.ts";
import { type Change, reachesSystem } from "../../catalog/change.ts";
import type { Restart } from "../../catalog/restarts.ts";
import { Bench, baseLimits, headLimits } from "./bench.ts";
import { exampleFinding, outFinding } from "./read.ts";
import { KeptResults, resultKey } from "./kept-results.ts";
import type { StartEvaluator } from "../ports/evaluator.ts";
import type { Asked, ReadExpectations } from "./read.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { CompileCache } from "../ports/cache.ts";

export interface CourseInput {
  expectations: ReadExpectations;
  start: StartEvaluator;
  /** A node as expectations see it; `classes` are of base's catalog. */
  nodeOf: (certname: string, classes: readonly string[] | null) => ExpectNode;
  /** Whether every node of the fleet is looked at; else nothing can be said of the fleet. */
  whole: boolean;
  now: () => number;
  signal: AbortSignal | undefined;
}

/** What a change does to a node. */
export interface Effects {
  changes: readonly Change[];
  restarts: readonly Restart[];
}

/** Of one expectation on one node. */
interface Row extends NodeAnswer {
  /** Whether after's catalog may be another than before's. */
  compiled: boolean;
}

const most = { held: 8 };
const none: SideAnswer = { is: "none" };

/**
 * Evaluates expectations while catalogs come, on what holds them at that moment, so that they can be forgotten; and on base's kept results of
 * nodes that the change does not reach. Expectations over the fleet are folded at the end, over what was taken of each node.
 */
export class ExpectCourse {
  readonly #input: CourseInput;
  readonly #base: Bench;
  readonly #head: Bench;
  readonly #rows = new Map<string, { base: readonly Row[]; head: readonly Row[]; node: ExpectNode }>();
  /** Nodes whose catalogs were taken from what is kept, and those that wait for it. */
  readonly #held = new Set<string>();
  readonly #room: Array<{ certname: string; go: () => void }> = [];
  #kept: KeptResults | null = null;
  #last: { certname: string; answer: string; classes: readonly string[]; node: ExpectNode; key: string | null } | null = null;
  #tail: Promise<void> = Promise.resolve();

  constructor(input: CourseInput) {
    this.#input = input;
    const { expectations, start, now, signal } = input;
    const bench = (asked: readonly Asked[], limits: typeof baseLimits): Bench =>
      new Bench(
        asked.map(({ expectation }) => expectation),
        { start, now, signal, limits },
      );
    this.#base = bench(expectations.base, baseLimits);
    this.#head = bench(expectations.head, headLimits);
    for (const each of [this.#base, this.#head]) each.warm();
  }

  /** Takes up what earlier checks found on base. */
  async open(cache: CompileCache | null, scope: string): Promise<void> {
    this.#kept = await KeptResults.open(cache, scope, this.#base.expectations);
  }

  /** Whether a node that the change does not reach has to be looked at all the same; `answer` names its catalog on base. */
  needs(certname: string, answer: string, classes: readonly string[]): boolean {
    if (this.#head.expectations.some(({ scope }) => scope !== "change")) return true;
    const { key } = this.#known(certname, answer, classes);
    return this.#base.expectations.length > 0 && (this.#kept?.find(certname, key) ?? null) === null;
  }

  /** A node that the change does not reach, and whose results are kept. */
  same(certname: string, answer: string, classes: readonly string[]): void {
    this.#release(certname);
    const { node, key } = this.#known(certname, answer, classes);
    const kept = this.#kept?.find(certname, key) ?? [];
    this.#kept?.add(certname, key, kept, false);
    // Of the change's own, only those over a change are left: where there are others, the node is looked at.
    const head = this.#head.expectations.map((): Row => ({
      asked: { known: true, value: false },
      before: none,
      after: none,
      compiled: false,
    }));
    const base = kept.map((each, at): Row => {
      const after: SideAnswer = this.#base.expectations[at]?.scope === "change" ? { is: "holds" } : each.before;
      return { ...each, after, compiled: false };
    });
    this.#rows.set(certname, { node, head, base });
  }

  /** What `needs` found out is not found out again by `same`. */
  #known(certname: string, answer: string, classes: readonly string[]): { node: ExpectNode; key: string | null } {
    const last = this.#last;
    if (last !== null && last.certname === certname && last.answer === answer && last.classes === classes) return last;
    const node = this.#input.nodeOf(certname, classes);
    this.#last = { certname, answer, classes, node, key: resultKey(answer, node) };
    return this.#last;
  }

  /** Both sides of a node. `same`: after's catalog is base's. */
  pair(certname: string, sides: { base: CompileOutcome; merged: CompileOutcome; answer: string }, effects: Effects): void {
    if (this.#base.expectations.length + this.#head.expectations.length === 0) return;
    this.#tail = this.#after(this.#tail, certname, sides, effects);
    // Thrown where it is waited for.
    this.#tail.catch(() => this.#room.splice(0).forEach(({ go }) => go()));
  }

  async #after(before: Promise<void>, ...[certname, sides, effects]: Parameters<ExpectCourse["pair"]>): Promise<void> {
    await before;
    await this.#judge(certname, sides, effects);
    this.#release(certname);
  }

  /** Resolves when a node's kept catalog may be read: a thousand that wait would be a thousand in memory. `pair` or `same` of the node makes room. */
  async room(certname: string): Promise<void> {
    if (this.#held.size < most.held) this.#held.add(certname);
    else await new Promise<void>((go) => this.#room.push({ certname, go }));
  }

  #release(certname: string): void {
    if (!this.#held.delete(certname)) return;
    const next = this.#room.shift();
    if (next === undefined) return;
    this.#held.add(next.certname);
    next.go();
  }

  async #judge(
    certname: string,
    { base, merged, answer }: { base: CompileOutcome; merged: CompileOutcome; answer: string },
    { changes, restarts }: Effects,
  ): Promise<void> {
    const node = this.#input.nodeOf(certname, base.ok ? base.catalog.classes : null);
    const isNew = !base.ok && base.error.code === "no-node";
    const question = {
      kind: "node",
      node,
      before: base.ok ? toWire(base.catalog) : isNew ? "new" : null,
      after: merged === base ? "same" : merged.ok ? toWire(merged.catalog) : null,
      changes: changes.map(toWireChange),
      restarts: restarts.map(({ type, title }) => `${type}[${title}]`),
    } as const;
    const ask = async (bench: Bench): Promise<NodeAnswer[]> =>
      bench.expectations.length === 0 ? [] : bench.node({ ...question, expressions: [...bench.expectations.keys()] });
    const [ofBase, ofHead] = await Promise.all([ask(this.#base), ask(this.#head)]);
    const compiled = merged !== base;
    const rows = (answers: readonly NodeAnswer[]): Row[] => answers.map((each) => ({ ...each, compiled: compiled && changes.length > 0 }));
    this.#rows.set(certname, { node, base: rows(ofBase), head: rows(ofHead) });
    // What a limit cut short is no result of the catalog.
    const results = ofBase.map(({ asked, before }, at) => (this.#base.out(at) === null ? { asked, before } : null));
    if (base.ok) this.#kept?.add(certname, resultKey(answer, node), results, true);
  }

  /** What became of every expectation. `effectsOf` gives what the change does to a node, without what is chance. */
  async finish(effectsOf: (certname: string) => Effects): Promise<{ told: Told[]; findings: Finding[] }> {
    await this.#tail;
    await this.#kept?.save();
    const { base, head } = this.#input.expectations;
    const findings = await this.#triedExamples();
    const told = [
      ...(await this.#tellAll(base, this.#base, ({ base: rows }) => rows, effectsOf)),
      ...(await this.#tellAll(head, this.#head, ({ head: rows }) => rows, effectsOf)),
    ];
    return { told, findings };
  }

  /** Examples of what the change writes: an expectation that is not what its author thinks is not to land. */
  async #triedExamples(): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (const [at, { expectation }] of this.#input.expectations.head.entries()) {
      const faults = await this.#head.examples(at);
      if ("reason" in faults) findings.push(outFinding(expectation, faults.reason));
      else for (const fault of faults) findings.push(exampleFinding(expectation, fault));
    }
    return findings;
  }

  /** Frees what evaluates. */
  async end(): Promise<void> {
    await Promise.all([this.#base.end(), this.#head.end()]);
  }

  async #tellAll(
    asked: readonly Asked[],
    bench: Bench,
    rowsOf: (of: { base: readonly Row[]; head: readonly Row[] }) => readonly Row[],
    effectsOf: (certname: string) => Effects,
  ): Promise<Told[]> {
    const told: Told[] = [];
    for (const [at, { expectation, ...of }] of asked.entries()) {
      const rows = [...this.#rows].flatMap(([certname, all]) => {
        const row = rowsOf(all)[at];
        return row === undefined || (row.asked.known && !row.asked.value) ? [] : [{ certname, node: all.node, ...row }];
      });
      const sure = rows.filter((row) => row.asked.known).length;
      if (expectation.scope === "fleet") {
        // What compiles on neither side blocks by itself, or was let off: nobody else's change waits for it.
        const seen = rows.filter(({ before, after }) => before.is !== "none" || after.is !== "none");
        told.push(tell(expectation, of, sure, [await this.#fold(at, bench, seen, effectsOf)], rows.length - seen.length));
      } else
        told.push(
          tell(
            expectation,
            of,
            sure,
            rows.map((row) => foundOf(row, expectation.scope, effectsOf)),
          ),
        );
    }
    return told;
  }

  async #fold(at: number, bench: Bench, rows: readonly NodeRow[], effectsOf: (certname: string) => Effects): Promise<Found> {
    const dark = rows.find((row) => !row.asked.known);
    const found = (before: Judged, after: Judged, reached: boolean): Found => ({ certname: null, before, after, reached });
    const no = (reason: string): Found => found({ is: "unknown", reason }, { is: "unknown", reason }, false);
    if (!this.#input.whole) return no("it is about the whole fleet, and only a part of that was looked at");
    if (rows.length === 0) return found({ is: "holds" }, { is: "holds" }, false);
    const why = "it has no catalog";
    const nodes = rows.map(({ certname, node, before, after }): FleetNode => {
      const { changes, restarts } = effectsOf(certname);
      return {
        node: { certname, services: node.services, datacentre: node.datacentre },
        before: takenOf(before, why),
        after: takenOf(after, why),
        changed: changes.some(reachesSystem),
        restarts: restarts.map(({ type, title }) => `${type}[${title}]`),
      };
    });
    const reached = nodes.some(({ changed, restarts }) => changed || restarts.length > 0);
    if (dark !== undefined && !dark.asked.known) {
      const reason = `whether it asks about ${dark.certname} is not known: ${dark.asked.reason}`;
      return found({ is: "unknown", reason }, { is: "unknown", reason }, reached);
    }
    const { before, after } = await bench.fleet(at, nodes);
    return found(before, after, reached);
  }
}

type NodeRow = Row & { certname: string; node: ExpectNode };

function foundOf({ certname, asked, before, after, compiled }: NodeRow, scope: Scope, effectsOf: (certname: string) => Effects): Found {
  const side = (answer: SideAnswer): Judged | null => {
    if (!asked.known) return { is: "unknown", reason: `whether it asks about this node is not known: ${asked.reason}` };
    return answer.is === "none" || answer.is === "taken" ? null : answer;
  };
  // What came of chance alone is no change.
  const reached = compiled && effectsOf(certname).changes.length > 0;
  const isNone = scope === "change" && !reached && after.is !== "none";
  return { certname, before: side(before), after: isNone ? { is: "holds" } : side(after), reached };
}
