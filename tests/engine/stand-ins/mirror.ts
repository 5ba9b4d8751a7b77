import type { GateMirror } from "../../../src/engine/ports/mirror.ts";
import { MemoryRepository, type History } from "./repository.ts";

/** A mirror of a repository in memory, whose commits are called by their refs. Nothing is pushed through it. */
export interface MemoryMirror extends GateMirror {
  repository: MemoryRepository;
  kept: { number: number; commits: readonly string[] }[];
  /** Whether it was closed, and how often. */
  closed: number;
}

export function memoryMirror(history: History): MemoryMirror {
  const unused = (): never => {
    throw new Error("not part of this test");
  };
  const repository = new MemoryRepository(history);
  const mirror: MemoryMirror = Object.assign(repository, {
    repository,
    kept: [] as MemoryMirror["kept"],
    closed: 0,
    keep: async (number: number, commits: readonly string[]) => {
      mirror.kept.push({ number, commits });
      return commits.filter((sha) => history.commits[sha] === undefined);
    },
    patch: async (base: string, head: string) => `patch of ${base}..${head}`,
    tipOf: async (branch: string) => branch,
    compare: unused,
    makeMerge: unused,
    push: unused,
    isReachable: unused,
    lineOf: unused,
    revertsOf: async () => [],
    close: async () => {
      mirror.closed += 1;
    },
  });
  return mirror;
}
