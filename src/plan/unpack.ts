import {
  BrokenTraces,
  columns,
  digestBytes,
  digestOf,
  headNumbers,
  lists,
  magic,
  outsideFlag,
  rowNumbers,
  version,
  type ListName,
} from "./packed-form.ts";
import type { Trace } from "./trace.ts";

/** Reads what `packTraces` made. Throws `BrokenTraces` where it is anything else. Nothing is spelt out that nobody asks for. */
export function readTraces(bytes: Uint8Array): PackedTraces {
  if (bytes.length < headNumbers * 4 + digestBytes) throw new BrokenTraces("the stored traces are cut off");
  const body = bytes.subarray(0, bytes.length - digestBytes);
  if (!digestOf(body).equals(bytes.subarray(body.length))) throw new BrokenTraces("the stored traces are not what was stored");
  // Numbers of 32 bits have to lie at a multiple of four, which a part of a larger buffer may not.
  const aligned = body.byteOffset % 4 === 0 ? body : new Uint8Array(body);
  const [given, its, texts = 0, listCount = 0, rows = 0, textBytes = 0, listBytes = 0] = new Uint32Array(
    aligned.buffer,
    aligned.byteOffset,
    headNumbers,
  );
  if (given !== magic || its !== version) throw new BrokenTraces("the stored traces are of another version");
  const numbers = headNumbers + texts + listCount + rows * rowNumbers;
  if (numbers * 4 + textBytes + listBytes !== aligned.length) throw new BrokenTraces("the stored traces have another length than they say");
  const part = (from: number, length: number): Uint32Array => new Uint32Array(aligned.buffer, aligned.byteOffset + from * 4, length);
  return new PackedTraces({
    textEnds: part(headNumbers, texts),
    listEnds: part(headNumbers + texts, listCount),
    rows: part(headNumbers + texts + listCount, rows * rowNumbers),
    texts: Buffer.from(aligned.buffer, aligned.byteOffset + numbers * 4, textBytes),
    lists: aligned.subarray(numbers * 4 + textBytes),
  });
}

interface Parts {
  textEnds: Uint32Array;
  listEnds: Uint32Array;
  rows: Uint32Array;
  texts: Buffer;
  lists: Uint8Array;
}

/** The traces of a fleet, read where they lie. Numbers are those of `packed-form.ts`. */
export class PackedTraces {
  readonly #parts: Parts;
  readonly #texts: string[] = [];
  readonly #rows: ReadonlyMap<string, number>;

  constructor(parts: Parts) {
    this.#parts = parts;
    const rows = new Map<string, number>();
    for (let row = 0; row < parts.rows.length; row += rowNumbers) rows.set(this.text(parts.rows[row + columns.certname] ?? 0), row);
    this.#rows = rows;
  }

  get certnames(): IterableIterator<string> {
    return this.#rows.keys();
  }

  get textCount(): number {
    return this.#parts.textEnds.length;
  }

  get listCount(): number {
    return this.#parts.listEnds.length;
  }

  /** A node's trace, spelt out; its lists are in no order. Null where there is none. */
  trace(certname: string): Trace | null {
    const row = this.row(certname);
    if (row === null) return null;
    const flags = row[columns.flags] ?? 0;
    const node = row[columns.node] ?? 0;
    const list = (name: ListName): string[] => this.#spelt(row[columns.lists + lists.indexOf(name)] ?? 0);
    const pairs = [...this.pairs(row[columns.data] ?? 0)];
    return {
      manifests: list("manifests"),
      functions: list("functions"),
      types: list("types"),
      files: list("files"),
      folders: list("folders"),
      data: pairs.map(([path, keys]) => ({ path: this.text(path), keys: keys === null ? null : this.#spelt(keys) })),
      absent: list("absent"),
      keys: list("keys"),
      node: node === 0 ? null : this.text(node - 1),
      outside: (flags & outsideFlag) !== 0,
      impure: list("impure"),
    };
  }

  row(certname: string): Uint32Array | null {
    const row = this.#rows.get(certname);
    return row === undefined ? null : this.#parts.rows.subarray(row, row + rowNumbers);
  }

  text(id: number): string {
    const known = this.#texts[id];
    if (known !== undefined) return known;
    const { textEnds, texts } = this.#parts;
    const text = texts.toString("utf8", ...rangeOf(textEnds, id, texts.length));
    this.#texts[id] = text;
    return text;
  }

  /** The numbers of a list of texts, into `into`: how many there are. For lists in a tight loop. */
  fill(list: number, into: number[]): number {
    const count = this.#numbers(list, into);
    const { length } = this.#parts.textEnds;
    let id = -1;
    for (let at = 0; at < count; at += 1) {
      id += (into[at] ?? 0) + 1;
      into[at] = id;
    }
    if (id >= length) throw new BrokenTraces("a list of the stored traces names a text that is not there");
    return count;
  }

  /** The numbers of a list of texts, ascending. */
  ids(list: number): number[] {
    const ids: number[] = [];
    ids.length = this.fill(list, ids);
    return ids;
  }

  /** Of a list of data: the number of each path, with that of the list of its keys, null for all of it. */
  pairs(list: number): Array<[path: number, keys: number | null]> {
    const numbers: number[] = [];
    const count = this.#numbers(list, numbers);
    if (count % 2 !== 0) throw new BrokenTraces("a list of data in the stored traces has a path without keys");
    const pairs: Array<[number, number | null]> = [];
    for (let at = 0; at < count; at += 2) {
      const keys = numbers[at + 1] ?? 0;
      pairs.push([numbers[at] ?? 0, keys === 0 ? null : keys - 1]);
    }
    return pairs;
  }

  #spelt(list: number): string[] {
    return this.ids(list).map((id) => this.text(id));
  }

  #numbers(list: number, into: number[]): number {
    const { lists: bytes, listEnds } = this.#parts;
    const [start, end] = rangeOf(listEnds, list, bytes.length);
    let count = 0;
    let number = 0;
    let shift = 0;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      number |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        into[count++] = number >>> 0;
        number = 0;
        shift = 0;
      } else shift += 7;
    }
    if (shift !== 0) throw new BrokenTraces("a list of the stored traces ends within a number");
    return count;
  }
}

function rangeOf(ends: Uint32Array, id: number, length: number): [start: number, end: number] {
  const end = ends[id];
  const start = id === 0 ? 0 : ends[id - 1];
  if (end === undefined || start === undefined || start > end || end > length)
    throw new BrokenTraces("the stored traces name a part that is not there");
  return [start, end];
}
