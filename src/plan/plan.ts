import type { Cause } from "./cause.ts";
import type { Changed } from "./changed.ts";
import { columns, lists, type ListName } from "./packed-form.ts";
import { keyOfData, Reach } from "./reach.ts";
import type { PackedTraces } from "./unpack.ts";

/**
 * Whom of these nodes a change reaches, and why, as `reached` says it of one. Each text, and each list that nodes share, is asked about once: linear in the
 * packed traces, with a small factor.
 */
export function planOf(packed: PackedTraces, changed: Changed): Map<string, Cause> {
  const plan = new Map<string, Cause>();
  const planner = new Planner(packed, changed);
  for (const certname of packed.certnames) {
    const cause = changed.whole ?? planner.reached(certname);
    if (cause !== null) plan.set(certname, cause);
  }
  return plan;
}

type Reached = "manifests" | "functions" | "types" | "files" | "folders";

type Asked<Answer> = (id: number) => Answer | null;

class Planner {
  readonly #packed: PackedTraces;
  readonly #reach: Reach;
  readonly #byList: Readonly<Record<Reached, Asked<Cause>>>;
  readonly #byData: Asked<Array<[path: number, keys: number | null]>>;
  readonly #byAbsent: Asked<number[]>;
  readonly #data: Asked<NonNullable<ReturnType<Reach["data"]>>>;
  /** By path: the keys of it that changed, by their numbers. */
  readonly #changedKeys = new Map<number, Asked<Cause>>();
  readonly #scratch: number[] = [];

  constructor(packed: PackedTraces, changed: Changed) {
    this.#packed = packed;
    const reach = new Reach(changed);
    this.#reach = reach;
    const listCount = packed.listCount;
    const scratch = this.#scratch;
    const textOf = (id: number): string => packed.text(id);
    /** The first answer in a list, each text asked once and each list once. */
    const first = (isNeeded: boolean, ask: (text: string) => Cause | null): Asked<Cause> => {
      if (!isNeeded) return () => null;
      const ofText = once(packed.textCount, (id) => ask(textOf(id)));
      return once(listCount, (list) => {
        const count = packed.fill(list, scratch);
        for (let at = 0; at < count; at += 1) {
          const cause = ofText(scratch[at] ?? 0);
          if (cause !== null) return cause;
        }
        return null;
      });
    };
    const isAny = changed.files.size > 0;
    this.#byList = {
      manifests: first(changed.manifests.size > 0, (name) => reach.manifest(name)),
      functions: first(changed.functions.size > 0, (name) => reach.function(name)),
      types: first(changed.types.size > 0 || changed.typesets.size > 0, (name) => reach.type(name)),
      files: first(isAny, (path) => reach.file(path)),
      folders: first(isAny, (path) => reach.folder(path)),
    };
    this.#data = once(packed.textCount, (id) => reach.data(textOf(id)));
    this.#byData = once(listCount, (list) => some(packed.pairs(list).filter(([path]) => this.#data(path) !== null)));
    this.#byAbsent = once(listCount, (list) => some(packed.ids(list).filter((path) => this.#data(path) !== null)));
  }

  /** In the order of `reached`. */
  reached(certname: string): Cause | null {
    const row = this.#rowOf(certname);
    const node = row[columns.node] ?? 0;
    return (
      this.#reach.node(certname, node === 0 ? null : this.#packed.text(node - 1)) ??
      this.#ofData(row) ??
      this.#first(row, "manifests") ??
      this.#first(row, "functions") ??
      this.#first(row, "files") ??
      this.#first(row, "types") ??
      this.#first(row, "folders")
    );
  }

  #rowOf(certname: string): Uint32Array {
    return this.#packed.row(certname) ?? new Uint32Array();
  }

  #first(row: Uint32Array, name: Reached): Cause | null {
    return this.#byList[name](listIn(row, name));
  }

  #ofData(row: Uint32Array): Cause | null {
    for (const [path, keys] of this.#byData(row[columns.data] ?? 0) ?? []) {
      const cause = this.#keyOf(path, keys);
      if (cause !== null) return cause;
    }
    for (const path of this.#byAbsent(listIn(row, "absent")) ?? []) {
      const cause = this.#keyOf(path, listIn(row, "keys"));
      if (cause !== null) return cause;
    }
    return null;
  }

  /** As `keyOfData`, each key asked once for a file and not for each node. */
  #keyOf(path: number, list: number | null): Cause | null {
    const data = this.#data(path);
    if (data === null || data.keys === null || list === null) return data === null ? null : keyOfData(data, null);
    const isChanged = this.#changedKeys.get(path) ?? once(this.#packed.textCount, (id) => keyOfData(data, [this.#packed.text(id)]));
    this.#changedKeys.set(path, isChanged);
    const count = this.#packed.fill(list, this.#scratch);
    for (let at = 0; at < count; at += 1) {
      const cause = isChanged(this.#scratch[at] ?? 0);
      if (cause !== null) return cause;
    }
    return keyOfData(data, []);
  }
}

const listIn = (row: Uint32Array, name: ListName): number => row[columns.lists + lists.indexOf(name)] ?? 0;

const some = <Item>(items: Item[]): Item[] | null => (items.length === 0 ? null : items);

/** Asks once for each number below `count`. Answers are few: what has none costs a byte. */
function once<Answer>(count: number, ask: (id: number) => Answer | null): Asked<Answer> {
  const state = new Uint8Array(count);
  const answers = new Map<number, Answer>();
  return (id) => {
    if (state[id] === 0) {
      const answer = ask(id);
      state[id] = answer === null ? 1 : 2;
      if (answer !== null) answers.set(id, answer);
    }
    return state[id] === 2 ? (answers.get(id) ?? null) : null;
  };
}
