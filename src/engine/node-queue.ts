import type { NodeFacts } from "./ports/nodes.ts";

/** Nodes that wait to be compiled, while more may come. Several may take from it at once: each node goes to one of them. */
export class NodeQueue implements AsyncIterable<NodeFacts> {
  readonly #nodes: NodeFacts[];
  readonly #takers: Array<() => void> = [];
  #ended = false;

  constructor(nodes: readonly NodeFacts[] = []) {
    this.#nodes = [...nodes];
  }

  /** Nodes that wait. */
  get size(): number {
    return this.#nodes.length;
  }

  push(node: NodeFacts): void {
    if (this.#ended) throw new Error("a queue that has ended takes nothing more");
    this.#nodes.push(node);
    this.#takers.shift()?.();
  }

  /** Nothing more comes. What is in it is still taken. */
  end(): void {
    this.#ended = true;
    for (const wake of this.#takers.splice(0)) wake();
  }

  /** Whether there is anything in it, or there was; waits until that can be told. */
  async some(): Promise<boolean> {
    if (this.#nodes.length === 0 && !this.#ended) await new Promise<void>((resolve) => this.#takers.push(resolve));
    return this.#nodes.length > 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<NodeFacts, void> {
    for (;;) {
      const node = this.#nodes.shift();
      if (node !== undefined) yield node;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => this.#takers.push(resolve));
    }
  }
}
