import { afterEach, beforeEach, expect, it } from "vitest";
import { roll } from "../../src/engine/rollout/roll.ts";
import { openMirror } from "../../src/git/mirror.ts";
import { lease, origin, RollWorld } from "../engine/rollout/world.ts";
import { type Remote, serveGit } from "./remote.ts";
import { type Repo, World } from "./world.ts";

/** What looks of a rollout ask a remote: git's own server counts. */
let world: World;
let upstream: Repo;
let remote: Remote;
let rollout: RollWorld;

beforeEach(async () => {
  world = new World();
  upstream = world.repo("upstream.git");
  upstream.git("config", "http.receivepack", "true");
  const first = upstream.commit({ a: "1\n" });
  for (const lane of ["production_canary", "production"]) upstream.git("branch", lane, first);
  remote = await serveGit(world.folder, null);
  rollout = new RollWorld();
  rollout.line = [];
});
afterEach(async () => {
  await remote.close();
  await world.end();
});

/** Conversations with git's server that one look has: a question for refs, a fetch or a push is one each. */
async function look(): Promise<number> {
  const before = remote.requests.length;
  const opened = openMirror({ url: `${remote.url}/upstream.git`, folder: world.path("mirror"), credentials: async () => null });
  const served = async (environment: string): Promise<string> => upstream.git("rev-parse", environment);
  const ports = rollout.ports();
  const compilers = {
    ...ports.site.compilers,
    served: async (environment: string) =>
      ({ known: true, value: [{ compiler: "puppet1", commit: await served(environment), why: null, modules: [] }] }) as const,
  };
  const looked = await roll(
    { ...ports, openMirror: () => opened, site: { ...ports.site, compilers } },
    origin,
    lease,
    new AbortController().signal,
  );
  expect(looked.kind).toBe("looked");
  return remote.requests.slice(before).filter(({ path }) => path.includes("/info/refs")).length;
}

it("are one question where nothing is to be done; what came to the base branch is fetched once, and a branch is moved once", async () => {
  await look();
  expect([await look(), await look()]).toEqual([1, 1]);
  const release = upstream.commit({ a: "2\n" });
  expect(upstream.git("rev-parse", "production_canary")).not.toBe(release);
  // Asked, fetched and moved.
  const asked: number[] = [];
  for (let looks = 0; looks < 3; looks += 1) asked.push(await look());
  expect(asked).toEqual([3, 1, 1]);
  expect(upstream.git("rev-parse", "production_canary")).toBe(release);
});
