/** Splits bytes into lines of bounded length. Chunks of a line are joined once, when it ends, so that its cost is linear. */
export class LineSplitter {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes more bytes; gives the lines they end, without their newline, and how many bytes of an unended line are held. */
  push(chunk: Buffer): { lines: Buffer[]; tooLong: boolean; rest: number } {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      if (this.#size + end - start > this.#limit) return { lines, tooLong: true, rest: 0 };
      lines.push(Buffer.concat([...this.#chunks, chunk.subarray(start, end)]));
      this.#chunks = [];
      this.#size = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      this.#chunks.push(chunk.subarray(start));
      this.#size += chunk.length - start;
    }
    return { lines, tooLong: this.#size > this.#limit, rest: this.#size };
  }
}
