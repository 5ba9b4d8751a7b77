declare const held: unique symbol;

/**
 * Proof of having taken something, a repository or a check, for oneself. The store alone makes one, and looks at it again inside each
 * transaction that writes under it. Whoever decides or lands has to be given it, so that forgetting it does not compile.
 */
export interface Lease {
  readonly [held]: true;
  readonly name: string;
  /** Never given twice: a later holder's is another. */
  readonly epoch: number;
}
