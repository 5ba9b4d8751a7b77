import { readFile } from "node:fs/promises";

import type { RunResult } from "../process/run.ts";
import type { Sandbox } from "./sandbox.ts";

/** The program that parses files of a tree and evaluates nothing of them: `syntax.rb`, whose beginning says how it is asked. */
const scripts = ["syntax.rb", "syntax-data.rb", "syntax-lanes.rb"];
const readScript = async (name: string): Promise<string> => readFile(new URL(name, import.meta.url), "utf8");

export interface Parsing {
  /** JSON. */
  request: string | Promise<string>;
  /** Wall clock, from the request on. */
  seconds: number;
  /** Whether Puppet is loaded before the request is read. */
  early?: boolean;
  signal?: AbortSignal | undefined;
}

/** Runs it in a sandbox to its end. */
export async function parse(sandbox: Sandbox, { request, seconds, early = false, signal }: Parsing): Promise<RunResult> {
  return sandbox.run({
    command: ["ruby", "/gate/syntax.rb", ...(early ? ["--early"] : [])],
    files: Object.fromEntries(await Promise.all(scripts.map(async (name) => [`/gate/${name}`, await readScript(name)] as const))),
    input: request,
    seconds,
    outputBytes: 64 * 1024 * 1024,
    ...(signal ? { signal } : {}),
  });
}

/** A parser that has loaded Puppet, or is at it, before the tree is there whose files it is to parse. It answers one request. */
export interface Parser {
  readonly seconds: number;
  /** Whoever gives up must `end` it. */
  parse(request: string): Promise<RunResult>;
  end(): Promise<void>;
}

export function startParser(sandbox: Sandbox, seconds: number): Parser {
  const request = Promise.withResolvers<string>();
  const gone = new AbortController();
  const result = parse(sandbox, { request: request.promise, seconds, early: true, signal: gone.signal });
  result.catch(() => {}); // told to whoever asks it something
  return {
    seconds,
    parse: (text) => {
      request.resolve(text);
      return result;
    },
    end: async () => {
      gone.abort();
      await result.catch(() => {});
    },
  };
}
