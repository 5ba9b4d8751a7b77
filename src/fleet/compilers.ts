import { type Known, known, unknown } from "../policy/known.ts";
import { deployOn, isUnfinished } from "./deploy.ts";
import type { Module } from "./deploy-file.ts";
import { reasonOf } from "./folder.ts";
import { deployedOn } from "./served.ts";
import type { Compiler, Site } from "./site-schema.ts";

/** What one compiler serves for an environment, by what its deploy tool wrote last. */
export interface Served {
  compiler: string;
  /** Null where the deploy is incomplete or failed, or nothing tells. */
  commit: string | null;
  /** Why there is no commit; null where there is one. */
  why: string | null;
  /** By name, each with its commit or version. Empty also where the deploy file of g10k, which names none, came from a command. */
  modules: readonly Module[];
}

export interface Compilers {
  /** Has every compiler deploy an environment, all side by side. Gives what failed, a sentence for each; empty where nothing did. */
  deploy(environment: string, signal: AbortSignal): Promise<readonly string[]>;
  /** What each of them serves; unknown where one does not answer. */
  served(environment: string): Promise<Known<readonly Served[]>>;
}

/**
 * The machines that compile catalogs, by the commands of the site. `folder`, absolute, holds locks and marks of deploys that did not end well; it
 * is to stay over restarts, and be the same for all processes of this machine that deploy.
 */
export function createCompilers({ compilers }: Pick<Site, "compilers">, folder: string): Compilers {
  /** Deploys of one compiler wait for each other. */
  const last = new Map<string, Promise<unknown>>();
  const inTurn = <T>({ name }: Compiler, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, turn);
    return turn;
  };
  const thoseOf = (environment: string): readonly Compiler[] => {
    const alone = compilers.filter(({ aloneFor }) => aloneFor?.includes(environment));
    return alone.length > 0 ? alone : compilers;
  };
  return {
    deploy: async (environment, signal) => {
      if (!isEnvironment(environment)) return [notOne(environment)];
      const failed = await Promise.all(
        thoseOf(environment).map((compiler) => inTurn(compiler, () => deployOn(compiler, environment, folder, signal))),
      );
      return failed.filter((sentence) => sentence !== null);
    },
    served: async (environment) => {
      if (!isEnvironment(environment)) return unknown(notOne(environment));
      const asked = await Promise.all(thoseOf(environment).map((compiler) => servedBy(compiler, environment, folder)));
      const silent = asked.flatMap((each) => (each.known ? [] : [each.reason]));
      return silent.length > 0 ? unknown(silent.join("; ")) : known(asked.flatMap((each) => (each.known ? [each.value] : [])));
    },
  };
}

/** What becomes a part of paths and arguments. r10k makes `_` of everything else. */
const isEnvironment = (name: string): boolean => /^\w{1,100}$/u.test(name);
const notOne = (name: string): string => `${JSON.stringify(name.slice(0, 100))} is no environment's name: letters, digits and \`_\` only`;

async function servedBy(compiler: Compiler, environment: string, folder: string): Promise<Known<Served>> {
  const { name } = compiler;
  try {
    const deployed = await deployedOn(compiler, environment);
    // After that: a deploy that began meanwhile is seen.
    const isHalf = await isUnfinished(folder, name, environment);
    if (!deployed.known) return unknown(`${name} does not answer: ${deployed.reason}`);
    const modules = deployed.value.modules ?? [];
    const half = "its last deploy did not end well, so its files may be of two commits; the next one that does mends that";
    const { commit, why } = isHalf ? { commit: null, why: half } : deployed.value;
    return known({ compiler: name, commit, why, modules });
  } catch (error) {
    return unknown(`what ${name} serves can't be looked at: ${reasonOf(error)}`);
  }
}
