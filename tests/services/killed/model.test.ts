import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Pull } from "../../../src/demo/github/state.ts";
import type { Scene } from "../../simulation/actors.ts";
import { createChance } from "../../simulation/chance.ts";
import { approve, commitTo, openPull, say } from "../../simulation/deeds.ts";
import { mergeTrees } from "../../simulation/git/history.ts";
import { isMergeOf, objectionsTo } from "../../simulation/model.ts";
import { policies, policyFile } from "../../simulation/policies.ts";
import { momentOf, observe } from "../../simulation/truth.ts";
import { createRealWorld, type RealWorld } from "./world.ts";

/** The simulation's model of what may land, on repositories of real git. */
let folder: string;
let world: RealWorld;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "puppet-gate-model-"));
  world = await createRealWorld(folder, createChance(1), 1, () => undefined);
});
afterAll(async () => {
  await world.github.close();
  await rm(folder, { recursive: true });
});

function scene(number: number | null): Scene & { pull: Pull } {
  const [place] = world.repos;
  if (place === undefined) throw new Error("there is no repository");
  const pull = number === null ? null : (place.repo.pulls.get(number) ?? null);
  return { world, chance: createChance(1), ...place, pull: pull as Pull, count: () => 1, tick: () => world.tick() };
}

function objections({ repo, pull }: Scene & { pull: Pull }): string[] {
  observe(world);
  const moment = momentOf(world);
  const base = repo.refs.get("main") ?? "";
  const claim = { repo, number: pull.number, branch: "main", base, head: pull.head.sha, window: [moment], turn: [moment] };
  return objectionsTo(world, claim);
}

it("knows what keeps a change from landing, until nothing does", async () => {
  const at = scene(null);
  const policy = policies.find(({ name }) => name === "peer and ci")?.text ?? "";
  await commitTo(at, "carol", { branch: "main", files: { [policyFile]: policy }, message: "policy" });
  await commitTo(at, "alice", { branch: "topic", from: "main", files: world.contents.broken(1), message: "broken" });
  const one = scene(await openPull(at, "alice", { head: "topic", base: "main", title: "topic" }));
  expect(objections(one)).toEqual([
    "the check of exactly this comes to blocked",
    "the required check ci was not green on its head",
    "its author did not ask for it",
    "0 peers approved what landed, and 1 are asked for",
  ]);
  await approve(one, "bob", "APPROVE");
  await commitTo(at, "alice", { branch: "topic", from: "main", files: world.contents.fine("f", 2), message: "fine" });
  const path = ".github/workflows/ci.yml";
  await world.github.workflow(at.name, "alice", { path, head: one.pull.head.sha, jobs: { ci: "success" } });
  await say(one, "alice", "/merge");
  expect(objections(one)).toEqual(["0 peers approved what landed, and 1 are asked for"]);
  await approve(one, "alice", "COMMENT");
  await approve(one, "erin", "APPROVE");
  expect(objections(one)).toEqual(["0 peers approved what landed, and 1 are asked for"]);
  await approve(one, "dave", "APPROVE");
  expect(objections(one)).toEqual([]);
});

it("makes of two commits the tree that git makes, and tells a merge from another commit", async () => {
  const at = scene(null);
  const { repo, name } = at;
  await commitTo(at, "alice", { branch: "one", from: "main", files: { "a/b/c.pp": "c\n", "a.b": "", "a/b.pp": "b\n" }, message: "one" });
  await commitTo(at, "bob", { branch: "main", files: { "a/d.pp": "d\n", "a-b": "" }, message: "base" });
  const [base = "", head = ""] = [repo.refs.get("main"), repo.refs.get("one")];
  const git = execFileSync("git", ["-C", repo.folder, "merge-tree", "--write-tree", base, head], { encoding: "utf8" }).trim();
  expect(mergeTrees(world.objects, base, head)).toBe(git);
  const number = await openPull(at, "alice", { head: "one", base: "main", title: "one" });
  const { sha } = await world.github.as("carol").merge(name, number);
  expect(isMergeOf(world, sha, base, head)).toBe(true);
  expect(isMergeOf(world, head, base, head)).toBe(false);
});
