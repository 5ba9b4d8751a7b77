import { describe, expect, it } from "vitest";
import { compareKept, type Compared } from "../../../src/engine/night/compare-kept.ts";
import { residueOf } from "../../../src/engine/kept/residue.ts";
import type { CompileOutcome } from "../../../src/engine/ports/compile.ts";
import { compiles, fails, type Compiles } from "./world.ts";

const compile = (more?: Compiles): CompileOutcome => compiles("web", more);
const at = (minute: string): CompileOutcome => compile({ says: { greeting: "hello", time: `it is 02:${minute}` } });
const proven: Compared = { kind: "proven" };
const unclear: Compared = { kind: "unclear" };
const untold: Compared = { kind: "untold" };
const missed = (...differs: string[]): Compared => ({ kind: "missed", differs });

describe("a compile that was kept", () => {
  it.each<[string, CompileOutcome, CompileOutcome, CompileOutcome | null, Compared]>([
    ["is what base compiles to", compile(), compile(), null, proven],
    ["has another value", compile(), compile({ says: { greeting: "bye" } }), null, unclear],
    [
      "has another value, twice",
      compile(),
      compile({ says: { greeting: "bye" } }),
      compile({ says: { greeting: "bye" } }),
      missed("message of Notify[greeting]"),
    ],
    [
      "lacks a resource, twice",
      compile(),
      compile({ says: { greeting: "hello", more: "x" } }),
      compile({ says: { greeting: "hello", more: "x" } }),
      missed("Notify[more]"),
    ],
    [
      "has other classes, twice",
      compile(),
      compile({ classes: ["base", "new"] }),
      compile({ classes: ["base", "new"] }),
      missed("its classes"),
    ],
    [
      "has other classes and another value, of which one is enough",
      compile(),
      compile({ classes: ["base", "new"], says: { greeting: "bye" } }),
      null,
      unclear,
    ],
    ["has classes by chance", compile(), compile({ classes: ["base", "a"] }), compile({ classes: ["base", "b"] }), proven],
    ["is of a node that nothing is said of any more", compile(), fails("web", "no-node"), null, unclear],
    ["is of a node that fails, and was too slow then", compile(), fails("web"), fails("web", "timeout"), untold],
    ["has its classes in another order", compile({ classes: ["a", "b"] }), compile({ classes: ["b", "a"] }), null, proven],
    ["differs by the time of day", at("00"), at("31"), at("32"), proven],
    [
      "differs by the time of day, and more",
      at("00"),
      compile({ says: { greeting: "bye", time: "it is 02:31" } }),
      compile({ says: { greeting: "bye", time: "it is 02:32" } }),
      missed("message of Notify[greeting]"),
    ],
    ["can't be told from chance where the second compile fails", compile(), compile({ says: { greeting: "bye" } }), fails("web"), untold],
    ["compiled, and does not now", compile(), fails("web"), null, unclear],
    ["compiled, and does not now, twice", compile(), fails("web"), fails("web"), missed("it does not compile any more")],
    ["compiled, and does only at times", compile(), fails("web"), compile(), untold],
    ["compiled, and a limit ended it now", compile(), fails("web", "timeout"), null, untold],
    ["failed", fails("web"), compile(), null, untold],
  ])("%s", (_, kept, fresh, again, expected) => {
    expect(compareKept({ outcome: kept, residue: kept.ok ? residueOf(kept) : null }, fresh, again)).toEqual(expected);
  });

  it("is wrong where reports take something else from it than it shows", () => {
    const [kept, fresh] = [compile(), compile()];
    const residue = kept.ok ? { ...residueOf(kept), classes: ["other"], sources: [["puppet:///modules/a/b"]] } : null;
    expect(compareKept({ outcome: kept, residue }, fresh, fresh)).toEqual(missed("its classes", "the files that it is served"));
  });
});
