import { expect, it } from "vitest";
import { triedAgainAt } from "../../src/engine/retry.ts";
import type { CheckResult } from "../../src/engine/ports/judge.ts";
import * as w from "../gate/world.ts";

const endedAt = new Date("2026-03-01T12:00:00Z");
const delays = [15, 60, 300, 900];
const failed = (code: string): CheckResult => ({ ok: false, problem: { code, text: "T.", hint: "H." } });
const said = (passing: boolean): CheckResult => ({
  ok: true,
  checked: w.checked({
    verdict: {
      outcome: "unknown",
      reasons: [{ rule: "modules", outcome: "unknown", text: "stdlib can't be had", ...(passing ? { passing: true as const } : {}) }],
    },
  }),
});

it.each<[string, CheckResult, number, number | null]>([
  ["PuppetDB was away", failed("puppetdb-unreachable"), 1, 15],
  ["for the second time", failed("puppetdb-unreachable"), 2, 60],
  ["for the fourth", failed("puppetdb-unreachable"), 4, 900],
  ["for a weekend", failed("puppetdb-unreachable"), 300, 900],
  ["over what nobody foresaw", failed("gate-fault"), 7, 900],
  ["a policy that can't be read", failed("bad-policy"), 2, 60],
  ["and still can't: base has to move", failed("bad-policy"), 3, null],
  ["a check that takes too long is not begun for ever", failed("check-time"), 3, null],
  ["a module's host was away", said(true), 1, 15],
  ["and still is", said(true), 50, 900],
  ["a check that says what there is to say", said(false), 1, null],
])("%s", (_, result, attempts, seconds) => {
  const expected = seconds === null ? null : new Date(endedAt.getTime() + seconds * 1000);
  expect(triedAgainAt({ attempts, endedAt, result }, delays)).toEqual(expected);
});

it("is not tried again where nobody says when, and is for one reason among several", () => {
  expect(triedAgainAt({ attempts: 1, endedAt, result: failed("puppetdb-unreachable") }, [])).toBeNull();
  const verdict = {
    outcome: "unknown",
    reasons: [
      { rule: "lint", outcome: "pass", text: "clean" },
      { rule: "modules", outcome: "unknown", text: "x", passing: true },
    ],
  } as const;
  const both: CheckResult = { ok: true, checked: w.checked({ verdict: { ...verdict, reasons: [...verdict.reasons] } }) };
  expect(triedAgainAt({ attempts: 1, endedAt, result: both }, delays)).toEqual(new Date(endedAt.getTime() + 15_000));
});
