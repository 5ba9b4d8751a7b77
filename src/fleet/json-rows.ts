/**
 * Rows of a JSON array of objects, in the portions in which they come: while one is read, the next is on its way, and an answer of many megabytes is nowhere
 * as a whole. Gives a function that takes each portion and one that ends it; both throw a SyntaxError where it is no such array.
 */
export function createRowReader(onRows: (rows: unknown[]) => void): { take(chunk: Buffer): void; end(): void } {
  let left: Buffer = Buffer.alloc(0);
  /** How many brackets are open, whether within a string, and whether after a backslash, at the end of what was looked at. */
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  let isOver = false;
  let looked = 0;
  let isBegun = false;
  /** The array's beginning, and from then on the comma behind the rows of before. */
  const rowsIn = (text: string): unknown[] => {
    const given = text.trimStart();
    if (given[0] !== (isBegun ? "," : "[")) throw new SyntaxError("it is no array of objects");
    return JSON.parse(`[${given.slice(1)}]`) as unknown[];
  };
  return {
    take: (chunk) => {
      left = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
      let end = -1;
      for (let at = looked; at < left.length; at += 1) {
        const byte = left[at];
        if (isText) {
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) isText = false;
        } else if (byte === quote) isText = true;
        else if (byte === openBracket || byte === openBrace) depth += 1;
        else if (byte === closeBracket || byte === closeBrace) {
          depth -= 1;
          if (depth === 1) end = at + 1;
          if (depth === 0) isOver = true;
        }
      }
      looked = left.length;
      // Behind the last row that is whole; what is before the first is the array's own bracket.
      if (end < 0 || isOver) return;
      const text = left.toString("utf8", 0, end);
      left = left.subarray(end);
      looked = left.length;
      onRows(rowsIn(text));
      isBegun = true;
    },
    end: () => {
      const text = left.toString("utf8").trim();
      if (!isOver || !text.endsWith("]")) throw new SyntaxError("the array has no end");
      const last = text.slice(0, -1).trim();
      if (!isBegun || last !== "") onRows(rowsIn(last));
    },
  };
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = Buffer.from('"\\[]{}');
