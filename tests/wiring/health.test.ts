import { describe, expect, it } from "vitest";
import { Problem } from "../../src/problem.ts";
import { createHealth, type HealthParts } from "../../src/wiring/health.ts";

const whole: HealthParts = {
  store: { foreign: async () => null },
  worker: { pulse: () => ({ stopped: false, looked: 3, beat: 3 }) },
  leaseSeconds: 30,
  identify: async () => ({ slug: "puppet-gate", missing: [] }),
};
const away = (): Promise<never> => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:5432"));
const refused = (): Promise<never> =>
  Promise.reject(new Problem({ code: "bad-credentials", text: "GitHub does not accept these.", hint: "Mend them." }));
const newer = new Problem({ code: "database-version", text: "It is of a newer.", hint: "Run it." });

describe("a server is ready while", () => {
  const cases: [name: string, parts: Partial<HealthParts>, ready: boolean, part: string, text: RegExp][] = [
    ["all is well", {}, true, "github", /knows this App as puppet-gate/],
    ["GitHub is away, for deliveries are kept", { identify: async () => null }, true, "github", /kept until it does/],
    ["not: GitHub refuses the App", { identify: refused }, false, "github", /accept these\. Mend them\./],
    ["not: the database is away", { store: { foreign: away } }, false, "database", /ECONNREFUSED/],
    ["not: the database hangs", { store: { foreign: () => new Promise(() => undefined) } }, false, "database", /within 2 s/],
    [
      "not: a newer program has the database",
      { store: { foreign: async () => newer } },
      false,
      "migrations",
      /newer\. This .*more\. Run it\./,
    ],
    ["not: nobody looks", { worker: { pulse: () => ({ stopped: false, looked: 31, beat: 1 }) } }, false, "workers", /for 31 s/],
    ["not: they were stopped", { worker: { pulse: () => ({ stopped: true, looked: 1, beat: 1 }) } }, false, "workers", /stopped/],
    [
      "not: leases can't be had",
      { worker: { pulse: () => ({ stopped: false, looked: 1, beat: 31 }) } },
      false,
      "leases",
      /others take over/,
    ],
  ];
  it.each(cases)("%s", async (_, parts, ready, part, text) => {
    const health = createHealth();
    health.begin({ ...whole, ...parts });
    const found = await health.readiness();
    expect(found.ready).toBe(ready);
    expect(found.parts.find(({ name }) => name === part)?.text).toMatch(text);
    expect(health.last()).toEqual(found.parts);
  });

  it("from its beginning until it is told to stop", async () => {
    const health = createHealth();
    expect(await health.readiness()).toMatchObject({ ready: false, parts: [{ name: "start" }] });
    health.begin(whole);
    expect(await health.readiness()).toMatchObject({ ready: true, draining: false });
    health.drain();
    expect(await health.readiness()).toMatchObject({ ready: false, draining: true, parts: expect.arrayContaining([]) });
  });

  it("asks nobody twice in a second, and GitHub once in a minute", async () => {
    let [database, github] = [0, 0];
    const health = createHealth();
    health.begin({
      ...whole,
      store: { foreign: async () => ((database += 1), null) },
      identify: async () => ((github += 1), { slug: "puppet-gate", missing: [] }),
    });
    await Promise.all([health.readiness(), health.readiness(), health.readiness()]);
    await health.readiness();
    expect([database, github]).toEqual([1, 1]);
  });
});
