import { posix } from "node:path";

import { Problem } from "../problem.ts";

/** A setting of environment.conf and the line it stands on. */
export interface Setting {
  value: string;
  line: number;
}

/** Characters of an environment.conf: a usual one has a hundred. */
const longest = 64 * 1024;

/**
 * The settings of an environment.conf, read as Puppet does (`puppet/settings/ini_file.rb` and `config_file.rb`): one setting a line, a
 * comment is a line that begins with `#`, what is in a section other than `[main]` is ignored, the first of two equal settings counts,
 * and quotation marks at either end of a value are dropped. Throws a Problem for a line that Puppet would refuse.
 */
export function parseEnvironmentConf(text: string): ReadonlyMap<string, Setting> {
  if (text.length > longest) throw tooLong();
  const settings = new Map<string, Setting>();
  let section = "main";
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const title = /^\s*\[([\p{L}\p{M}\p{N}\p{Pc}]+)\]\s*$/u.exec(line)?.[1];
    const setting = /^\s*([\p{L}\p{M}\p{N}\p{Pc}]+)\s*=(.*)$/u.exec(line);
    if (title !== undefined) section = title;
    else if (setting?.[1] !== undefined) {
      if (section === "main" && !settings.has(setting[1]))
        settings.set(setting[1], { value: unquote(setting[2]?.trim() ?? ""), line: at + 1 });
    } else if (!/^\s*(?:#|$)/.test(line)) throw notUnderstood(at + 1);
  }
  return settings;
}

const unquote = (value: string): string => value.replace(/^["']/, "").replace(/["']$/, "").trimEnd();

const tooLong = (): Problem =>
  new Problem({
    code: "environment-conf",
    text: `environment.conf has more than ${longest / 1024} KiB, and is not read.`,
    hint: "Put into it what belongs there: `modulepath`, `manifest` and the like.",
  });

const notUnderstood = (line: number): Problem =>
  new Problem({
    code: "environment-conf",
    text: `environment.conf, line ${line}, is neither a setting (NAME = VALUE), a section, nor a comment.`,
    hint: "Mend that line: Puppet does not load an environment whose environment.conf it can't read.",
  });

/**
 * A path that a setting has, as a path of the tree. Puppet's variables stand for the places that they have on a server with its usual
 * settings, where `root` is this very environment; what is elsewhere there is no part of the tree, and a Problem is thrown.
 */
export function placeInTree(name: "manifest" | "modulepath", setting: Setting, value: string, root: string): string {
  const places: Record<string, string> = {
    environment: posix.basename(root),
    environmentpath: posix.dirname(root),
    codedir: posix.dirname(posix.dirname(root)),
  };
  const path = value.replaceAll(
    /\$(?:(\w+)|\{(\w+)\})/g,
    (whole, plain?: string, braced?: string) => places[plain ?? braced ?? ""] ?? whole,
  );
  if (/[{}[\]]/.test(path)) throw notAPath(name, setting, value);
  const inside = posix.isAbsolute(path) ? posix.relative(root, path) : path;
  const leaves = path.includes("$") || path.split("/").includes("..") || inside.startsWith("../");
  if (leaves) throw outsideTheTree(name, setting, value);
  return posix.normalize(inside || ".").replace(/(?<=.)\/+$/, "");
}

/** Braces are Puppet's own syntax for a file's owner and mode, which it refuses in any other form; brackets nobody uses. */
const notAPath = (name: string, { line }: Setting, value: string): Problem =>
  new Problem({
    code: "environment-conf",
    text: `environment.conf, line ${line}: ${name} has ${JSON.stringify(value)}, which is not a path.`,
    hint: "Write folders one by one, divided by `:`; of patterns, only `*` and `?` are understood.",
  });

const outsideTheTree = (name: "manifest" | "modulepath", { line, value: whole }: Setting, value: string): Problem =>
  new Problem({
    code: "outside-the-tree",
    text: `environment.conf, line ${line}: ${name} has ${JSON.stringify(value)}, which is outside the repository.`,
    hint: `${name === "modulepath" ? givenInstead(whole) : "Say"} what to take instead as \`${name}\` under \`compile\` in .github/puppet-gate.yml, or in a file given with --config.`,
  });

/** What somebody who has the server's modules on this machine, or does without, may type: the folders of the repository, and one more. */
function givenInstead(modulepath: string): string {
  const inside = modulepath.split(":").filter((entry) => /^[\w-][\w./-]*$/.test(entry) && !entry.split("/").includes(".."));
  return `Give --modulepath ${[...inside, "DIR"].join(",")}, where DIR is a folder on this machine with those modules, or say`;
}
