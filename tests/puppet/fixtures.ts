import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { CompileLimits, CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import type { Catalog, Resource } from "../../src/catalog/catalog.ts";
import { ownMark } from "../../src/process/marks.ts";
import { run } from "../../src/process/run.ts";
import { startLineWorker } from "../../src/process/line-worker.ts";
import { codeFolder, makeCode } from "../../src/puppet/code-folder.ts";
import { layOut } from "../../src/puppet/environment.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { openSandbox } from "../../src/puppet/sandbox.ts";
import { beginning, workerCommand, workerEnv, workerFiles } from "../../src/puppet/worker-files.ts";

export const limits: CompileLimits = { nodeSeconds: 60, startSeconds: 60, memoryMib: 1024, processes: 64, outputMib: 8 };

/** A folder of files by their paths, unreadable for others as the product's own are; `remove` takes it away. */
export async function makeFolder(files: Record<string, string>): Promise<{ folder: string; remove: () => Promise<void> }> {
  const top = await mkdtemp(join(tmpdir(), "puppet-gate-test-"));
  const folder = join(top, "tree");
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { folder, remove: () => rm(top, { recursive: true, force: true }) };
}

export const node = (certname: string, values: Record<string, unknown> = {}, extensions: Record<string, string> = {}): NodeFacts => ({
  certname,
  origin: "given",
  values,
  trusted: { authenticated: "remote", certname, hostname: certname.split(".")[0] ?? "", domain: "example", extensions, external: {} },
});

/** Writes a tree as git does: the files of a folder, links as links, for anybody to read. */
export const copyOf =
  (folder: string) =>
  async (to: string): Promise<void> => {
    const { ok, stderr } = await run({
      file: "/bin/sh",
      args: ["-c", 'cp -R -P -- "$1" "$2" && chmod -R a+rX -- "$2"', "sh", folder, to],
      env: { PATH: "/usr/bin:/bin" },
      cwd: "/",
      seconds: 60,
      outputBytes: 65_536,
    });
    if (!ok) throw new Error(stderr);
  };

export const puppet = createPuppet({ secretKey: "the key of these tests" });

/** Opens files as an environment `production` with `site` and `modules` as its module path. */
export const openFolder = (folder: string, options: { limits?: Partial<CompileLimits> } = {}): Promise<OpenTree> =>
  puppet.open({
    write: copyOf(folder),
    layout: {
      name: "production",
      modulepath: [
        { in: "tree", path: "site" },
        { in: "tree", path: "modules" },
      ],
      manifest: "manifests",
    },
    limits: { ...limits, ...options.limits },
  });

/** Every node's outcome, by certname. */
export async function compileAll(tree: OpenTree, nodes: readonly NodeFacts[]): Promise<Map<string, CompileOutcome>> {
  const outcomes = new Map<string, CompileOutcome>();
  await tree.compile(
    nodes,
    (outcome) => {
      if (outcomes.has(outcome.certname)) throw new Error(`${outcome.certname} has two outcomes`);
      outcomes.set(outcome.certname, outcome);
    },
    { workers: 2 },
  );
  return outcomes;
}

export function catalogOf(outcome: CompileOutcome | undefined): Catalog {
  if (outcome?.ok) return outcome.catalog;
  throw new Error(`no catalog: ${JSON.stringify(outcome)}`);
}

export function resource(catalog: Catalog, type: string, title: string): Resource {
  const found = catalog.resources.find((each) => each.type === type && each.title === title);
  if (found) return found;
  throw new Error(`no ${type}[${title}] among ${catalog.resources.map((each) => `${each.type}[${each.title}]`).join(", ")}`);
}

/** A compile worker by itself, to see each line that it answers: a request takes a node, or anything. */
export async function startRaw(folder: string, extra: Readonly<Record<string, string>> = {}) {
  const code = await makeCode();
  const environment = await layOut(code, {
    write: copyOf(folder),
    layout: { name: "production", modulepath: ["site", "modules"].map((path) => ({ in: "tree", path })), manifest: "manifests" },
  });
  const sandbox = await openSandbox([{ folder: code.path, at: codeFolder }]);
  const command = sandbox.worker({ command: workerCommand, files: await workerFiles(), env: { ...workerEnv, ...extra } });
  const worker = startLineWorker(command, { lineBytes: 10_000_000 });
  const ask = async (request: string | null): Promise<string> => {
    const answer = await worker.ask(request, { seconds: 60 });
    if (answer.kind === "line") return answer.line.toString();
    throw new Error(JSON.stringify(answer));
  };
  await ask(null);
  const begun = await ask(JSON.stringify(beginning(environment, limits)));
  return {
    begun,
    root: environment.root,
    compile: ({ certname, values, trusted }: NodeFacts) =>
      ask(
        JSON.stringify({
          op: "compile",
          certname,
          facts: values,
          trusted,
          server: { servername: "puppet", serverip: "127.0.0.1" },
          enc: null,
        }),
      ),
    end: async () => {
      await worker.end();
      await code.remove();
    },
  };
}

/** What the command lines of all sandboxes hold that see a tree of this process. */
export const codeMark = join(tmpdir(), `puppet-gate-tree-${ownMark}-`);

/** Those processes: without the reaper, whose command line names what it is to remove. */
export function treeProcesses(): string[] {
  const reapers = new Set(processesWith("puppet-gate-reaper"));
  return processesWith(codeMark).filter((pid) => !reapers.has(pid));
}

/** Processes of this machine whose command line holds the mark; a sandbox's holds the folders that are mounted in it. */
export const processesWith = (mark: string): string[] =>
  readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
    } catch {
      return false; // it ended meanwhile
    }
  });
