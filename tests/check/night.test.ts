import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openFolderCache } from "../../src/cache/folder-cache.ts";
import { folderShelf } from "../../src/cache/folder.ts";
import { givenKey } from "../../src/cache/key-file.ts";
import { cacheClear } from "../../src/cli/cache-command.ts";
import type { OpenMirror } from "../../src/engine/ports/mirror.ts";
import type { NightProven } from "../../src/engine/ports/night.ts";
import { nightJudge } from "../../src/engine/night/night-judge.ts";
import type { CompileCache } from "../../src/engine/ports/cache.ts";
import type { PuppetEdge } from "../../src/engine/ports/puppet.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { openRepository } from "../../src/git/repository.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { clone, folder, git, small, write } from "./stage.ts";

/** Nights over a small control repo, with real Puppet and the folder that `serve` keeps compiles in. */
let puppet: PuppetEdge;
beforeAll(() => {
  puppet = createPuppet({ secretKey: randomBytes(32) });
});
afterAll(() => puppet.close());

const limit = 64 * 2 ** 20;
const key = randomBytes(32);
const origin = { installation: 1, repository: { id: 7, owner: "acme", name: "control" } };

/** One night from its beginning to its end. `read` is what comes out of the cache instead. */
async function night(repo: string, place: string, read: (body: Buffer) => Buffer = (body) => body): Promise<NightProven> {
  const kept = openFolderCache({
    key: givenKey(key),
    folder: place,
    limit,
    onTrouble: (error) => {
      throw error;
    },
    onBroken: () => undefined,
  });
  const cache: CompileCache = {
    ...kept,
    read: async (name) => {
      const body = await kept.read(name);
      return body === null ? null : read(body);
    },
  };
  const openMirror: OpenMirror = async () => {
    const unused = (): never => {
      throw new Error("no part of a night");
    };
    const repository = await openRepository(repo);
    const tipOf = async (branch: string): Promise<string> => git(repo, "rev-parse", branch);
    const mirror = {
      keep: unused,
      compare: unused,
      makeMerge: unused,
      push: unused,
      isReachable: unused,
      lineOf: unused,
      revertsOf: unused,
      patch: unused,
    };
    return { ...repository, ...mirror, tipOf };
  };
  const judge = nightJudge({
    openMirror,
    openModules: () => ({
      resolve: async () => Promise.reject(new Error("there are no modules")),
      history: async () => null,
      read: async () => null,
    }),
    inventory,
    puppet,
    cache,
    now: () => performance.now(),
    cores: 2,
  });
  try {
    const on = { mayGoOn: async () => true, signal: new AbortController().signal };
    return await judge({ origin, branch: "main", organisation: null, after: null }, on);
  } finally {
    await kept.close();
  }
}

it("proves what is kept of base, on its tree and on the next, finds what is wrong, and trusts nothing until it is cleared", async () => {
  const [repo, place] = [clone(small, {}), folder()];
  expect(await night(repo, place)).toMatchObject({ after: null, verdicts: 0, missed: [] });
  expect(await night(repo, place)).toMatchObject({ verdicts: 2, missed: [] });

  // What lands reaches web01 alone, so that db01 is kept by the plan.
  git(repo, "switch", "-q", "main");
  write(repo, { "site/profile/templates/web.conf.erb": "listen 8080\n" });
  git(repo, "commit", "-q", "-a", "-m", "Another port");
  expect(await night(repo, place)).toMatchObject({ verdicts: 1, missed: [] });

  // A plan that kept a compile of before this text: what is kept says hello, base compiles to hello.
  const stale = (body: Buffer): Buffer =>
    body.includes(String.raw`hello\n`) ? Buffer.from(body.toString().replaceAll(String.raw`hello\n`, String.raw`hallo\n`)) : body;
  const found = await night(repo, place, stale);
  const differs = ["content of File[/etc/motd]"];
  expect(found).toMatchObject({
    verdicts: 2,
    missed: ["db01.example.com", "web01.example.com"].map((certname) => ({ certname, differs })),
  });
  expect(found.sha).toBe(git(repo, "rev-parse", "main"));
  expect(await night(repo, place)).toMatchObject({ after: null, verdicts: 0, missed: [] });
  expect((await folderShelf(place, limit).size()).marks).toBe(1);

  await cacheClear({ place, shelf: folderShelf(place, limit), marks: async () => [] }, false, { write: () => undefined });
  expect(await night(repo, place)).toMatchObject({ verdicts: 0, missed: [] });
  expect(await night(repo, place)).toMatchObject({ verdicts: 2, missed: [] });
});
