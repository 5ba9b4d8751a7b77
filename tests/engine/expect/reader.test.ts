import { describe, expect, it, onTestFinished } from "vitest";
import { Reader } from "../../../src/engine/expect/reader.ts";
import type { Evaluator } from "../../../src/engine/ports/evaluator.ts";
import { startEvaluator } from "../../../src/wiring/expectations.ts";

/** A head's files of expectations, read apart. */
const good = `name: a
why: It matters.
ask: ["@ann"]
expect: { catalog: 'catalog.has("File", "/a")' }
examples: { pass: [{ name: yes, catalog: { "File[/a]": {} } }], fail: [{ name: no, catalog: {} }] }
`;
function reader(more: Partial<ConstructorParameters<typeof Reader>[0]> = {}): Reader {
  const made = new Reader({ start: startEvaluator, now: () => performance.now(), signal: undefined, ...more });
  onTestFinished(async () => made.end());
  return made;
}
/** One that comes to this, whatever it is asked. */
const ending =
  (answer: Awaited<ReturnType<Evaluator["ask"]>>): (() => Evaluator) =>
  () => ({
    ask: async () => answer,
    at: () => -1,
    alive: false,
    end: async () => undefined,
  });

describe("a file of a head", () => {
  it("is read as any other", async () => {
    const made = reader();
    expect(await made.load(good, "expectations/a.yml")).toMatchObject({
      ok: true,
      expectation: { name: "a", path: "expectations/a.yml", line: 1 },
    });
    expect(await made.load("name: [", "expectations/b.yml")).toMatchObject({ ok: false, problems: [{ path: "expectations/b.yml" }] });
  });

  it.each([
    [{ kind: "timeout" }, "The file takes longer than 5 seconds to be read."],
    [{ kind: "memory" }, "The file takes more than 256 MiB of memory to be read."],
    [{ kind: "crash", error: new Error("Maximum call stack size exceeded") }, "The file can't be read: Maximum call stack size exceeded."],
  ] as const)("can't be read where it goes over a limit: %j", async (answer, text) => {
    const loaded = await reader({ start: ending(answer) }).load(good, "expectations/a.yml");
    expect(loaded).toMatchObject({ ok: false, problems: [{ path: "expectations/a.yml", line: 1, text }] });
  });

  it("is not read any more where those before took too long together", async () => {
    let now = 0;
    const made = reader({ start: ending({ kind: "timeout" }), now: () => (now += 5_000) });
    for (let times = 0; times < 7; times += 1) await made.load(good, "expectations/a.yml");
    expect(await made.load(good, "expectations/b.yml")).toMatchObject({
      ok: false,
      problems: [{ text: "Reading the change's expectations took longer than 30 seconds before it came to this file." }],
    });
  });
});
