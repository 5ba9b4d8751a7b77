import { existsSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMirror } from "../../src/git/mirror.ts";
import { pruneMirror } from "../../src/git/prune.ts";
import { serveGit, type Remote } from "./remote.ts";
import { World } from "./world.ts";

/** What a mirror keeps for changes, and lets go of once they are closed. */
let world: World;
let remote: Remote;
beforeEach(async () => {
  world = new World();
  remote = await serveGit(world.folder, null);
});
afterEach(async () => {
  await remote.close();
  await world.end();
});

it("keeps the commits of open changes, and the refs of no other", async () => {
  const upstream = world.repo("upstream.git");
  const [one, two] = [upstream.commit({ a: "1\n" }), upstream.commit({ a: "2\n" })];
  const folder = world.path("data/mirror");
  const mirror = await openMirror({ url: `${remote.url}/upstream.git`, folder, credentials: async () => null });
  await mirror.fetch(["refs/heads/main:refs/heads/main"]);
  await mirror.keep(7, [one, two]);
  await mirror.keep(70, [one]);
  expect(await pruneMirror(folder, new Set([7, 8]))).toBe(1);
  const refs = upstream.git("--git-dir", folder, "for-each-ref", "--format=%(refname)").split("\n");
  expect(refs.filter((ref) => ref !== "")).toEqual(
    ["refs/heads/main", `refs/puppet-gate/7/commits/${one}`, `refs/puppet-gate/7/commits/${two}`].sort(),
  );
  expect(await pruneMirror(folder, new Set())).toBe(2);
  // Whoever works with a commit still finds it.
  expect(upstream.git("--git-dir", folder, "cat-file", "-t", one).trim()).toBe("commit");
  await mirror.close();
});

it("makes no mirror where there is none", async () => {
  expect(await pruneMirror(world.path("none"), new Set())).toBe(0);
  expect(existsSync(world.path("none"))).toBe(false);
});
