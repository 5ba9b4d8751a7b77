/** Something that was learnt, or the reason why it could not be. An unknown is never a value. */
export type Known<T> = { known: true; value: T } | Unknown;

/**
 * `way` is there where asking again gives the same until somebody did something: who, and what (`an owner of acme: grant …`). Without it
 * the next try may tell.
 */
export interface Unknown {
  known: false;
  reason: string;
  way?: string;
}

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const unknown = (reason: string, way?: string): Unknown => ({ known: false, reason, ...(way === undefined ? {} : { way }) });
