import { describe, expect, it } from "vitest";
import { feltFiles } from "../../../src/engine/kept/felt.ts";
import { fileCause, fleetCause } from "../../../src/plan/cause.ts";
import type { Changed } from "../../../src/plan/changed.ts";
import type { Trace } from "../../../src/plan/trace.ts";
import { changedOf, traceOf } from "../../plan/world.ts";

const root = "/etc/tree";
const at = (path: string): string => `${root}/${path}`;
const data = (keys: readonly string[] | null): Partial<Changed> => ({
  data: new Map([[at("data/x.yaml"), { keys: keys === null ? null : new Set(keys), path: "data/x.yaml" }]]),
});
const asks = (keys: readonly string[] | null): Trace => traceOf({ data: [{ path: at("data/x.yaml"), keys }] });

describe("a changed file that compiles were seen to read in all that differs", () => {
  it.each<[string, Partial<Changed>, Trace[], string[]]>([
    ["a template", { files: new Map([[at("t.erb"), fileCause("t.erb")]]) }, [traceOf({ files: [at("t.erb")] })], ["t.erb"]],
    ["a template that nobody read", { files: new Map([[at("t.erb"), fileCause("t.erb")]]) }, [traceOf({ files: [at("u.erb")] })], []],
    ["every key, by several nodes", data(["a", "b"]), [asks(["a"]), asks(["b", "c"])], ["data/x.yaml"]],
    ["a key that none of them asks for", data(["a", "b"]), [asks(["a"])], []],
    ["a comment", data([]), [asks(["a"])], ["data/x.yaml"]],
    ["all of it may differ, and keys were asked for", data(null), [asks(["a"])], []],
    ["all of it may differ, and all of it was read", data(null), [asks(null)], ["data/x.yaml"]],
    ["data that appears", data(["a"]), [traceOf({ absent: [at("data/x.yaml")], keys: ["a"] })], ["data/x.yaml"]],
    ["data that appears with a key of nobody's", data(["b"]), [traceOf({ absent: [at("data/x.yaml")], keys: ["a"] })], []],
    ["a change to everything", { ...data(["a"]), whole: fleetCause("hiera.yaml changed") }, [asks(["a"])], []],
  ])("%s", (_, change, traces, expected) => {
    expect(feltFiles(changedOf(change), traces, root)).toEqual(expected);
  });
});
