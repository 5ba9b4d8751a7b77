import type { Unplaced } from "../../../src/catalog/finding.ts";
import type { CompileOutcome, TreeToCompile } from "../../../src/engine/ports/compile.ts";
import type { OpenTree, PuppetEdge } from "../../../src/engine/ports/puppet.ts";
import { findLayout } from "../../../src/puppet/layout.ts";
import { readPuppetfile } from "../../../src/puppet/puppetfile.ts";
import { compile, definitionsOf, nodesOf, rootOf } from "./compiler.ts";
import type { MemoryRepository } from "./repository.ts";

export interface TablePuppet extends PuppetEdge {
  /** What was done, in order: `compile main web01`, `open change`, … */
  readonly log: string[];
  /** Fails at `what`, as the log has it. */
  fail(what: string, error: Error): void;
}

/**
 * Puppet without Puppet: compiles by the language of `compiler.ts`; a line with `!syntax` does not parse, one with `!lint` is a finding that
 * puppet-lint mends. Layouts and Puppetfiles are read by the product's own code, which starts nothing.
 */
export function tablePuppet(): TablePuppet & { of(repository: MemoryRepository): TablePuppet } {
  const answers = new Map<string, CompileOutcome>();
  const log: string[] = [];
  const failures = new Map<string, Error>();
  let repository: MemoryRepository | null = null;
  let folders = 0;
  const note = (what: string): void => {
    log.push(what);
    const error = failures.get(what);
    if (error !== undefined) throw error;
  };

  const openTree = async ({ write, layout }: TreeToCompile): Promise<OpenTree> => {
    const folder = `/sandbox/${(folders += 1)}`;
    await write(folder, `${folder}.index`);
    const tree = repository?.exported.get(folder) ?? "";
    const name = repository?.nameOf(tree) ?? "";
    note(`open ${name}`);
    const files = new Map<string, string>();
    for (const { path, mode, oid } of (await repository?.list(tree)) ?? []) {
      const bytes = mode.startsWith("100") ? await repository?.readObject(oid) : null;
      if (bytes !== null && bytes !== undefined) files.set(path, bytes.toString());
    }
    const found = (paths: readonly string[], mark: string, how: Pick<Unplaced, "check" | "severity" | "code" | "message">): Unplaced[] =>
      paths.flatMap((path) =>
        (files.get(path) ?? "").split("\n").flatMap((line, at) => (line.includes(mark) ? [{ path, line: at + 1, column: 1, ...how }] : [])),
      );
    return {
      nodeStatements: async () => {
        note(`statements ${name}`);
        const names = [...nodesOf({ files, layout }).keys()];
        return { names: names.filter((each) => each !== "default"), open: names.includes("default") };
      },
      definitions: async (paths) => {
        note(`definitions ${name}`);
        return new Map(paths.map((path) => [path, definitionsOf({ files, layout }, path.slice(rootOf(layout).length + 1))]));
      },
      compile: async (nodes, onOutcome, { raw, trace, signal, slot, workers }) => {
        note(`workers ${name} ${workers}`);
        for await (const node of nodes) {
          signal?.throwIfAborted();
          const work = async (): Promise<CompileOutcome> => {
            note(`compile ${name} ${node.certname}`);
            return compile({ files, layout }, node);
          };
          const outcome = await (slot === undefined ? work() : slot(work, signal));
          if (outcome.ok && trace !== true) delete outcome.reads?.trace;
          const answer = `answer ${answers.size}`;
          const mayBeKept = outcome.ok || outcome.error.code === "compile" || outcome.error.code === "no-node";
          if (raw === true && mayBeKept) answers.set(answer, outcome);
          if (raw === true && mayBeKept) onOutcome(outcome, Buffer.from(answer));
          else onOutcome(outcome);
        }
        signal?.throwIfAborted();
      },
      syntax: async (paths) => {
        note(`syntax ${name} ${paths.join()}`);
        return found(paths, "!syntax", { check: "syntax", severity: "error", code: "syntax", message: "it does not parse" });
      },
      lint: async (paths, options) => {
        note(`lint ${name} ${[...paths, ...options].join()}`);
        return found(paths, "!lint", { check: "lint", severity: "warning", code: "marked", message: "a mark" });
      },
      fixLint: async (paths, options) => {
        note(`fix ${name} ${[...paths, ...options].join()}`);
        return new Map(paths.map((path) => [path, (files.get(path) ?? "").replaceAll(" !lint", "")]));
      },
      close: async () => note(`close ${name}`),
    };
  };

  const puppet: TablePuppet = {
    log,
    fail: (what, error) => void failures.set(what, error),
    versions: async () => {
      note("versions");
      return {
        puppet: "7.23.0",
        ruby: "3.1.2",
        worker: "1",
        image: "1",
        puppetLint: "2.5.2",
        bubblewrap: "0.8.0",
        coreModules: "",
      };
    },
    expect: (trees) => note(`expect ${trees}`),
    expectSyntax: () => note("expect syntax"),
    open: openTree,
    readKept: (raw) => {
      const answer = answers.get(raw.toString());
      if (answer === undefined) throw new Error(`nobody gave ${raw.toString()}`);
      note(`kept ${answer.certname}`);
      return answer;
    },
    close: async () => {},
    findLayout,
    readPuppetfile,
  };
  return { ...puppet, of: (its) => ((repository = its), puppet) };
}
