import { describe, expect, test } from "vitest";
import { type LaneStage, lanes, name, setLaneStage } from "./stage.ts";

const kinds = ({ steps }: { steps: readonly { kind: string }[] }): string[] => steps.map(({ kind }) => kind);

describe("setting lanes up", () => {
  test("branches at production's commit, the default branch, and the pull requests that were for production", async () => {
    const stage = await setLaneStage();
    const before = await stage.state();
    const result = await stage.init();
    expect(kinds(result)).toEqual(["create-branch", "create-branch", "create-branch", "default-branch", "retarget", "retarget"]);
    const { refs, bases, defaultBranch, rulesets } = await stage.state();
    const { production } = before["refs"] as Record<string, string>;
    expect({ refs, bases, defaultBranch, rulesets }).toEqual({
      refs: { ...(before["refs"] as object), main: production, production_canary: production, production_lon: production },
      bases: { 1: "open main", 2: "open main", 3: "open one" },
      defaultBranch: "main",
      rulesets: [],
    });
    expect(result.proof).toEqual({
      production: "production",
      commit: production,
      tree: await stage.forge.treeOf(production ?? ""),
      same: ["main", "production_canary", "production_lon"],
      other: [],
    });
    expect(result.proposal?.block).toBeNull();
  });

  test("once more changes nothing, and dry runs change nothing at all", async () => {
    const stage = await setLaneStage();
    const before = await stage.state();
    const dry = await stage.init({}, null);
    expect(await stage.state()).toEqual(before);
    const made = await stage.init();
    expect(dry.steps).toEqual(made.steps);
    const after = await stage.state();
    expect(kinds(await stage.init())).toEqual([]);
    expect(await stage.state()).toEqual(after);
  });

  test("of a single lane, no branch but the merge branch is made", async () => {
    const stage = await setLaneStage("version: 1\nlanes:\n  - { name: all }\n");
    const result = await stage.init();
    expect(result.steps.slice(0, 2)).toMatchObject([{ kind: "create-branch", branch: "main" }, { kind: "default-branch" }]);
    expect(result.proposal).toMatchObject({ production: "production", lanes: [], block: null });
  });

  const proposals: [string, string | null, readonly string[] | null, RegExp][] = [
    [
      "no policy and no fleet",
      null,
      null,
      /^version: 1\nlanes:\n {2}- \{ name: canary, members: \{ percent: 5 \} \}\n {2}- \{ name: rest \}\n$/u,
    ],
    [
      "no lanes in the policy, and a fleet",
      "version: 1\nlanding: api\n",
      ["web2.example", "web1.example", "db1.example", "db2.example", "lone.example"],
      /^lanes:\n {2}- \{ name: canary, members: \{ certnames: \["db1\.example", "web1\.example"\] \} \}\n/u,
    ],
    ["a fleet without siblings", null, ["web.example", "db.example"], /percent: 5/u],
  ];
  test.each(proposals)("%s: proposes a lane before production, and makes its branch", async (_, policy, certnames, block) => {
    const stage = await setLaneStage(policy);
    const result = await stage.init({ certnames });
    expect(result.proposal?.block).toMatch(block);
    expect((await stage.state())["refs"]).toHaveProperty("production_canary");
  });

  test("with the rulesets, nobody but the App moves lanes and the merge branch; the rest of the repository is everybody's", async () => {
    const stage = await setLaneStage();
    await stage.init({ applyRulesets: true });
    const alice = stage.github.as("alice");
    const push = (branch: string) => alice.commit(name, { branch, files: { "x.pp": "" }, message: "x" });
    for (const branch of ["main", "production", "production_canary"]) {
      await expect(push(branch)).rejects.toThrow(/protected ref/u);
      await expect(alice.moveBranch(name, branch, null)).rejects.toThrow(/delete/u);
    }
    await push("one");
    await expect(alice.moveBranch(name, "production_lon", await push("two"))).rejects.toThrow(/rule|protected/iu);
  });

  test("a pull request that has a twin on the merge branch is named, and holds up no other", async () => {
    const stage = await setLaneStage();
    await stage.init();
    const alice = stage.github.as("alice");
    await alice.openPull(name, { head: "one", base: "production", title: "Once more" });
    await alice.commit(name, { branch: "four", from: "production", files: { "four.pp": "# 4\n" }, message: "four" });
    await alice.openPull(name, { head: "four", base: "production", title: "Four" });
    const result = await stage.init();
    expect(result.refused).toMatchObject([{ number: 4, why: expect.stringContaining("422") }]);
    expect((await stage.state())["bases"]).toMatchObject({ 4: "open production", 5: "open main" });
  });

  test("what was merged into production while lanes were made is in all of them", async () => {
    const stage = await setLaneStage();
    stage.github.faults.next({
      kind: "meanwhile",
      route: "PATCH /repos/{owner}/{repo}",
      run: () => stage.github.as("alice").merge(name, 1),
    });
    const result = await stage.init();
    const { refs } = (await stage.state()) as { refs: Record<string, string> };
    expect(new Set([refs["main"], refs["production"], refs["production_canary"], refs["production_lon"]]).size).toBe(1);
    expect(result.proof?.same).toHaveLength(3);
    await stage.undo();
    expect((await stage.state())["refs"]).not.toHaveProperty("main");
  });

  test("what was merged into production since then, and the merge branch lacks, is told", async () => {
    const stage = await setLaneStage();
    await stage.init();
    await stage.github.as("alice").merge(name, 1);
    expect((await stage.init()).left).toEqual([]);
    await stage.github.as("alice").commit(name, { branch: "production", files: { "by-hand.pp": "" }, message: "By hand" });
    expect((await stage.init()).left).toEqual([
      expect.stringMatching(/^production has 1 commit that main lacks: merge production into it/u),
    ]);
  });

  test("what is to be mended before nodes get lanes is told with its place", async () => {
    const stage = await setLaneStage();
    const files = {
      Puppetfile: "mod 'a', :git => 'https://x/a', :branch => 'main'\n",
      "environment.conf": "modulepath = $environment/site\n",
    };
    await stage.github.as("alice").commit(name, { branch: "production", files, message: "Debts" });
    expect((await stage.init({}, null)).debts).toEqual([
      expect.stringMatching(/^Puppetfile:1: the module a follows the branch main/u),
      expect.stringMatching(/^environment\.conf:1: modulepath has the lane's name in it/u),
      expect.stringMatching(/^environment\.conf: there is no config_version/u),
    ]);
  });

  test("a repository that has no rulesets is set up all the same", async () => {
    const stage = await setLaneStage();
    for (const route of ["GET /repos/{owner}/{repo}/rulesets", "GET /repos/{owner}/{repo}/rules/branches/{branch}"])
      stage.github.faults.next({ kind: "error-before", route, status: 403, times: 20 });
    await stage.init();
    expect(await stage.state()).toMatchObject({ defaultBranch: "main" });
  });

  test("rules that production has and the merge branch has not are told", async () => {
    const stage = await setLaneStage();
    stage.github.ruleset(name, { name: "by hand", branches: ["production"], pullRequest: { approvals: 1 }, blockForcePush: true });
    expect((await stage.init()).unguarded).toEqual(["non_fast_forward", "pull_request"]);
  });

  const refusals: [string, (stage: LaneStage) => Promise<unknown>, string | null, RegExp][] = [
    [
      "a merge branch with other commits",
      ({ github }) => github.as("alice").commit(name, { branch: "main", from: "production", files: { "m.pp": "" }, message: "m" }),
      lanes("canary"),
      /branch main already.*--merge-branch/su,
    ],
    [
      "a lane's branch with other commits",
      ({ github }) =>
        github.as("alice").commit(name, { branch: "production_canary", from: "production", files: { "m.pp": "" }, message: "m" }),
      lanes("canary"),
      /branch production_canary already.*its nodes would get other code/su,
    ],
    [
      "a lane that is the merge branch",
      async () => {},
      "version: 1\nlanes:\n  - { name: a, environment: main, members: { percent: 5 } }\n  - { name: rest }\n",
      /A lane has the environment main/u,
    ],
    ["production elsewhere", async () => {}, "version: 1\ncompile: { environment: live }\n", /no branch live/u],
    ["a policy that can't be read", async () => {}, "version: 1\nlane: []\n", /puppet-gate\.yml:2/u],
  ];
  test.each(refusals)("%s: refused with a reason, and nothing was done", async (_, make, policy, words) => {
    const stage = await setLaneStage(policy);
    await make(stage);
    const before = await stage.state();
    await expect(stage.init()).rejects.toThrow(words);
    expect(await stage.state()).toEqual(before);
  });

  test("whoever is no administrator is told what the token needs", async () => {
    const stage = await setLaneStage();
    await expect(stage.init({}, stage.forgeOf("alice"))).rejects.toThrow(
      /make main the default branch.*GITHUB_TOKEN has to be an administrator's/su,
    );
    await stage.init();
    expect((await stage.state())["defaultBranch"]).toBe("main");
  });
});

describe("taking it back", () => {
  test("gives the merge branch's pull requests their base back, those that were opened since among them", async () => {
    const stage = await setLaneStage();
    await stage.init();
    const alice = stage.github.as("alice");
    await alice.commit(name, { branch: "four", from: "main", files: { "four.pp": "# 4\n" }, message: "four" });
    await alice.openPull(name, { head: "four", base: "main", title: "Four" });
    await alice.closePull(name, 2);
    const result = await stage.undo();
    expect(result.left).toEqual([expect.stringContaining("#4")]);
    expect(await stage.state()).toMatchObject({
      bases: { 1: "open production", 2: "closed main", 4: "open production" },
      defaultBranch: "production",
    });
  });

  test("leaves alone what was there before", async () => {
    const stage = await setLaneStage();
    const alice = stage.github.as("alice");
    const { refs } = (await stage.state()) as { refs: Record<string, string> };
    await alice.moveBranch(name, "production_canary", refs["production"] ?? "");
    await stage.init();
    await stage.undo();
    expect((await stage.state())["refs"]).toEqual({ ...refs, production_canary: refs["production"] });
  });

  const moves: [string, (stage: LaneStage) => Promise<unknown>, RegExp][] = [
    ["something was merged", ({ github }) => github.as("alice").merge(name, 1), /main was made at .* and is at/u],
    [
      "a release is in a lane",
      ({ github }) => github.as("alice").commit(name, { branch: "production_canary", files: { "r.pp": "" }, message: "r" }),
      /production_canary was made at .*A release is in that lane/su,
    ],
    [
      "a pull request is for a lane's branch",
      ({ github }) => github.as("alice").openPull(name, { head: "one", base: "production_lon", title: "Into a lane" }),
      /Pull request #4 \(one into production_lon\) would be closed/u,
    ],
    ["nothing is noted", ({ notes }) => notes.remove(), /Nothing is noted .*--notes/su],
  ];
  test.each(moves)("%s: refused with a reason, and nothing was done", async (_, move, words) => {
    const stage = await setLaneStage();
    await stage.init();
    await move(stage);
    const before = await stage.state();
    await expect(stage.undo()).rejects.toThrow(words);
    expect(await stage.state()).toEqual(before);
  });
});
