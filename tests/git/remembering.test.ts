import { describe, expect, it } from "vitest";
import { remembering } from "../../src/git/remembering.ts";

/** Counts how often each was asked; `bad` fails. */
function counting(most: number) {
  const asked: string[] = [];
  const ask = remembering(most, async (one: string, other: string) => {
    asked.push(`${one}${other}`);
    if (one === "bad") throw new Error("lost");
    return asked.length;
  });
  return { asked, ask };
}

describe("answers that are remembered", () => {
  it("are asked for once, also while the first has not come", async () => {
    const { asked, ask } = counting(2);
    expect(await Promise.all([ask("a", "b"), ask("a", "b"), ask("b", "a")])).toEqual([1, 1, 2]);
    expect(asked).toEqual(["ab", "ba"]);
  });

  it("are asked for again once others took their place, the one that was used last being the last to go", async () => {
    const { asked, ask } = counting(2);
    for (const name of ["a", "b", "a", "c", "a", "b"]) await ask(name, "");
    expect(asked).toEqual(["a", "b", "c", "b"]);
  });

  it("are no failures", async () => {
    const { asked, ask } = counting(2);
    await expect(ask("bad", "")).rejects.toThrow("lost");
    await expect(ask("bad", "")).rejects.toThrow("lost");
    expect(asked).toHaveLength(2);
  });
});
