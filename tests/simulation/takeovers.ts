import type { Life } from "./processes.ts";
import type { Landing } from "./steps.ts";
import type { Reads } from "./watch.ts";

/** Which process had a repository when: what the model needs to tell whether whoever landed a change might do so still. */
export interface Takeovers {
  /** A process began a turn in a repository, by the lease that it was given. */
  turn(repo: number, by: Life, step: number): void;
  /** A process keeps that it will land a change. */
  intend(landing: Landing & { number: number }, by: Life, step: number): void;
  /** The change that a process has decided to land in this turn, once it has read it again; null for none. */
  landing(by: Life, repos: Repos): Landing | null;
  /**
   * What a process read. Where another one took the repository over after that and read the change anew, all before the landing was intended,
   * that reading is the last: what it saw, the gate knew.
   */
  readsOf(by: Life | null, repo: number, repos: Repos): Reads | null;
}

type Repos = readonly { name: string; repo: { id: number } }[];

export function createTakeovers(): Takeovers {
  const turns: { repo: number; by: Life; step: number }[] = [];
  const intentions: { repo: number; number: number; by: Life; step: number }[] = [];
  const nameOf = (repos: Repos, { repo, number }: { repo: number; number: number }): string =>
    `${repos.find((one) => one.repo.id === repo)?.name ?? ""}#${number}`;
  return {
    turn: (repo, by, step) => void turns.push({ repo, by, step }),
    intend: ({ repo, number }, by, step) => void intentions.push({ repo, number, by, step }),
    landing: (by, repos) => {
      const intended = intentions.findLast((one) => one.by === by);
      if (intended === undefined) return null;
      const begun = turns.findLast((one) => one.by === by && one.repo === intended.repo)?.step ?? 0;
      const read = by.reads.get(nameOf(repos, intended))?.at(-1) ?? 0;
      return begun < intended.step && intended.step < read ? intended : null;
    },
    readsOf: (by, repo, repos) => {
      const intended = intentions.findLast((one) => one.by === by && one.repo === repo);
      if (by === null || intended === undefined) return by;
      const name = nameOf(repos, intended);
      const last = by.reads.get(name)?.at(-1) ?? 0;
      const taken = turns.find((one) => one.by !== by && one.repo === repo && one.step > last && one.step < intended.step);
      const newer = taken?.by.reads.get(name)?.findLast((step) => step > taken.step && step < intended.step);
      return newer === undefined ? by : { ...by, reads: new Map([...by.reads, [name, [newer, newer]]]) };
    },
  };
}
