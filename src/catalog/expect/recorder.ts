/** One thing that an expectation looked at: an attribute of a resource, or a resource or class that is not there. */
export interface Item {
  /** `File[/etc/motd]`, `Class[Ntp]`; on the fleet's level a certname. */
  subject: string;
  attribute: string | null;
  /** As a person may read it; null where there is none. Never a secret. */
  value: string | null;
  path: string | null;
  line: number | null;
}

/** What was read by the expression that is being evaluated, and why it can't be told where it met what nobody can read. */
export class Recorder {
  #unknown: string | null = null;
  #items: Map<string, Item> | null = null;

  /** Evaluates: a hole that was read makes the whole unknown, whatever else would decide. */
  begin(): void {
    this.#unknown = null;
  }

  get unknown(): string | null {
    return this.#unknown;
  }

  hole(reason: string): Error {
    this.#unknown ??= briefly(reason);
    return new Error(reason);
  }

  /** Collects what is read while `work` goes on. */
  reading<T>(work: () => T): { value: T; items: Item[] } {
    const before = this.#items;
    const items = new Map<string, Item>();
    this.#items = items;
    try {
      return { value: work(), items: [...items.values()] };
    } finally {
      this.#items = before;
    }
  }

  /** Nothing is made where nobody collects. */
  note(item: () => Item): void {
    if (this.#items === null || this.#items.size >= mostItems) return;
    const made = item();
    this.#items.set(itemKey(made), made);
  }
}

/** Of a reason, or of what somebody called a resource: each goes to whoever decides, for every node, and a catalog may hold megabytes. */
const longest = 500;
export const briefly = (text: string): string => (text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`);

export const itemKey = ({ subject, attribute }: Pick<Item, "subject" | "attribute">): string =>
  attribute === null ? subject : `${subject} ${attribute}`;

/** Of one expectation on one catalog; more are counted. */
export const mostItems = 50;
