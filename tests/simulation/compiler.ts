import { besides } from "../../src/engine/besides.ts";
import type { GateMirror } from "../../src/engine/ports/mirror.ts";
import type { Judge, JudgeRequest } from "../../src/engine/ports/judge.ts";
import type { Report } from "../../src/gate/report.ts";
import { Problem } from "../../src/problem.ts";
import { apartHere } from "../engine/stand-ins/apart.ts";
import { dataPath } from "./contents.ts";
import { differences, mergeTrees } from "./git/history.ts";
import type { KnownObjects, Objects } from "./git/objects.ts";

/**
 * Compiles as a table: what a change does is written in its files. One with `broken` in it does not compile, one with `riddle` nobody can
 * judge, and one below `reads/` does to the catalogs what base's data say. Everything else a check says (base's policy, paths, digests)
 * comes from the product's own code.
 */
export interface Compiled {
  /** Null where the two conflict. */
  tree: string | null;
  outcome: "pass" | "blocked" | "unknown";
  /** What it does to the catalogs, as texts. */
  effects: readonly string[];
}

/** @param below where the control repo has its manifests, with a slash at the end */
export function compile(objects: KnownObjects, base: string, head: string, below = ""): Compiled {
  const tree = mergeTrees(objects, base, head);
  if (tree === null) return { tree, outcome: "blocked", effects: [] };
  const baseTree = objects.commit(base).tree;
  const texts = differences(objects, baseTree, tree).map(({ path, before, after }) => {
    const text = after === undefined ? "" : objects.blob(after.blob).toString();
    const data = path.startsWith(`${below}reads/`) ? (objects.files(baseTree).get(dataPath)?.blob ?? "") : "";
    return { text, effect: `${path} ${before?.blob ?? "-"} ${after?.blob ?? "-"} ${data}` };
  });
  const has = (word: string): boolean => texts.some(({ text }) => text.includes(word));
  return { tree, outcome: has("broken") ? "blocked" : has("riddle") ? "unknown" : "pass", effects: texts.map(({ effect }) => effect) };
}

/** @param fails whether a check can't be done this time */
export function tableJudge(objects: Objects, openMirror: (request: JudgeRequest) => GateMirror, fails: () => boolean): Judge {
  return async (request, signal) => {
    const { base, head, number, organisation } = request;
    const mirror = openMirror(request);
    await mirror.keep(number, [base.sha, head]);
    signal.throwIfAborted();
    if (fails()) throw new Problem({ code: "no-sandbox", text: "No sandbox could be made.", hint: "It is tried again." });
    const report = reportOf(objects, request);
    return { report, ...(await besides(mirror, { base: base.sha, head, organisation }, report, apartHere)) };
  };
}

function reportOf(objects: Objects, { base, head, number }: JudgeRequest): Report {
  const { tree, outcome, effects } = compile(objects, base.sha, head);
  const merged = tree === null ? ("fail" as const) : ("pass" as const);
  const compiled = outcome === "pass" ? ("pass" as const) : outcome === "blocked" ? ("fail" as const) : ("unknown" as const);
  return {
    schema: "puppet-gate/report@1",
    base: { ref: base.ref, sha: base.sha },
    head: { ref: `refs/pull/${number}/head`, sha: head },
    tree,
    verdict: {
      outcome,
      reasons: [
        { rule: "merge", outcome: merged, text: merged === "pass" ? "base and head merge cleanly" : "base and head conflict" },
        ...(tree === null ? [] : [{ rule: "compile", outcome: compiled, text: `the nodes' catalogs: ${compiled}` }]),
      ],
    },
    findings: [],
    debt: { lint: 0 },
    nodes: effects.map((effect) => ({
      certname: "node.example.org",
      outcome: "changed",
      reason: effect,
      services: [],
      datacentre: null,
      cached: false,
    })),
    groups: [],
    radius: { nodes: effects.length, share: 0.01, services: [], datacentres: [], restarts: [], size: "small" },
    timing: { total: 1 },
  };
}
