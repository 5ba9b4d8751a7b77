/**
 * A set of line numbers, kept as ranges: a file of 50 MB may be one range of a million lines. It has all that a set has, for whoever walks it.
 * Beyond `MOST_RANGES` (a file in which every other line changed) the gaps count as lines too: it errs on the side of "changed".
 */
export class LineSet implements ReadonlySet<number> {
  readonly #ranges: Array<{ first: number; last: number }> = [];

  /** Adds a range behind all that are there. */
  add(first: number, count: number): void {
    if (count === 0) return;
    const end = this.#ranges.at(-1);
    if (end && (first <= end.last + 1 || this.#ranges.length >= MOST_RANGES)) end.last = first + count - 1;
    else this.#ranges.push({ first, last: first + count - 1 });
  }

  has(line: number): boolean {
    let [low, high] = [0, this.#ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = this.#ranges[middle];
      if (!range || line < range.first) high = middle - 1;
      else if (line > range.last) low = middle + 1;
      else return Number.isInteger(line);
    }
    return false;
  }

  get size(): number {
    return this.#ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  }

  *values(): SetIterator<number> {
    for (const { first, last } of this.#ranges) for (let line = first; line <= last; line += 1) yield line;
  }

  *entries(): SetIterator<[number, number]> {
    for (const line of this.values()) yield [line, line];
  }

  keys(): SetIterator<number> {
    return this.values();
  }

  [Symbol.iterator](): SetIterator<number> {
    return this.values();
  }

  forEach(callback: (value: number, key: number, set: ReadonlySet<number>) => void, self?: unknown): void {
    for (const line of this.values()) callback.call(self, line, line, this);
  }

  union<T>(other: ReadonlySetLike<T>): Set<number | T> {
    return new Set(this).union(other);
  }

  intersection<T>(other: ReadonlySetLike<T>): Set<number & T> {
    return new Set(this).intersection(other);
  }

  difference<T>(other: ReadonlySetLike<T>): Set<number> {
    return new Set(this).difference(other);
  }

  symmetricDifference<T>(other: ReadonlySetLike<T>): Set<number | T> {
    return new Set(this).symmetricDifference(other);
  }

  isSubsetOf(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isSubsetOf(other);
  }

  isSupersetOf(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isSupersetOf(other);
  }

  isDisjointFrom(other: ReadonlySetLike<unknown>): boolean {
    return new Set(this).isDisjointFrom(other);
  }
}

const MOST_RANGES = 100_000;
