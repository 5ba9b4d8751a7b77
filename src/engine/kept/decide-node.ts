import { type Served, type ServedIndex, winnerOf } from "../../catalog/served.ts";
import type { Cause } from "../../plan/cause.ts";
import type { Decision } from "../compile-pairs.ts";
import type { KeptNode } from "./kept-node.ts";

export interface DeciderInput {
  /** What differs on the change's side of all that a node's compile read; null where nothing does. */
  reached: (certname: string) => Cause | null;
  served: { base: ServedIndex; merged: ServedIndex };
}

/** Tells of each node whether the change may reach it. */
export class Decider {
  readonly #input: DeciderInput;
  /** By the addresses of one file: whether both sides serve the same, and which of them lie elsewhere. */
  readonly #sources = new Map<string, { same: boolean; elsewhere: string | null }>();

  constructor(input: DeciderInput) {
    this.#input = input;
  }

  decide(certname: string, { untold, residue }: KeptNode): Decision {
    if (untold !== null || residue === null) return { kind: "compile", why: untold ?? "base says nothing of it" };
    const cause = this.#input.reached(certname);
    if (cause !== null) return { kind: "compile", why: cause.text };
    return residue.telling || residue.sources.some((uris) => !this.#look(uris).same) ? { kind: "look" } : { kind: "same" };
  }

  /** Addresses of a node's files that lie outside the tree. */
  elsewhere({ residue }: KeptNode): string[] {
    return (residue?.sources ?? []).flatMap((uris) => this.#look(uris).elsewhere ?? []);
  }

  #look(uris: readonly string[]): { same: boolean; elsewhere: string | null } {
    const key = uris.join("\n");
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const [before, after] = [winnerOf(uris, this.#input.served.base), winnerOf(uris, this.#input.served.merged)];
    // What is refused is told in any case, so its catalog is looked at.
    const refused = [...before.served, ...after.served].some(({ kind }) => kind === "refused");
    const look = {
      same: !refused && idOf(before.winner) === idOf(after.winner),
      elsewhere: before.winner?.kind === "elsewhere" ? before.winner.uri : null,
    };
    this.#sources.set(key, look);
    return look;
  }
}

const idOf = (served: Served | null): string =>
  served === null ? "" : served.kind === "content" ? served.digest : `${served.kind} ${served.uri}`;
