import { createHash } from "node:crypto";
import { columns, digestOf, headNumbers, lists, magic, outsideFlag, rowNumbers, version } from "./packed-form.ts";
import type { Trace } from "./trace.ts";
import type { PackedTraces } from "./unpack.ts";

/**
 * The traces of nodes as bytes to be kept. `from` gives traces that are packed already for the nodes that are named: they are
 * taken over without being spelt out. A node that is in both is what `traces` says of it.
 */
export function packTraces(
  traces: Iterable<readonly [certname: string, trace: Trace]>,
  from: ReadonlyMap<PackedTraces, Iterable<string>> = new Map(),
): Buffer {
  const packer = new Packer();
  for (const [certname, trace] of traces) packer.add(certname, trace);
  for (const [packed, certnames] of from) packer.take(packed, certnames);
  return packer.bytes();
}

class Packer {
  readonly #texts = new Map<string, number>();
  readonly #lists = new Map<string, number>();
  readonly #listBytes: Buffer[] = [];
  readonly #rows = new Map<string, Uint32Array>();

  add(certname: string, trace: Trace): void {
    const data = trace.data.flatMap(({ path, keys }) => [this.#text(path), keys === null ? 0 : this.#texted(keys) + 1]);
    this.#row(certname, trace.node, trace.outside ? outsideFlag : 0, this.#list(data), (name) => this.#texted(trace[name]));
  }

  /** Each text and list is looked at once, whatever number of nodes have it. */
  take(packed: PackedTraces, certnames: Iterable<string>): void {
    const texts = new Map<number, number>();
    const text = (old: number): number => {
      const known = texts.get(old) ?? this.#text(packed.text(old));
      texts.set(old, known);
      return known;
    };
    const known = new Map<number, number>();
    const list = (old: number): number => {
      const now = known.get(old) ?? this.#ids([...packed.ids(old)].map(text));
      known.set(old, now);
      return now;
    };
    const knownData = new Map<number, number>();
    const dataList = (old: number): number => {
      const now =
        knownData.get(old) ??
        this.#list([...packed.pairs(old)].flatMap(([path, keys]) => [text(path), keys === null ? 0 : list(keys) + 1]));
      knownData.set(old, now);
      return now;
    };
    for (const certname of certnames) {
      const row = packed.row(certname);
      if (row === null || this.#rows.has(certname)) continue;
      const node = row[columns.node] ?? 0;
      const columnOf = (at: number): number => row[at] ?? 0;
      this.#row(certname, node === 0 ? null : packed.text(node - 1), columnOf(columns.flags), dataList(columnOf(columns.data)), (_, at) =>
        list(columnOf(columns.lists + at)),
      );
    }
  }

  bytes(): Buffer {
    const texts = [...this.#texts.keys()].map((text) => Buffer.from(text, "utf8"));
    const rows = [...this.#rows.values()];
    const sum = (parts: readonly Uint8Array[]): number => parts.reduce((total, part) => total + part.length, 0);
    const head = Uint32Array.of(magic, version, texts.length, this.#listBytes.length, rows.length, sum(texts), sum(this.#listBytes));
    const body = Buffer.concat([
      asBytes(head),
      asBytes(endsOf(texts)),
      asBytes(endsOf(this.#listBytes)),
      ...rows.map(asBytes),
      ...texts,
      ...this.#listBytes,
    ]);
    if (head.length !== headNumbers) throw new RangeError("the head of packed traces has another length than their form says");
    return Buffer.concat([body, digestOf(body)]);
  }

  #row(
    certname: string,
    node: string | null,
    flags: number,
    data: number,
    list: (name: (typeof lists)[number], at: number) => number,
  ): void {
    const row = new Uint32Array(rowNumbers);
    row[columns.certname] = this.#text(certname);
    row[columns.node] = node === null ? 0 : this.#text(node) + 1;
    row[columns.flags] = flags;
    row[columns.data] = data;
    for (const [at, name] of lists.entries()) row[columns.lists + at] = list(name, at);
    this.#rows.set(certname, row);
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  #texted(texts: readonly string[]): number {
    return this.#ids(texts.map((text) => this.#text(text)));
  }

  /** The numbers of texts, each once. */
  #ids(ids: readonly number[]): number {
    const sorted = Uint32Array.from(ids).sort();
    const distances: number[] = [];
    let last = -1;
    for (const id of sorted) {
      if (id === last) continue;
      distances.push(id - last - 1);
      last = id;
    }
    return this.#list(distances);
  }

  #list(numbers: readonly number[]): number {
    const bytes = leb128(numbers);
    const key = createHash("sha256").update(bytes).digest("base64");
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    this.#listBytes.push(bytes);
    this.#lists.set(key, this.#listBytes.length - 1);
    return this.#listBytes.length - 1;
  }
}

function leb128(numbers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(numbers.length * 5);
  let at = 0;
  for (let number of numbers) {
    for (; number > 0x7f; number >>>= 7) bytes[at++] = (number & 0x7f) | 0x80;
    bytes[at++] = number;
  }
  return Buffer.from(bytes.subarray(0, at));
}

function endsOf(parts: readonly Uint8Array[]): Uint32Array {
  let end = 0;
  return Uint32Array.from(parts, (part) => (end += part.length));
}

const asBytes = (numbers: Uint32Array): Buffer => Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
