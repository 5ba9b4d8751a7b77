import { createHmac } from "node:crypto";

import type { OpenTree, PuppetEdge } from "../engine/ports/puppet.ts";
import type { TreeToCompile } from "../engine/ports/compile.ts";
import { readOutcome } from "./answer.ts";
import { codeFolder, makeCode } from "./code-folder.ts";
import { createCompiler } from "./compiler.ts";
import { layOut } from "./environment.ts";
import { findLayout } from "./layout.ts";
import { fixLint } from "./lint-fix.ts";
import { runLint } from "./lint.ts";
import type { Parser } from "./parser.ts";
import { readPuppetfile } from "./puppetfile.ts";
import { openSandbox } from "./sandbox.ts";
import { createSpares, endSpare, type Spare } from "./spares.ts";
import { runSyntax } from "./syntax.ts";
import { environmentFolder } from "./tree.ts";
import type { ExportedTree } from "./tree-files.ts";
import { rememberedVersions } from "./versions.ts";
import { indexOf, keepWritten, type Written } from "./written.ts";

/**
 * The edge to Puppet. `secretKey` is the installation's: under it, digests of secrets can be compared between catalogs and can't be
 * guessed by whoever sees them. `spares` sandboxes are kept waiting for a tree, from the first time on that some are expected, and as many trees stay
 * written out.
 */
export function createPuppet({ secretKey, spares: keep = 0 }: { secretKey: string | Uint8Array; spares?: number }): PuppetEdge {
  const seal = (text: string): string => createHmac("sha256", secretKey).update(text).digest("hex");
  const readKept: PuppetEdge["readKept"] = (raw, { certname, layout, limits }) =>
    readOutcome(raw, { certname, root: environmentFolder(layout.name), limits, seal });
  const spares = createSpares(keep);
  const written = keepWritten(keep);
  return {
    versions: rememberedVersions(),
    readKept,
    findLayout,
    readPuppetfile,
    expect: (trees, limits) => spares.expect(trees, limits),
    expectSyntax: (limits) => spares.expectParser(limits),
    open: async (tree) => {
      const opened = await openTree(tree, { spare: await spares.take(tree.limits, tree.parsed), written, seal });
      const close = async (): Promise<void> => {
        await opened.close();
        // Not before: until then the processors have better to do.
        spares.refill();
      };
      return { ...opened, close };
    },
    close: async () => {
      await Promise.all([spares.close(), written.close()]);
    },
  };
}

interface Given {
  spare: Spare | null;
  written: Written;
  seal: (text: string) => string;
}

async function openTree(asked: TreeToCompile, { spare, written, seal }: Given): Promise<OpenTree> {
  const { of, layout, limits, standIns } = asked;
  const code = spare?.code ?? (await makeCode());
  const { workers: spares, parser } = spare ?? { workers: [], parser: null };
  let unused = parser;
  /** For one request. */
  const parserOnce = (): Parser | null => {
    const taken = unused;
    unused = null;
    return taken;
  };
  const endSpares = async (): Promise<void> => {
    unused = null;
    await endSpare({ workers: spares, parser });
  };
  try {
    const environment = await layOut(code, asked, written);
    // What a sandbox shows besides its code folder, it shows from its start.
    if (environment.mounts.length > 0 || Object.keys(standIns?.dns ?? {}).length > 0) await endSpares();
    const mounts = [{ folder: code.path, at: codeFolder }, ...environment.mounts];
    const sandbox = await openSandbox(mounts, { memoryMib: limits.memoryMib, processes: limits.processes });
    const tree: ExportedTree = { sandbox, root: environment.root, layout, folder: environment.folder };
    const compiler = createCompiler({ sandbox, environment, limits, seal, spares, ...(standIns === undefined ? {} : { standIns }) });
    return {
      nodeStatements: compiler.nodeStatements,
      definitions: compiler.definitions,
      compile: compiler.compile,
      syntax: (paths, signal) => runSyntax(tree, paths, { parser: parserOnce(), ...(signal ? { signal } : {}) }),
      lint: (paths, options, signal) => runLint(tree, paths, options, signal ? { signal } : {}),
      fixLint: (paths, options, signal) => fixLint(tree, paths, options, signal),
      close: async () => {
        await compiler.close();
        await endSpares();
        if (of === undefined) await code.remove();
        else await written.give({ of, folder: environment.folder, index: indexOf(code), code });
      },
    };
  } catch (error) {
    await endSpares();
    await code.remove();
    throw error;
  }
}
