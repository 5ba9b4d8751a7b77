import { afterEach, beforeEach, expect, it } from "vitest";
import { type Mirror, openMirror } from "../../src/git/mirror.ts";
import { doesAgain } from "../../src/rollout/copies.ts";
import { type Remote, serveGit } from "./remote.ts";
import { type Repo, World } from "./world.ts";

/** What comes back by another name, on real git. */
let world: World;
let upstream: Repo;
let remote: Remote;
let mirror: Mirror;
let bad: string;
const lines = (...texts: string[]): string => `${texts.join("\n")}\n`;
const git = (...args: string[]): string => upstream.git(...args);

/** A pull request of two commits is merged, something else lands, and it is taken back. */
beforeEach(async () => {
  world = new World();
  upstream = world.repo("upstream.git");
  upstream.commit({ "a.yaml": lines("a: 1", "b: 2", "c: 3", "d: 4", "e: 5"), "b.pp": "class b { }\n" }, "begin");
  upstream.branch("bad").commit({ "b.pp": "class b { notice('bad') }\n" }, "one");
  upstream.commit({ "c.pp": "class c { }\n" }, "two");
  git("switch", "--quiet", "main");
  git("merge", "--quiet", "--no-ff", "--no-edit", "bad");
  bad = git("rev-parse", "main");
  upstream.commit({ "a.yaml": lines("a: 1", "b: 2", "c: 3", "d: 4", "e: 6") }, "else");
  git("revert", "--no-edit", "-m", "1", bad);
  remote = await serveGit(world.folder, null);
  mirror = await openMirror({ url: `${remote.url}/upstream.git`, folder: world.path("mirror"), credentials: async () => null });
});
afterEach(async () => {
  await mirror.close();
  await remote.close();
  await world.end();
});

async function again(): Promise<boolean> {
  await mirror.fetch(["refs/heads/main:refs/heads/main"]);
  const [one, other] = [await mirror.fingerprint(git("rev-parse", "main")), await mirror.fingerprint(bad)];
  if (one === null || other === null) throw new Error("they are not here");
  return doesAgain(one, other);
}

it.each<[string, () => unknown, boolean]>([
  ["the revert is none", () => undefined, false],
  ["the merge picked", () => git("cherry-pick", "-m", "1", bad), true],
  ["the branch squashed", () => (git("cherry-pick", "--no-commit", "-m", "1", bad), upstream.commit({}, "anew")), true],
  ["the revert reverted", () => git("revert", "--no-edit", "HEAD"), true],
  [
    "its commits among others of a pull request",
    () => {
      upstream.branch("more").commit({ "d.pp": "class d { }\n" });
      git("cherry-pick", "bad~1", "bad");
      git("switch", "--quiet", "main");
      git("merge", "--quiet", "--no-ff", "--no-edit", "more");
    },
    true,
  ],
  ["one of its two commits is another thing", () => git("cherry-pick", "bad"), false],
  [
    "the same with a fix is another thing",
    () => upstream.commit({ "b.pp": "class b { notice('good') }\n", "c.pp": "class c { }\n" }),
    false,
  ],
])("%s", async (_, act, expected) => {
  act();
  expect(await again()).toBe(expected);
});

it("is not known of a commit that is not there", async () => {
  await mirror.fetch(["refs/heads/main:refs/heads/main"]);
  expect(await mirror.fingerprint("0123456789".repeat(4))).toBeNull();
});
