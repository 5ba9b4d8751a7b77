import { describe, expect, it } from "vitest";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { Taints } from "../../src/catalog/taints.ts";
import { Seen } from "../../src/engine/coverage.ts";
import { catalog } from "../catalog/build.ts";

describe("what was not seen", () => {
  it.each<[name: string, base: string[], merged: string[], count: number]>([
    ["an encrypted value that changes is one", ["secret-a"], ["secret-b"], 1],
    ["one that stays and one that comes are two", ["secret-a"], ["secret-a", "secret-b"], 2],
    ["one that goes is one", ["secret-a"], [], 1],
  ])("%s", (_, base, merged, count) => {
    const seen = new Seen();
    const outcome = (encrypted: string[]) => ({
      certname: "web1",
      ok: true as const,
      catalog: catalog([]),
      taints: new Taints(),
      encrypted,
    });
    seen.add("base", outcome(base), []);
    seen.add("merged", outcome(merged), []);
    expect(seen.coverage([], [], []).unseen).toMatchObject([{ what: "encrypted", count }]);
  });
});

describe("a fragment of a file", () => {
  it("says which file it is part of, beside what else is to be said", () => {
    const side = (content: string) => catalog([["Concat_fragment[head]", { target: "/etc/lb.cfg", content }]]);
    expect(diffCatalogs(side("a\n"), side("b\n"))[0]?.note).toBe("part of /etc/lb.cfg");
    expect(diffCatalogs(side("a"), side("a\n"))[0]?.note).toBe("part of /etc/lb.cfg; only the newline at the end differs");
  });
});
