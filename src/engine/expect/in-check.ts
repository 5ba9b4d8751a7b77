import type { ExpectNode } from "../../catalog/expect/node-view.ts";
import type { Told } from "../../catalog/expect/told.ts";
import { judgeExpectations, expectationFindings } from "../../gate/expectations.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { Reason } from "../../gate/verdict.ts";
import { known, unknown } from "../../policy/known.ts";
import type { Placer } from "../place.ts";
import { encOf } from "../place.ts";
import type { FactSnapshot } from "../ports/nodes.ts";
import type { Repository } from "../ports/repository.ts";
import type { Trees } from "../trees.ts";
import type { LoadedExpectation } from "../../catalog/expect/load.ts";
import { ExpectCourse, type Effects } from "./course.ts";
import type { StartEvaluator } from "../ports/evaluator.ts";
import { Reader } from "./reader.ts";
import { readExpectations, type ReadExpectations } from "./read.ts";

export interface ExpectWork {
  repository: Repository;
  trees: Trees;
  snapshot: FactSnapshot;
  place: Placer;
  /** Null or absent: this process has nowhere to evaluate them. */
  start: StartEvaluator | null;
  /** Whether the whole fleet is looked at. */
  whole: boolean;
  /** True where nothing is compiled, because both trees are one. */
  idle: boolean;
  now: () => number;
  signal: AbortSignal | undefined;
}

/** The expectations of a check: evaluated by `course` while catalogs come, and put together by `finish`. */
export interface Expecting {
  course: ExpectCourse | null;
  finish(effectsOf: (certname: string) => Effects): Promise<Expected>;
  end(): Promise<void>;
}

export interface Expected {
  told: Told[];
  findings: Finding[];
  reasons: Reason[];
}

/** Reads the expectations of both trees, and gets ready to evaluate them. */
export async function expecting(work: ExpectWork): Promise<Expecting> {
  const read = await readBoth(work);
  const some = read.base.length + read.head.length;
  const { start } = work;
  const course = some === 0 || start === null || work.idle ? null : new ExpectCourse({ ...courseInput(work, read), start });
  const unlooked = some > 0 && start === null ? "there are expectations, and this process has nothing to evaluate them with" : null;
  return {
    course,
    finish: async (effectsOf) => {
      if (work.idle) return { told: [], findings: [], reasons: [] };
      const { told, findings } = (await course?.finish(effectsOf)) ?? { told: [], findings: [] };
      const all = [...read.findings, ...findings];
      return {
        told,
        findings: [...all, ...expectationFindings(told)],
        reasons: judgeExpectations({ told, findings: all, unread: read.unread, unlooked }),
      };
    },
    end: async () => course?.end(),
  };
}

/** Where nothing can be evaluated, nothing of the change is read: that it can't be told is said of all. */
async function readBoth({ repository, trees, start, now, signal }: ExpectWork): Promise<ReadExpectations> {
  const { base, merged } = trees;
  if (start === null) return readExpectations(repository, base.entries, merged.entries, async (_, path) => unread(path));
  const reader = new Reader({ start, now, signal });
  try {
    return await readExpectations(repository, base.entries, merged.entries, (text, path) => reader.load(text, path));
  } finally {
    await reader.end();
  }
}

const unread = (path: string): LoadedExpectation => ({
  ok: false,
  problems: [{ path, line: 1, column: 1, text: "This process has nothing to read it with.", hint: "Run the check as `puppet-gate` does." }],
});

function courseInput(
  { snapshot, place, whole, now, signal }: ExpectWork,
  expectations: ReadExpectations,
): Omit<ConstructorParameters<typeof ExpectCourse>[0], "start"> {
  const byName = new Map(snapshot.nodes.map((node) => [node.certname, node]));
  const nodeOf = (certname: string, classes: readonly string[] | null): ExpectNode => {
    const node = byName.get(certname);
    if (node === undefined) throw new Error(`nothing is known of ${certname} but its name`);
    const { services, datacentre, holes, unknown: why } = place(certname, classes);
    const reason = why ?? "it is not known";
    return {
      certname,
      about: { certname, trusted: node.trusted, enc: encOf(node), classes, assumed: node.origin === "assumed" },
      services: holes.includes("services") ? unknown(reason) : known(services),
      datacentre: holes.includes("datacentre") ? unknown(reason) : known(datacentre),
    };
  };
  return { expectations, nodeOf, whole, now, signal };
}
