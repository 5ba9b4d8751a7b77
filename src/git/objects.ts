import { type ByteStream, startStream } from "../process/stream.ts";
import { type Place, failure } from "./git.ts";

/** What an object is, without its content. `size` in bytes. */
export interface ObjectInfo {
  type: string;
  size: number;
}

/**
 * Objects by id, out of one long-lived `git cat-file`: about 0.1 ms each, where a process for each would take 4 ms.
 * Questions are answered one after the other.
 */
export class ObjectReader {
  readonly #place: Place;
  #stream: ByteStream | null = null;
  #closed = false;
  #chunks: AsyncIterator<Buffer> | null = null;
  #held: Buffer = Buffer.alloc(0);
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Null where there is no such object. */
  info(oid: string): Promise<ObjectInfo | null> {
    return this.#inTurn(() => this.#ask("info", oid));
  }

  /** Null where there is no such object. The caller has made sure of its size. */
  contents(oid: string): Promise<Buffer | null> {
    return this.#inTurn(async () => {
      const info = await this.#ask("contents", oid);
      if (info === null) return null;
      await this.#hold(info.size + 1);
      const content = Buffer.from(this.#held.subarray(0, info.size));
      this.#held = this.#held.subarray(info.size + 1);
      return content;
    });
  }

  /** Ends the process; nothing can be asked any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#stream?.end();
    this.#stream = null;
  }

  async #ask(command: "info" | "contents", oid: string): Promise<ObjectInfo | null> {
    this.#start().stdin.write(`${command} ${oid}\n`);
    const answer = await this.#line();
    if (answer.endsWith(" missing")) return null;
    const [, type, size] = /^[0-9a-f]+ ([a-z]+) (\d+)$/u.exec(answer) ?? [];
    if (type === undefined) throw new Error(`git cat-file answered ${JSON.stringify(answer)}`);
    return { type, size: Number(size) };
  }

  #inTurn<T>(question: () => Promise<T>): Promise<T> {
    const answer = this.#turn.then(question, question);
    this.#turn = answer;
    return answer;
  }

  #start(): ByteStream {
    if (this.#closed) throw new Error("the repository is closed");
    if (this.#stream === null) {
      this.#stream = startStream({ file: "git", args: ARGS, env: this.#place.env, cwd: this.#place.cwd }, { seconds: null });
      this.#chunks = this.#stream.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    }
    return this.#stream;
  }

  async #line(): Promise<string> {
    let end = this.#held.indexOf(10);
    while (end === -1) {
      await this.#hold(this.#held.length + 1);
      end = this.#held.indexOf(10);
    }
    const line = this.#held.subarray(0, end).toString("latin1");
    this.#held = this.#held.subarray(end + 1);
    return line;
  }

  /** Waits until so many bytes are held. Chunks are joined once, so that a large object costs no more than its size. */
  async #hold(bytes: number): Promise<void> {
    const parts: Buffer[] = [this.#held];
    let length = this.#held.length;
    while (length < bytes) {
      const next = await this.#chunks?.next();
      if (next === undefined || next.done === true) throw await this.#ended();
      parts.push(next.value);
      length += next.value.length;
    }
    if (parts.length > 1) this.#held = Buffer.concat(parts);
  }

  async #ended(): Promise<Error> {
    const end = await this.#stream?.ended;
    this.#stream = null;
    this.#held = Buffer.alloc(0);
    return end ? failure(this.#place, ARGS, end, 0) : new Error("the repository is closed");
  }
}

const ARGS = ["cat-file", "--batch-command"];
