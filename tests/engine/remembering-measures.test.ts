import { expect, it } from "vitest";
import { rememberingMeasures } from "../../src/engine/remembering-measures.ts";

const year = { from: new Date("2026-01-01"), to: new Date("2027-01-01"), service: null, team: null };

function world() {
  const at = { seq: 5 };
  const asked: string[] = [];
  const measures = rememberingMeasures({
    measures: async (repository, { from, service, team }) => {
      asked.push([repository, from.getUTCFullYear(), service, team].join(" "));
      return { changes: [], releases: [] };
    },
    measuredTo: async () => at,
  });
  return { at, asked, measures };
}

it("what was measured is read once, until more is measured", async () => {
  const { at, asked, measures } = world();
  const first = await measures(7, year);
  expect(await measures(7, { ...year })).toBe(first);
  at.seq = 6;
  expect(await measures(7, year)).not.toBe(first);
  expect(asked).toEqual(["7 2026  ", "7 2026  "]);
});

it("something else that is asked is another answer, and the four asked last are kept", async () => {
  const { asked, measures } = world();
  const others = [
    [8, year],
    [7, { ...year, from: new Date("2025-01-01") }],
    [7, { ...year, service: "dns" }],
    [7, { ...year, team: "dns" }],
  ] as const;
  await measures(7, year);
  for (const [repository, other] of others) await measures(repository, other);
  expect(new Set(asked).size).toBe(5);
  await measures(7, year);
  expect(asked).toHaveLength(6);
  await measures(7, { ...year, team: "dns" });
  expect(asked).toHaveLength(6);
});
