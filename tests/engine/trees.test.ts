import { expect, it } from "vitest";
import type { OpenTree, PuppetEdge, Repository } from "../../src/engine/ports.ts";
import { createSlots } from "../../src/engine/slots.ts";
import { Trees, type TreesInput } from "../../src/engine/trees.ts";

/** Two trees of nothing; what is opened is counted until it is closed. */
async function stage(): Promise<{ trees: Trees; open: () => number; opening: PromiseWithResolvers<void> }> {
  let open = 0;
  const opening = Promise.withResolvers<void>();
  const puppet = {
    findLayout: async () => ({ modulepath: [] }),
    open: async (): Promise<OpenTree> => {
      await opening.promise;
      open += 1;
      return { close: async () => void (open -= 1) } as OpenTree;
    },
  };
  const input = {
    repository: { list: async () => [], read: async () => null } as unknown as Repository,
    puppet: puppet as unknown as PuppetEdge,
    provided: { base: [], merged: [] },
    slots: createSlots(2),
    keep: null,
  } as unknown as TreesInput;
  return { trees: await Trees.of(input, "base", "merged"), open: () => open, opening };
}

it("a tree that is still being opened is closed with the others", async () => {
  const { trees, open, opening } = await stage();
  const [base] = [trees.base.open()];
  const closed = trees.close();
  opening.resolve();
  await Promise.all([base, closed]);
  expect(open()).toBe(0);
});

it("nothing is opened for a check that has ended", async () => {
  const { trees, open, opening } = await stage();
  opening.resolve();
  await trees.base.open();
  expect(open()).toBe(1);
  await trees.close();
  await expect(trees.merged.open()).rejects.toThrow("the check has ended");
  expect(open()).toBe(0);
});
