import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { emptyTree, type CommitObject, type Files, type KnownObjects, type Signature } from "../../simulation/git/objects.ts";

/**
 * Real repositories' objects, as the model reads them: each by itself and once, whatever repository has it. What merges come to the model says by
 * its own rule; of that only the id is made as git makes it, so that a merge of git's can be held against it.
 */
export function gitObjects(folders: () => readonly string[]): KnownObjects {
  const blobs = new Map<string, Buffer>();
  const trees = new Map<string, Files>([[emptyTree, new Map()]]);
  const commits = new Map<string, CommitObject>();
  const lines = new Map<string, ReadonlySet<string>>();
  const git = (...args: string[]): Buffer => {
    const [first = "", ...others] = folders();
    const env = { PATH: process.env["PATH"], GIT_ALTERNATE_OBJECT_DIRECTORIES: others.map((each) => join(each, "objects")).join(":") };
    return execFileSync("git", [`--git-dir=${first}`, ...args], { env, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 });
  };
  const once = <T>(known: Map<string, T>, id: string, read: () => T): T => {
    const found = known.get(id) ?? read();
    known.set(id, found);
    return found;
  };
  const commit = (id: string): CommitObject => once(commits, id, () => commitOf(git("cat-file", "commit", id).toString()));
  const ancestors = (id: string): ReadonlySet<string> =>
    once(lines, id, () => new Set([id, ...commit(id).parents.flatMap((parent) => [...ancestors(parent)])]));
  return {
    commit,
    ancestors,
    blob: (id) => once(blobs, id, () => git("cat-file", "blob", id)),
    files: (tree) => once(trees, tree, () => filesOf(git("ls-tree", "-r", "-z", tree).toString())),
    addTree: (files) => {
      const sorted = new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)));
      const id = treeId(sorted);
      trees.set(id, sorted);
      return id;
    },
  };
}

function commitOf(text: string): CommitObject {
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end).split("\n");
  const all = (name: string): string[] => header.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  const [tree = ""] = all("tree");
  const [author = ""] = all("author");
  const [committer = ""] = all("committer");
  return { tree, parents: all("parent"), message: text.slice(end + 2), author: signatureOf(author), committer: signatureOf(committer) };
}

function signatureOf(text: string): Signature {
  const { name = "", email = "", at = "0" } = /^(?<name>.*?) <(?<email>.*?)> (?<at>\d+) /u.exec(text)?.groups ?? {};
  return { name, email, at: Number(at) };
}

const filesOf = (listed: string): Files =>
  new Map(
    listed
      .split("\0")
      .filter(Boolean)
      .map((line) => {
        const { mode = "", blob = "", path = "" } = /^(?<mode>\d+) \w+ (?<blob>[0-9a-f]+)\t(?<path>.*)$/su.exec(line)?.groups ?? {};
        return [path, { mode, blob }];
      }),
  );

/** https://git-scm.com/book/en/v2/Git-Internals-Git-Objects: folders are trees of their own, and stand as if their names ended in a slash. */
function treeId(files: Files): string {
  const entries = new Map<string, { mode: string; id: string }>();
  const below = new Map<string, Map<string, { mode: string; blob: string }>>();
  for (const [path, file] of files) {
    const [name = "", ...rest] = path.split("/");
    if (rest.length === 0) entries.set(name, { mode: file.mode, id: file.blob });
    else below.set(name, (below.get(name) ?? new Map<string, { mode: string; blob: string }>()).set(rest.join("/"), file));
  }
  for (const [name, own] of below) entries.set(`${name}/`, { mode: "40000", id: treeId(own) });
  const sorted = [...entries].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const content = Buffer.concat(
    sorted.flatMap(([name, { mode, id }]) => [Buffer.from(`${mode} ${name.replace("/", "")}\0`), Buffer.from(id, "hex")]),
  );
  return createHash("sha1").update(`tree ${content.length}\0`).update(content).digest("hex");
}
