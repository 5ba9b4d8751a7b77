import { createHmac } from "node:crypto";

import type { OpenTree, PuppetEdge, TreeToCompile } from "../engine/ports.ts";
import { readOutcome } from "./answer.ts";
import { createCompiler } from "./compiler.ts";
import { layOut } from "./environment.ts";
import { findLayout } from "./layout.ts";
import { fixLint } from "./lint-fix.ts";
import { runLint } from "./lint.ts";
import { readPuppetfile } from "./puppetfile.ts";
import { openSandbox } from "./sandbox.ts";
import { runSyntax } from "./syntax.ts";
import { environmentFolder } from "./tree.ts";
import type { ExportedTree } from "./tree-files.ts";
import { versions } from "./versions.ts";
import { workerFiles } from "./worker-files.ts";

/**
 * The edge to Puppet. `secretKey` is the installation's: under it, digests of secrets can be compared between catalogs and can't be
 * guessed by whoever sees them.
 */
export function createPuppet({ secretKey }: { secretKey: string | Uint8Array }): PuppetEdge {
  const seal = (text: string): string => createHmac("sha256", secretKey).update(text).digest("hex");
  const readKept: PuppetEdge["readKept"] = (raw, { certname, layout, limits }) =>
    readOutcome(raw, { certname, root: environmentFolder(layout.name), limits, seal });
  return { versions, open: (tree) => openTree(tree, seal), readKept, findLayout, readPuppetfile };
}

async function openTree({ folder, layout, limits, standIns }: TreeToCompile, seal: (text: string) => string): Promise<OpenTree> {
  const environment = await layOut(folder, layout, standIns);
  try {
    const sandbox = await openSandbox(environment.mounts, { memoryMib: limits.memoryMib, processes: limits.processes });
    const tree: ExportedTree = { sandbox, root: environment.root, layout, folder };
    const compiler = createCompiler({ sandbox, environment, limits, files: await workerFiles(environment, limits, standIns), seal });
    return {
      nodeStatements: compiler.nodeStatements,
      compile: compiler.compile,
      syntax: (paths, signal) => runSyntax(tree, paths, signal ? { signal } : {}),
      lint: (paths, options, signal) => runLint(tree, paths, options, signal ? { signal } : {}),
      fixLint: (paths, options, signal) => fixLint(tree, paths, options, signal),
      close: async () => {
        await compiler.close();
        await environment.remove();
      },
    };
  } catch (error) {
    await environment.remove();
    throw error;
  }
}
