import type { GitOptions, GitResult } from "../../../src/demo/github/git.ts";
import { commitsOf, differences, isAncestor, mergeBases, mergeTrees } from "./history.ts";
import { importStream } from "./importing.ts";
import { emptyTree, type Objects, type Signature } from "./objects.ts";

/**
 * The git commands that the GitHub stand-in runs, on objects in memory: starting git takes milliseconds, and a simulated hour runs it ten
 * thousand times. A command that is not here is an error and never an empty answer.
 */

export interface MemoryRepository {
  /** In full: `refs/heads/main`. */
  refs: Map<string, string>;
}

export interface MemoryGit {
  objects: Objects;
  repositories: Map<string, MemoryRepository>;
  run(folder: string, args: readonly string[], options?: GitOptions): GitResult;
}

class GitFailure extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function createMemoryGit(objects: Objects): MemoryGit {
  const repositories = new Map<string, MemoryRepository>();
  const git: MemoryGit = {
    objects,
    repositories,
    run: (folder, args, options = {}) => {
      try {
        const stdout = perform(git, folder, args, options);
        return { code: 0, stdout: typeof stdout === "string" ? Buffer.from(stdout) : stdout };
      } catch (error) {
        if (error instanceof GitFailure && (options.accept ?? []).includes(error.code))
          return { code: error.code, stdout: Buffer.alloc(0) };
        throw error;
      }
    },
  };
  return git;
}

type Run = (
  at: { git: MemoryGit; objects: Objects; refs: Map<string, string> },
  args: readonly string[],
  options: GitOptions,
) => string | Buffer;

function perform(git: MemoryGit, folder: string, args: readonly string[], options: GitOptions): string | Buffer {
  const [name = "", ...rest] = args[0] === "-c" ? args.slice(2) : args;
  if (name === "init" || name === "clone") {
    const from = name === "clone" ? git.repositories.get(rest.at(-2) ?? "") : undefined;
    git.repositories.set(rest.at(-1) ?? "", { refs: new Map([...(from?.refs ?? [])].filter(([ref]) => ref.startsWith("refs/heads/"))) });
    return "";
  }
  const repository = git.repositories.get(folder);
  const run = commands[name];
  if (repository === undefined || run === undefined) throw new Error(`git ${args.join(" ")} in ${folder} is not simulated`);
  return run({ git, objects: git.objects, refs: repository.refs }, rest, options);
}

const nothing: Run = () => "";
const isOption = (arg: string): boolean => arg.startsWith("-");

const commands: Readonly<Record<string, Run>> = {
  "symbolic-ref": nothing,
  config: nothing,
  // Forks share their objects.
  fetch: nothing,
  stripspace: (_, __, { input = "" }) => `${input.toString().trim()}\n`,
  "rev-parse": (at, args) => `${resolve(at, args.at(-1) ?? "")}\n`,
  "merge-base": ({ objects }, args) => {
    const [one = "", other = ""] = args.filter((arg) => !isOption(arg));
    if (args[0] === "--is-ancestor") {
      if (isAncestor(objects, one, other)) return "";
      throw new GitFailure(1, "no ancestor");
    }
    const [base] = mergeBases(objects, one, other);
    if (base === undefined) throw new GitFailure(1, "nothing in common");
    return `${base}\n`;
  },
  "for-each-ref": ({ objects, refs }, args) => {
    const [format = "", merged] = ["--format=", "--merged="].map((name) => args.find((arg) => arg.startsWith(name))?.slice(name.length));
    const patterns = args.filter((arg) => !isOption(arg));
    const fits = (ref: string): boolean => patterns.length === 0 || patterns.some((pattern) => matches(pattern, ref));
    return [...refs]
      .filter(([ref, sha]) => fits(ref) && (merged === undefined || isAncestor(objects, sha, merged)))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([ref, sha]) =>
        format
          .replace("%(objectname)", sha)
          .replace("%(objecttype)", objects.typeOf(sha) ?? "")
          .replace("%(refname:lstrip=2)", ref.split("/").slice(2).join("/"))
          .replace("%(refname)", ref),
      )
      .map((line) => `${line}\n`)
      .join("");
  },
  "update-ref": ({ refs }, args, { input }) => {
    if (args[0] === "--stdin") {
      const moves = (input ?? "")
        .toString()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(" "));
      for (const [kind, ref = "", one = "", two = ""] of moves) expect(refs, ref, kind === "delete" ? one : two);
      for (const [kind, ref = "", to = ""] of moves) move(refs, ref, kind === "delete" ? null : to);
    } else if (args[0] === "-d") {
      const [, ref = "", from] = args;
      expect(refs, ref, from);
      move(refs, ref, null);
    } else {
      const [ref = "", to = "", from] = args;
      expect(refs, ref, from);
      move(refs, ref, to);
    }
    return "";
  },
  "commit-tree": ({ objects }, [tree = "", ...rest], { input = "", env = {} }) => {
    const parents = rest.filter((arg) => arg !== "-p");
    const signature = (who: string): Signature => ({
      name: env[`GIT_${who}_NAME`] ?? "",
      email: env[`GIT_${who}_EMAIL`] ?? "",
      at: Math.floor(Date.parse(env[`GIT_${who}_DATE`] ?? "") / 1000),
    });
    return `${objects.addCommit({ tree, parents, message: input.toString(), author: signature("AUTHOR"), committer: signature("COMMITTER") })}\n`;
  },
  "merge-tree": ({ objects }, args) => {
    const [one = "", other = ""] = args.filter((arg) => !isOption(arg));
    const tree = mergeTrees(objects, one, other);
    if (tree === null) throw new GitFailure(1, "a conflict");
    return `${tree}\n`;
  },
  "fast-import": ({ objects, refs }, _, { input = "" }) => importStream(objects, refs, Buffer.from(input)),
  log: (at, args) => {
    const until = args.indexOf("--");
    const options = until < 0 ? args : args.slice(0, until);
    const selected = select(
      at,
      options.filter((arg) => !arg.startsWith("--format=")),
    );
    return selected.map((sha) => `${logged(at.objects, sha)}\u0001\n`).join("");
  },
  "rev-list": (at, args) => {
    const selected = select(at, args);
    return args.includes("--count") ? `${selected.length}\n` : selected.map((sha) => `${sha}\n`).join("");
  },
  diff: ({ objects }, args) => {
    const until = args.indexOf("--");
    const [from = "", to = ""] = (until < 0 ? args : args.slice(0, until))
      .filter((arg) => !isOption(arg))
      .map((name) => treeOf(objects, name));
    const below = until < 0 ? null : (args[until + 1] ?? null);
    const changes = differences(objects, from, to).filter(({ path }) => below === null || path.startsWith(`${below}/`));
    if (args.includes("--name-only")) return changes.map(({ path }) => `${path}\n`).join("");
    if (!args.includes("--raw")) return "";
    const zero = "0".repeat(40);
    const raw = changes.map(({ path, before, after }) => {
      const letter = before === undefined ? "A" : after === undefined ? "D" : "M";
      return `:${before?.mode ?? "000000"} ${after?.mode ?? "000000"} ${before?.blob ?? zero} ${after?.blob ?? zero} ${letter}\0${path}\0`;
    });
    return [...raw, ...changes.map(({ path }) => `1\t1\t${path}\0`)].join("");
  },
  "ls-tree": ({ objects }, args) => {
    const names = args.filter((arg) => !isOption(arg));
    const [tree = "", path] = names;
    const files = objects.files(treeOf(objects, tree));
    if (path === undefined) throw new Error("a whole tree is not listed in the simulation");
    const file = files.get(path);
    return file === undefined ? "" : `${file.mode} blob ${file.blob}\t${path}${args.includes("-z") ? "\0" : "\n"}`;
  },
  "cat-file": (at, [what = "", name = ""]) => {
    const { objects } = at;
    const [commit = "", path] = name.split(":");
    const id = path === undefined ? commit : (objects.files(treeOf(objects, commit)).get(path)?.blob ?? "");
    const type = objects.typeOf(id);
    if (type === null) throw new GitFailure(128, `no object ${name}`);
    if (what === "-t") return `${type}\n`;
    return what === "-s" ? `${objects.blob(id).length}\n` : objects.blob(id);
  },
};

