import { symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { besides } from "../../src/engine/besides.ts";
import type { Checked, PolicyText } from "../../src/gate/facts.ts";
import { type Repo, World } from "../git/world.ts";
import { report } from "../gate/world.ts";
import { apartHere } from "./stand-ins/apart.ts";

/** What a verdict rests on besides the report, read from base's tree. */
let world: World;
let repo: Repo;
beforeEach(() => {
  world = new World();
  repo = world.repo();
});
afterEach(async () => world.end());

async function read(organisation: PolicyText | null = null): Promise<Omit<Checked, "report">> {
  const opened = await world.open(repo);
  const [base, head] = [repo.git("rev-parse", "main"), repo.git("rev-parse", "topic")];
  const judged = { ...opened, patch: async () => "a patch" };
  return besides(judged, { base, head, organisation }, report({ tree: repo.git("rev-parse", "topic^{tree}") }), apartHere);
}
const policy = "version: 1\nrules:\n  - {name: two, require: {approvals: {count: 2}}}\n";

describe("what a verdict rests on besides the report", () => {
  it("case 46: takes CODEOWNERS of base, the first in GitHub's order, not the change's own", async () => {
    repo.commit({ "docs/CODEOWNERS": "* @docs\n", CODEOWNERS: "* @root\n" });
    repo.branch("topic").commit({ ".github/CODEOWNERS": "* @eve\n" });
    expect((await read()).codeowners).toEqual({ known: true, value: { path: "CODEOWNERS", text: "* @root\n" } });
  });

  it("case 46: a CODEOWNERS that is a link governs nothing, and no other one stands in for it", async () => {
    repo.write({ "docs/CODEOWNERS": "* @docs\n" });
    symlinkSync("docs/CODEOWNERS", `${repo.folder}/CODEOWNERS`);
    repo.commit();
    repo.branch("topic").commit({ a: "" });
    expect((await read()).codeowners).toEqual({ known: true, value: null });
  });

  it("case 47: a CODEOWNERS that GitHub would not load is unknown, never without owners", async () => {
    repo.commit({ CODEOWNERS: `* @root\n${"#".repeat(3 * 2 ** 20)}\n` });
    repo.branch("topic").commit({ a: "" });
    expect((await read()).codeowners).toEqual({
      known: false,
      reason: "CODEOWNERS has 3 MB or more, which GitHub does not load: make it smaller",
      way: "an owner of CODEOWNERS: make it smaller",
    });
  });

  it("case 43 and 44: names both ends of a rename, and what is a link or changes its mode", async () => {
    const text = "1\n2\n3\n4\n5\n";
    repo.commit({ "lib/old.rb": text, "run.sh": text, "same.pp": text });
    repo.branch("topic");
    repo.git("mv", "lib/old.rb", "new.rb");
    repo.git("update-index", "--chmod=+x", "run.sh");
    symlinkSync("same.pp", `${repo.folder}/link`);
    repo.git("add", "link");
    repo.git("commit", "--quiet", "-m", "move");
    const { paths, links } = await read();
    expect([...paths].sort()).toEqual(["lib/old.rb", "link", "new.rb", "run.sh"]);
    expect(links).toEqual(["link", "run.sh"]);
  });

  it("case 48: says what becomes of the policy, by base's and the change's text", async () => {
    repo.commit({ ".github/puppet-gate.yml": policy });
    repo.branch("topic").commit({ a: "" });
    const before = await read();
    expect(before).toMatchObject({ policyChange: "same", policy: { rules: [{ name: "two" }] } });
    repo.commit({ ".github/puppet-gate.yml": "version: 1\n" });
    const after = await read();
    expect(after).toMatchObject({ policyChange: "loosens", policy: { rules: [{ name: "two" }] }, policyDigest: before.policyDigest });
    repo.commit({ ".github/puppet-gate.yml": null });
    expect((await read()).policyChange).toBe("loosens");
    repo.commit({ ".github/puppet-gate.yml": "version: 7\n" });
    expect((await read()).policyChange).toBe("loosens");
    repo.commit({ ".github/puppet-gate.yml": policy.replace("count: 2", "count: 3") });
    expect((await read()).policyChange).toBe("tightens");
    repo.commit({ ".github/puppet-gate.yml": null });
    repo.write({ "elsewhere.yml": policy });
    symlinkSync("../elsewhere.yml", `${repo.folder}/.github/puppet-gate.yml`);
    repo.commit();
    expect((await read()).policyChange).toBe("loosens");
  });

  it("digests the repository's and the organisation's policy together, and a missing one is not one that says nothing", async () => {
    repo.commit({ a: "1" });
    repo.branch("topic").commit({ a: "2" });
    const organisation = { path: "acme/.github/.github/puppet-gate.yml", text: "version: 1\nmode: enforce\n" };
    const [without, empty, other] = [await read(), await read(organisation), await read({ ...organisation, text: "version: 1\n" })];
    expect(new Set([without, empty, other].map(({ policyDigest }) => policyDigest)).size).toBe(3);
  });
});
