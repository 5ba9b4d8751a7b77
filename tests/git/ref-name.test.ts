import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openMirror } from "../../src/git/mirror.ts";
import { isRefName } from "../../src/git/ref-name.ts";
import { type Remote, serveGit } from "./remote.ts";
import { World } from "./world.ts";

/** Whatever git lets a branch be called can be looked after, and nothing else is asked for. */
const names = ["main", "prod+1", "prod#1", "x@y", "@", "größe", "生産", "a/b.c", "a,b", "a'b", 'a"b', "a;b", "$(id)", "-x", "a{b"];
const none = [
  "",
  ".a",
  "a/.b",
  "a..b",
  "a.",
  "a.lock",
  "a.lock/b",
  "a//b",
  "a/",
  "a b",
  "a~b",
  "a^b",
  "a:b",
  "a?b",
  "a*b",
  "a[b",
  "a\\b",
  "a@{b",
];
const controls = ["a\nb", "a\tb", "a\x7fb"];

it.each([...names, ...none, ...controls])("says of %j what git check-ref-format says", (name) => {
  const { status } = spawnSync("git", ["check-ref-format", `refs/heads/${name}`]);
  expect(isRefName(`refs/heads/${name}`)).toBe(status === 0);
  expect(status === 0).toBe(names.includes(name));
});

let world: World;
let remote: Remote;
beforeAll(async () => {
  world = new World();
  const upstream = world.repo("upstream.git");
  upstream.commit({ a: "1" });
  for (const name of names.slice(1)) upstream.git("update-ref", `refs/heads/${name}`, "HEAD");
  remote = await serveGit(world.folder, null);
});
afterAll(async () => {
  await remote.close();
  await world.end();
});

it("finds the tip of each such branch", async () => {
  const mirror = await openMirror({ url: `${remote.url}/upstream.git`, folder: world.path("mirror"), credentials: async () => null });
  try {
    for (const name of names) expect(await mirror.tipOf(name)).toMatch(/^[0-9a-f]{40}$/u);
  } finally {
    await mirror.close();
  }
});
