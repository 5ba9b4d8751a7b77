import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { Repository } from "../../src/engine/ports/repository.ts";
import { openRepository } from "../../src/git/repository.ts";

/** A temporary folder with real repositories in it, made by real git as a person would. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), "puppet-gate-world-"));
  readonly #open: Repository[] = [];

  repo(name = "clone", ...options: string[]): Repo {
    const repo = new Repo(join(this.folder, name));
    mkdirSync(repo.folder, { recursive: true });
    repo.git("init", "--quiet", "--initial-branch=main", ...options);
    return repo;
  }

  clone(from: Repo, name: string, ...options: string[]): Repo {
    const repo = new Repo(join(this.folder, name));
    mkdirSync(repo.folder, { recursive: true });
    repo.git("clone", "--quiet", ...options, `file://${from.folder}`, ".");
    return repo;
  }

  async open(repo: Repo | string): Promise<Repository> {
    const opened = await openRepository(typeof repo === "string" ? repo : repo.folder);
    this.#open.push(opened);
    return opened;
  }

  path = (name: string): string => join(this.folder, name);

  async end(): Promise<void> {
    for (const repository of this.#open) await repository.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

type Files = Record<string, string | Buffer | null>;

export class Repo {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  git(...args: string[]): string {
    return this.gitWith("", ...args);
  }

  gitWith(input: string | Buffer, ...args: string[]): string {
    return execFileSync("git", args, {
      cwd: this.folder,
      env: ENVIRONMENT,
      input,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "pipe"],
      maxBuffer: 2 ** 28,
    }).trim();
  }

  /** Writes files into the work tree; null removes one. */
  write(files: Files): this {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      if (content === null) rmSync(file, { recursive: true });
      else writeFileSync(file, content);
    }
    return this;
  }

  /** Commits the whole work tree and gives the commit's id. */
  commit(files: Files = {}, message = "a change"): string {
    this.write(files);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "-m", message);
    return this.git("rev-parse", "HEAD");
  }

  branch(name: string, from = "HEAD"): this {
    this.git("switch", "--quiet", "--create", name, from);
    return this;
  }

  /** A tree made of raw entries, which may be such as no `git add` would make. */
  rawTree(entries: ReadonlyArray<{ mode: string; name: string | Buffer; oid: string }>): string {
    const parts = entries.map(({ mode, name, oid }) =>
      Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), Buffer.from(oid, "hex")]),
    );
    return this.gitWith(Buffer.concat(parts), "hash-object", "-t", "tree", "-w", "--literally", "--stdin");
  }

  blob(content: string): string {
    return this.gitWith(content, "hash-object", "-w", "--stdin");
  }

  commitTree(tree: string, ...parents: string[]): string {
    return this.git("commit-tree", tree, "-m", "made by hand", ...parents.flatMap((parent) => ["-p", parent]));
  }
}

const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.fsync",
  GIT_CONFIG_VALUE_0: "none",
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.com",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.com",
};
