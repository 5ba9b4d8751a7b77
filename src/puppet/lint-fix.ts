import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { type ExportedTree, inspect } from "./tree-files.ts";
import { knownOptions } from "./lint.ts";

/** Bounds: a fix is an offer, and nothing waits for it for long. */
const most = { files: 20, fileBytes: 256 * 1024, seconds: 30 };

/**
 * Copies each file into the sandbox's own /tmp, in its place below an empty folder (some checks look at where a file is), lets puppet-lint
 * mend the copy, and gives it back as base64. One puppet-lint for each file: one that fails loses no other's.
 */
const script = `
require "fileutils"
require "json"
root, options, files = JSON.parse(STDIN.read)
fixed = files.map do |name|
  copy = File.join("/tmp/fix", name)
  FileUtils.mkdir_p(File.dirname(copy))
  FileUtils.cp(File.join(root, name), copy)
  system("puppet-lint", "--no-config", *options, "--ignore-paths=", "--fix", copy, out: File::NULL, err: File::NULL)
  [name, [File.binread(copy)].pack("m0")]
end
puts JSON.generate(fixed)
`;
const output = z.array(z.tuple([z.string(), z.base64()]));

/**
 * What puppet-lint's own mending makes of these manifests, by path: text for people to look at, of the pull request's sandbox and to be
 * treated so. A file that it leaves alone, fails on or makes no text of is not in it. Null where the whole run came to nothing.
 */
export async function fixLint(
  tree: ExportedTree,
  paths: readonly string[],
  options: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string> | null> {
  const { files } = await inspect(tree.folder, paths, most.fileBytes);
  const named = files.filter(({ name }) => isUtf8(name)).slice(0, most.files);
  if (named.length === 0) return new Map();
  const { known } = await knownOptions(tree, options, signal);
  const result = await tree.sandbox.run({
    command: ["ruby", "-e", script],
    input: JSON.stringify([tree.root, known, named.map(({ name }) => name.toString("utf8"))]),
    seconds: most.seconds,
    outputBytes: 2 * most.files * most.fileBytes,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  const parsed = result.exitCode === 0 ? output.safeParse(jsonOf(result.stdout.toString("utf8"))) : null;
  if (parsed?.success !== true) return null;
  const byName = new Map(parsed.data);
  const texts = named.flatMap(({ path, name }): [string, string][] => {
    const bytes = Buffer.from(byName.get(name.toString("utf8")) ?? "", "base64");
    return bytes.length === 0 || !isUtf8(bytes) ? [] : [[path, bytes.toString("utf8")]];
  });
  return new Map(texts);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // what a head's sandbox prints is taken for nothing unless it has the form that is asked for
  }
}
