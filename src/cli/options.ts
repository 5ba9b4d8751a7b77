import { resolve } from "node:path";
import { Problem } from "../problem.ts";

/** The options of `puppet-gate check` as commander gives them: what people typed. */
export interface WrittenCheckOptions {
  repo?: string;
  base?: string;
  head: string;
  facts?: string;
  puppetdb?: string;
  puppetdbCa?: string;
  puppetdbCert?: string;
  puppetdbKey?: string;
  enc?: string;
  standIns?: string;
  nodes?: string[];
  modulepath?: string[];
  moduleCache?: string;
  /** False by `--no-cache`. */
  cache?: string | false;
  cacheMib?: number;
  sample?: number;
  explain?: string;
  config?: string;
  json?: boolean;
  output?: string;
  html?: string;
}

/** The same with every path absolute and every default in place. */
export interface CheckOptions {
  repo: string;
  base: string | null;
  head: string;
  facts: string | null;
  /** Where to take node facts from instead; its certificates are files in PEM. */
  puppetdb: { url: string; ca: string | null; cert: string | null; key: string | null } | null;
  enc: string | null;
  standIns: string | null;
  nodes: readonly string[];
  /** As typed: an entry may be a folder of the tree or one of this machine. */
  modulepath: readonly string[] | null;
  moduleCache: string | null;
  /** Where base's compiles are kept, and how many MiB of them: a null folder is the usual one, a null cache none. */
  cache: { folder: string | null; mib: number } | null;
  /** Percent of the nodes that the change does not reach, to be compiled all the same; null: as many as cost little. */
  sample: number | null;
  /** A node to say of why it was compiled, or need not be. */
  explain: string | null;
  config: string | null;
  /** Look at expectations also where the change changes nothing. */
  expectations?: boolean;
  json: boolean;
  output: string | null;
  /** A file for the report as a page. */
  html: string | null;
}

/** `cwd` is where the person stands: paths are relative to it. */
export function readCheckOptions(written: WrittenCheckOptions, cwd: string): CheckOptions {
  const path = (value: string | undefined): string | null => (value === undefined ? null : resolve(cwd, value));
  const certificates = { ca: path(written.puppetdbCa), cert: path(written.puppetdbCert), key: path(written.puppetdbKey) };
  if (written.puppetdb !== undefined && written.facts !== undefined)
    throw new Problem({
      code: "bad-option",
      text: "--facts and --puppetdb both say where node facts come from.",
      hint: "Give one of the two.",
    });
  return {
    repo: resolve(cwd, written.repo ?? "."),
    base: written.base ?? null,
    head: written.head,
    facts: path(written.facts),
    puppetdb: written.puppetdb === undefined ? null : { url: written.puppetdb, ...certificates },
    enc: path(written.enc),
    standIns: path(written.standIns),
    nodes: written.nodes ?? [],
    modulepath: written.modulepath ?? null,
    moduleCache: path(written.moduleCache),
    cache: written.cache === false ? null : { folder: path(written.cache), mib: written.cacheMib ?? 2048 },
    sample: written.sample ?? null,
    explain: written.explain ?? null,
    config: path(written.config),
    json: written.json ?? false,
    output: path(written.output),
    html: path(written.html),
  };
}

/** For commander: collects `a,b` and repeated options into one list. Throws a Problem on an empty entry. */
export function commaList(option: string): (value: string, before: string[] | undefined) => string[] {
  return (value, before) => {
    const entries = value.split(",").map((entry) => entry.trim());
    if (entries.includes("")) {
      throw new Problem({
        code: "bad-option",
        text: `${option} ${value} has an empty entry.`,
        hint: `Separate entries with one comma: ${option} a,b.`,
      });
    }
    return [...(before ?? []), ...entries];
  };
}

/** For commander: a whole number within bounds. */
export function wholeNumber(option: string, least: number, most = Infinity): (value: string) => number {
  return (value) => {
    const number = /^\d{1,9}$/u.test(value) ? Number(value) : -1;
    if (number >= least && number <= most) return number;
    throw new Problem({
      code: "bad-option",
      text: `${option} is ${JSON.stringify(value)}.`,
      hint: `Give a whole number, at least ${least}${most === Infinity ? "" : ` and at most ${most}`}.`,
    });
  };
}

/**
 * Where the person stands. `npm run` changes into the package's folder before it starts a script and leaves the real place in
 * INIT_CWD; only our own script may say so, because INIT_CWD is inherited by whatever a script of somebody else starts.
 */
export function standingIn(env: Readonly<Record<string, string | undefined>>, cwd: string): string {
  const byOwnScript = env["npm_lifecycle_event"] === "puppet-gate" && env["npm_package_name"] === "puppet-gate";
  return byOwnScript ? (env["INIT_CWD"] ?? cwd) : cwd;
}
