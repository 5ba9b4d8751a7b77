import { beforeEach, describe, expect, it } from "vitest";
import type { News } from "../../../src/engine/ports/news.ts";
import { createReverts, type RevertForge, type RevertMirror } from "../../../src/engine/rollout/reverts.ts";
import { known } from "../../../src/policy/known.ts";
import type { Event } from "../../../src/rollout/effects.ts";
import type { Rollout } from "../../../src/rollout/state.ts";
import type { Suspect } from "../../../src/rollout/suspects.ts";
import { memoryLog } from "../stand-ins/world.ts";
import { origin, rolloutOf, stageOf, start } from "./world.ts";

const bad = "b".repeat(40);
const suspect: Suspect = { commit: bad, number: 12, score: 1, why: [] };
const other: Suspect = { commit: "c".repeat(40), number: 13, score: 0, why: [] };

/** Git and GitHub as tables: branches by name, what each commit says that it takes back, and pull requests by their branch. */
class RevertWorld {
  line = [{ sha: bad, reverts: [] as string[] }];
  branches = new Map<string, string>();
  pulls: { branch: string; number: number }[] = [];
  others: number[] = [];
  outcome: "made" | "conflict" | "nothing" = "made";
  rollout: Rollout = rolloutOf(stageOf({ release: bad }));
  said: { number: number; paths: readonly string[] }[] = [];
  refused: string | null = null;
  /** Dies at this call, before or after it. */
  kill: { at: number; after: boolean } | null = null;
  calls = 0;

  async step<T>(work: () => T): Promise<T> {
    this.calls += 1;
    if (this.kill?.at === this.calls && !this.kill.after) throw new Error("killed");
    const result = work();
    if (this.kill !== null && this.calls >= this.kill.at) throw new Error("killed");
    return result;
  }

  mirror(): RevertMirror {
    const takesBack = (sha: string): string[] =>
      sha.startsWith("revert of ") ? [sha.slice(10)] : (this.line.find((one) => one.sha === sha)?.reverts ?? []);
    return {
      heads: async (names) => ({
        defaultBranch: "refs/heads/main",
        tip: this.line.at(-1)?.sha ?? "",
        tips: new Map(names.map((name) => [name, this.branches.get(name) ?? null])),
      }),
      lineOf: async (branch, after) => {
        const own = this.branches.get(branch);
        if (own !== undefined) return { tip: own, steps: [{ sha: own, parents: ["base"] }] };
        const at = this.line.findIndex(({ sha }) => sha === after);
        return {
          tip: this.line.at(-1)?.sha ?? "",
          steps: at < 0 ? null : this.line.slice(at + 1).map(({ sha }) => ({ sha, parents: [] })),
        };
      },
      revertsOf: async ({ sha }) => takesBack(sha),
      subjectOf: async () => "Broken (#12)",
      makeRevert: async ({ bad: of }) =>
        this.outcome === "made"
          ? { kind: "made", commit: `revert of ${of}` }
          : this.outcome === "nothing"
            ? { kind: "nothing" }
            : { kind: "conflict", paths: ["a.pp"] },
      push: async ({ branch, expected, commit }) =>
        this.step(() => {
          if (this.refused !== null) return { kind: "refused", reason: "other", text: this.refused };
          if (this.branches.has(branch) || expected !== "0".repeat(40))
            return { kind: "refused", reason: "base-moved", text: "it is there" };
          this.branches.set(branch, commit);
          return { kind: "merged", sha: commit };
        }),
      close: async () => undefined,
    };
  }

  forge(): RevertForge {
    return {
      signature: async () => ({ name: "gate[bot]", email: "gate" }),
      revertsOf: async (_, { branch }) => [
        ...this.pulls.filter((pull) => pull.branch === branch).map(({ number }) => number),
        ...this.others,
      ],
      openRevert: async (_, { branch }) =>
        this.step(() => {
          if (!this.branches.has(branch) || this.pulls.some((pull) => pull.branch === branch)) throw new Error("GitHub refused it");
          return this.pulls.push({ branch, number: 20 + this.pulls.length });
        }),
      sayConflict: async (_, number, { paths }) => void this.said.push({ number, paths }),
    };
  }

  async tell(event: Event = halted()): Promise<void> {
    const news: News = { seq: 1, repository: origin.repository.id, at: start, event };
    const place = createReverts({
      forge: this.forge(),
      openMirror: async () => this.mirror(),
      records: { rolloutOf: async () => ({ rollout: this.rollout }) },
      draft: async () => null,
      log: memoryLog().log,
    });
    await place.tell(origin, news, new AbortController().signal);
  }
}