const treeOf = (objects: Objects, name: string): string =>
  objects.typeOf(name) === "commit" ? objects.commit(name).tree : name || emptyTree;

function resolve({ objects, refs }: Parameters<Run>[0], name: string): string {
  const plain = name.replace(/\^\{commit\}$/u, "");
  const found = refs.get(plain) ?? (objects.typeOf(plain) === null ? undefined : plain);
  if (found === undefined) throw new GitFailure(1, `${name} is nothing`);
  return found;
}

function select(at: Parameters<Run>[0], args: readonly string[]): string[] {
  const names = args.filter((arg) => !isOption(arg));
  if (args.includes("-1")) return [resolve(at, names[0] ?? "")];
  if (args.includes("--no-walk=unsorted")) return names;
  const without = names.flatMap((name) =>
    name.startsWith("^") ? [name.slice(1)] : name.includes("..") ? [name.split("..")[0] ?? ""] : [],
  );
  const from = names.flatMap((name) => (name.startsWith("^") ? [] : [name.split("..").at(-1) ?? ""]));
  const asSha = (list: readonly string[]): string[] => list.map((name) => resolve(at, name));
  let found = commitsOf(at.objects, asSha(from), asSha(without), args.includes("--first-parent"));
  const parents = (sha: string): number => at.objects.commit(sha).parents.length;
  if (args.includes("--no-merges")) found = found.filter((sha) => parents(sha) < 2);
  if (args.includes("--merges")) found = found.filter((sha) => parents(sha) > 1);
  const most = args.find((arg) => arg.startsWith("--max-count="))?.slice("--max-count=".length);
  if (most !== undefined) found = found.slice(0, Number(most));
  return args.includes("--reverse") ? found.reverse() : found;
}

function logged(objects: Objects, sha: string): string {
  const { tree, parents, author, committer, message } = objects.commit(sha);
  const who = ({ name, email, at }: Signature): string[] => [name, email, String(at)];
  return [sha, tree, parents.join(" "), ...who(author), ...who(committer), message].join("\0");
}

/** A pattern of for-each-ref: a whole name, one that it begins with up to a slash, or one with stars. */
function matches(pattern: string, ref: string): boolean {
  if (ref === pattern || ref.startsWith(`${pattern}/`)) return true;
  return pattern.includes("*") && new RegExp(`^${pattern.split("*").join("[^/]*")}$`, "u").test(ref);
}

function expect(refs: Map<string, string>, ref: string, from: string | undefined): void {
  if (from !== undefined && (refs.get(ref) ?? "0".repeat(40)) !== from) throw new GitFailure(128, `${ref} is not at ${from}`);
}

function move(refs: Map<string, string>, ref: string, to: string | null): void {
  if (to === null) refs.delete(ref);
  else refs.set(ref, to);
}
