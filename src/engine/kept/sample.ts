import { createHash } from "node:crypto";

/** Percent of the nodes that a change does not reach, which are compiled all the same. */
const usual = 5;
/** Without being asked, no more than one for so many that it does reach: a change that reaches one node is not to take as long as one of fifty. */
const reachedForOne = 4;

/**
 * Chooses nodes by chance that are compiled though nothing that they rest on differs: a catalog of theirs that does differ proves the plan wrong.
 * The same nodes for the same seed. `percent` null is the usual share, and none where nothing else is compiled.
 */
export class Sample {
  readonly chosen = new Set<string>();
  readonly #seed: string;
  readonly #percent: number;
  readonly #isAsked: boolean;
  #reached = 0;

  constructor(seed: string, percent: number | null) {
    this.#seed = seed;
    this.#percent = percent ?? usual;
    this.#isAsked = percent !== null;
  }

  /** One more node is compiled since the change may reach it. */
  addReached(): void {
    this.#reached += 1;
  }

  /** Whether this one is to be compiled all the same. */
  takes(certname: string): boolean {
    const place = createHash("sha256").update(`${this.#seed}\0${certname}`).digest().readUInt32BE() / 2 ** 32;
    if (place >= this.#percent / 100) return false;
    if (!this.#isAsked && this.chosen.size >= Math.ceil(this.#reached / reachedForOne)) return false;
    this.chosen.add(certname);
    return true;
  }
}