const halted = (suspects: readonly Suspect[] = [suspect], kind: "failed" | "undecided" = "failed"): Event => {
  const verdict = kind === "failed" ? { kind, troubles: [], counts: {} } : { kind, missing: [], counts: {} };
  return {
    kind: "halted",
    lane: "canary",
    release: bad,
    suspects,
    halt: { why: { kind: "verdict", verdict }, at: 0, stays: known({ items: [], more: 0 }) },
  };
};

let world: RevertWorld;
beforeEach(() => {
  world = new RevertWorld();
});

describe("the pull request that takes a suspect back", () => {
  it("is opened from a branch of its own", async () => {
    await world.tell();
    expect([...world.branches]).toEqual([["puppet-gate/revert-12", `revert of ${bad}`]]);
    expect(world.pulls).toEqual([{ branch: "puppet-gate/revert-12", number: 20 }]);
  });

  it("has the commit's name where no pull request landed it", async () => {
    await world.tell(halted([{ ...suspect, number: null }]));
    expect(world.pulls.map(({ branch }) => branch)).toEqual(["puppet-gate/revert-bbbbbbbbbbbb"]);
  });

  it.each<[string, () => Event | undefined]>([
    [
      "nobody is clearly it",
      () =>
        halted([
          { ...suspect, score: 0.6 },
          { ...other, score: 0.4 },
        ]),
    ],
    ["nobody is named", () => halted([])],
    ["the lane is neither good nor bad", () => halted([suspect], "undecided")],
    [
      "a person stopped it",
      () => ({
        kind: "halted",
        lane: "canary",
        release: bad,
        halt: { why: { kind: "person", by: { id: 1, name: "x" }, reason: "" }, at: 0 },
      }),
    ],
    ["something else happened", () => ({ kind: "moved", lane: "canary", release: bad })],
    ["it was taken back already", () => void (world.line = [...world.line, { sha: "d", reverts: [bad] }])],
    ["the base branch does not have it any more", () => void (world.line = [{ sha: "d", reverts: [] }])],
    ["nothing of it is left", () => void (world.outcome = "nothing")],
    ["somebody opened one", () => void (world.others = [5])],
    ["the gate opened one, and somebody closed it", () => void (world.pulls = [{ branch: "puppet-gate/revert-12", number: 3 }])],
    ["somebody took the release for good since", () => void (world.rollout = rolloutOf(null, { verified: bad }))],
  ])("is not opened where %s", async (_, set) => {
    const event = set();
    const before = structuredClone(world.pulls);
    await world.tell(event ?? halted());
    expect([world.pulls, [...world.branches], world.said]).toEqual([before, [], []]);
  });

  it("is opened where what took it back was taken back itself", async () => {
    world.line = [...world.line, { sha: "d", reverts: [bad] }, { sha: "e", reverts: ["d"] }];
    await world.tell();
    expect(world.pulls).toHaveLength(1);
  });

  it("is a word in the suspect's own where it can't be made", async () => {
    world.outcome = "conflict";
    await world.tell();
    expect([world.said, world.pulls, world.branches.size]).toEqual([[{ number: 12, paths: ["a.pp"] }], [], 0]);
    await world.tell(halted([{ ...suspect, number: null }]));
    expect(world.said).toHaveLength(1);
  });

  it("leaves a branch of that name alone that is somebody else's", async () => {
    world.branches.set("puppet-gate/revert-12", "d");
    await expect(world.tell()).rejects.toMatchObject({ code: "revert-branch-taken" });
    expect([...world.branches.values()]).toEqual(["d"]);
  });

  it("is tried again where the branch can't be made", async () => {
    world.refused = "a ruleset does not let it";
    await expect(world.tell()).rejects.toMatchObject({
      code: "revert-not-pushed",
      text: expect.stringContaining("a ruleset does not let it") as unknown,
    });
  });

  it.each(
    [1, 2].flatMap((at) => [
      { at, after: false },
      { at, after: true },
    ]),
  )("is one, where the process dies at $at (after it: $after)", async (kill) => {
    world.kill = kill;
    await expect(world.tell()).rejects.toThrow("killed");
    world.kill = null;
    await world.tell();
    await world.tell();
    expect(world.pulls).toEqual([{ branch: "puppet-gate/revert-12", number: 20 }]);
  });
});
