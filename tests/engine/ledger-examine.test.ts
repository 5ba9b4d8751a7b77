import { describe, expect, it } from "vitest";
import { examineLedger, type LedgerReadings, troublesOf } from "../../src/engine/ledger/examine.ts";
import { watchSigned } from "../../src/engine/ledger/watch.ts";

const well: LedgerReadings = {
  entries: 12,
  signed: { size: 10, age: 60 },
  unsigned: 30,
  places: [{ place: "a", behind: 0, failing: null }],
};
const hour = 3_600;

describe("how it stands with the ledger", () => {
  it.each<[string, Partial<LedgerReadings>, string[]]>([
    ["all is well", {}, []],
    ["nothing was signed yet", { signed: null, unsigned: 60 }, []],
    ["entries wait for the next signature", { unsigned: hour }, []],
    ["nobody signs", { unsigned: hour * 5 }, ["the oldest entry that is not signed is 5 hours old"]],
    ["nobody ever signed", { signed: null, unsigned: hour * 72 }, ["the oldest entry that is not signed is 3 days old"]],
    ["a place is away for a while", { places: [{ place: "a", behind: 3, failing: hour }] }, []],
    [
      "two places are away",
      { places: ["a", "b"].map((place) => ({ place, behind: 3, failing: hour + 60 })) },
      ["nothing could be published at a for 61 minutes", "nothing could be published at b for 61 minutes"],
    ],
  ])("%s", (_, more, texts) => {
    expect(troublesOf({ ...well, ...more }).map(({ text }) => text)).toEqual(texts);
    const rows = examineLedger({ ...well, ...more }, { apart: 2 });
    expect(rows.map(({ status }) => status)).toEqual(texts.length === 0 ? ["pass"] : texts.map(() => "fail"));
  });

  it("says that nobody else keeps it, where no place is out of reach", () => {
    expect(examineLedger(well, { apart: 0 })).toMatchObject([
      { status: "advice", text: expect.stringContaining("no place is out of") as string },
    ]);
    expect(examineLedger(well, { apart: 1 })[0]?.text).toBe(
      "12 entries, 10 signed, the last 60 seconds ago, at 1 place; one place alone is out of this machine's reach",
    );
  });

  it("is an alarm once in a while, and again after it was well", async () => {
    const said: string[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: (_: object, text: string) => void said.push(text) };
    let looks = 0;
    let unsigned: number | null = hour * 5;
    const records = {
      ledgerReadings: async () => {
        looks += 1;
        if (looks === 5) unsigned = null;
        if (looks === 6) unsigned = hour * 5;
        return { ...well, unsigned };
      },
    };
    const watched = watchSigned(records, log, { every: 0.001, again: 10 });
    await expect.poll(() => looks).toBeGreaterThan(10);
    await watched.close();
    expect(said).toEqual([
      "the ledger: the oldest entry that is not signed is 5 hours old",
      "the ledger: the oldest entry that is not signed is 5 hours old",
    ]);
  });
});
