import { afterAll, beforeAll, expect, it } from "vitest";
import type { NightProven, NightRequest } from "../../src/engine/ports/night.ts";
import { openKeptCompiles } from "../../src/wiring/kept-compiles.ts";
import { createStage, type Stage } from "./stage.ts";

/** Nights of the server: when they are asked for, what they hold back for, and what follows from a node that was wrong. */
let stage: Stage;
const asked: (Pick<NightRequest, "branch" | "after"> & { mayGoOn: boolean })[] = [];
const answers: Omit<NightProven, "sha">[] = [];
const sha = "5".repeat(40);

beforeAll(async () => {
  const night = async ({ branch, after }: NightRequest, on: { mayGoOn: () => Promise<boolean> }): Promise<NightProven> => {
    asked.push({ branch, after, mayGoOn: await on.mayGoOn() });
    return { sha, ...(answers.shift() ?? { after: null, verdicts: 1, missed: [] }) };
  };
  stage = await createStage({ night }, undefined, { night: 120 });
});
afterAll(() => stage.close());

/** What a sweep finds by now: there is one at every start. */
async function sweep(): Promise<typeof asked> {
  await stage.restart();
  await stage.quiet();
  return asked.splice(0);
}
const day = 24 * 60;

it("comes once a day, goes on where it was left, and a node that was wrong has everything checked anew", async () => {
  const { number, head } = await stage.propose("one");
  await stage.quiet();
  expect(await sweep()).toEqual([]);

  stage.later(day);
  answers.push({ after: "web05", verdicts: 5, missed: [] });
  expect(await sweep()).toEqual([{ branch: "main", after: null, mayGoOn: true }]);
  expect(await sweep()).toEqual([{ branch: "main", after: "web05", mayGoOn: true }]);
  expect(await sweep()).toEqual([]);

  const judged = stage.judged.filter((pair) => pair.endsWith(head)).length;
  stage.later(day);
  answers.push({ after: null, verdicts: 40, missed: [{ certname: "web07", differs: ["content of File[/etc/motd]"] }] });
  expect(await sweep()).toHaveLength(1);
  expect(stage.judged.filter((pair) => pair.endsWith(head)).length).toBe(judged + 1);
  expect(stage.checkRun(head)?.conclusion).not.toBeNull();
  const { entries, evidence } = await stage.ledger();
  const wrong = entries.filter(({ kind }) => kind === "kept-compile-wrong");
  expect(wrong).toMatchObject([{ subject: "branch/main", actor: null }]);
  expect(evidence.has(wrong[0]?.evidence[0] ?? "")).toBe(true);
  expect(number).toBe(1);
});

it("holds back while a check is asked for", async () => {
  // The sweep of the last start is not to find this night.
  await stage.quiet();
  stage.later(day);
  const letGo = stage.hold();
  const { head } = await stage.propose("two");
  await expect.poll(() => stage.judged.some((pair) => pair.endsWith(head))).toBe(true);
  await stage.restart();
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(asked.splice(0)).toEqual([{ branch: "main", after: null, mayGoOn: false }]);
  letGo();
  await stage.quiet();
});

it("a sample that was wrong is counted, and the other changes are checked anew", async () => {
  const [one, other] = [await stage.propose("three"), await stage.propose("four")];
  await stage.quiet();
  const times = (head: string): number => stage.judged.filter((pair) => pair.endsWith(head)).length;
  const before = times(other.head);
  const plan = { kept: 9, reached: 1, sampled: 2, missed: ["web03"] };
  stage.verdicts.set(one.head, { coverage: { nodes: 10, compared: 10, unseen: [], plan } });
  await stage.github.as("alice").comment(stage.name, one.number, "/recheck");
  await stage.quiet();
  expect(times(other.head)).toBe(before + 1);
  const { entries } = await stage.ledger();
  expect(entries.filter(({ kind, subject }) => kind === "kept-compile-wrong" && subject === `pull/${one.number}`)).toHaveLength(1);
});

it("what was proven is told to whoever asks, with its misses", async () => {
  await stage.stopServer();
  const kept = await openKeptCompiles({ ...stage.config, cache: { kind: "folder", folder: "/nowhere", limit: 1 } });
  expect(await kept.proofs?.()).toMatchObject({
    known: true,
    value: [{ name: stage.name, nights: { verdicts: 47, missed: 1, last: expect.any(String) }, samples: { verdicts: 2, missed: 1 } }],
  });
  await stage.restart();
});
