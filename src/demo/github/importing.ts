import { git } from "./git.ts";
import type { Identity } from "./history.ts";

/** One commit by one git process, however many files it writes. https://git-scm.com/docs/git-fast-import */

/** A file to write: its content, a link or an executable, or null to remove it. */
export type FileEdit = string | Buffer | { content: string | Buffer; mode: "100644" | "100755" | "120000" } | null;

export interface ImportedCommit {
  branch: string;
  /** Null: a commit without parent. */
  parent: string | null;
  message: string;
  author: Identity;
  committer: Identity;
  files: Readonly<Record<string, FileEdit>>;
}

/** Writes a commit, moves its branch there, wherever it was, and gives the sha. */
export async function importCommit(folder: string, commit: ImportedCommit): Promise<string> {
  const input = Buffer.concat([commitStream(commit, 1), Buffer.from("get-mark :1\n")]);
  return git(folder, ["fast-import", "--quiet", "--force"], { input });
}

/** A commit as fast-import reads it, under a mark of its own. */
export function commitStream(commit: ImportedCommit, mark: number): Buffer {
  const parts: (string | Buffer)[] = [
    `commit refs/heads/${commit.branch}\nmark :${mark}\n`,
    `author ${signature(commit.author)}\ncommitter ${signature(commit.committer)}\n`,
    ...data(`${commit.message}\n`),
    ...(commit.parent === null ? [] : [`from ${commit.parent}\n`]),
    ...Object.entries(commit.files).flatMap(([path, edit]) => editOf(path, edit)),
  ];
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function editOf(path: string, edit: FileEdit): (string | Buffer)[] {
  const quoted = `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
  if (edit === null) return [`D ${quoted}\n`];
  const { content, mode } = typeof edit === "string" || Buffer.isBuffer(edit) ? { content: edit, mode: "100644" } : edit;
  return [`M ${mode} inline ${quoted}\n`, ...data(content)];
}

function data(content: string | Buffer): (string | Buffer)[] {
  const bytes = Buffer.from(content);
  return [`data ${bytes.length}\n`, bytes, "\n"];
}

const signature = ({ name, email, date }: Identity): string => `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`;
