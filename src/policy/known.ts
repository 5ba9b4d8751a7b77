/** Something that was learnt, or the reason why it could not be. An unknown is never a value. */
export type Known<T> = { known: true; value: T } | { known: false; reason: string };

export const known = <T>(value: T): Known<T> => ({ known: true, value });
export const unknown = (reason: string): { known: false; reason: string } => ({ known: false, reason });
