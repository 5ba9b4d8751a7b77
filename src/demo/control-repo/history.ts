/** A git history as data, and git's fast-import stream of it: reproducible to the last byte, whatever the machine's umask, clock or git configuration. */

/** A file of a tree. `link` is a symbolic link whose content is its target. */
export interface TreeFile {
  mode: "file" | "executable" | "link";
  content: Buffer;
}

export interface Person {
  name: string;
  email: string;
}

export interface PlannedCommit {
  branch: string;
  /** Branch, or an earlier commit's id, to stand on; null for the first commit of all. */
  id: string;
  parent: string | null;
  author: Person;
  message: string;
  /** What it adds or changes, by path. */
  files: ReadonlyMap<string, TreeFile>;
}

export const textFile = (text: string, mode: TreeFile["mode"] = "file"): TreeFile => ({ mode, content: Buffer.from(text) });

const modes: Record<TreeFile["mode"], string> = { file: "100644", executable: "100755", link: "120000" };

/** Seconds since 1970 of the first commit, 2026-03-02 08:00 UTC; every further one is made an hour later. */
const firstCommit = 1_772_438_400;

/** The stream for `git fast-import` (its manual page gives the grammar). Parents must come before their children. */
export function toFastImport(commits: readonly PlannedCommit[]): Buffer {
  const marks = new Map<string, number>();
  const parts: Buffer[] = [];
  const write = (text: string): number => parts.push(Buffer.from(text));
  const data = (content: Buffer): void => {
    write(`data ${content.length}\n`);
    parts.push(content, Buffer.from("\n"));
  };
  for (const [at, commit] of commits.entries()) {
    const mark = at + 1;
    const who = `${commit.author.name} <${commit.author.email}> ${firstCommit + at * 3_600} +0000`;
    write(`commit refs/heads/${commit.branch}\nmark :${mark}\nauthor ${who}\ncommitter ${who}\n`);
    data(Buffer.from(`${commit.message}\n`));
    if (commit.parent !== null) write(`from :${markOf(marks, commit.parent)}\n`);
    for (const [path, file] of commit.files) {
      write(`M ${modes[file.mode]} inline ${path}\n`);
      data(file.content);
    }
    write("\n");
    marks.set(commit.id, mark);
  }
  write("done\n");
  return Buffer.concat(parts);
}

function markOf(marks: ReadonlyMap<string, number>, id: string): number {
  const mark = marks.get(id);
  if (mark === undefined) throw new Error(`the planned history has no commit ${id} before its child`);
  return mark;
}
