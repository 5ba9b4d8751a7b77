import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Mirror, openMirror } from "../../src/git/mirror.ts";
import { type Remote, serve, serveGit } from "./remote.ts";
import { type Repo, World } from "./world.ts";

const TOKEN = "ghs_0123456789abcdefghijABCDEFGHIJ456789";
const BASIC = Buffer.from(`x-access-token:${TOKEN}`).toString("base64");
const BOTH = ["refs/heads/main:refs/heads/main", "refs/pull/7/head:refs/pull/7/head"];

let world: World;
let upstream: Repo;
let remotes: Remote[];
let mirrors: Mirror[];

beforeEach(() => {
  world = new World();
  upstream = world.repo("upstream.git");
  upstream.commit({ a: "1\n2\n3\n4\n5\n" });
  upstream.branch("head").commit({ a: "1\n2\n3\n4\nhead\n" });
  upstream.git("update-ref", "refs/pull/7/head", "HEAD");
  upstream.git("switch", "--quiet", "main");
  upstream.commit({ a: "base\n2\n3\n4\n5\n" });
  remotes = [];
  mirrors = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const mirror of mirrors) await mirror.close();
  for (const remote of remotes) await remote.close();
  await world.end();
});

const listen = async (remote: Promise<Remote>): Promise<Remote> => {
  remotes.push(await remote);
  return remote;
};

const mirrorOf = async (url: string, token: string | null = TOKEN): Promise<Mirror> => {
  const mirror = await openMirror({ url, folder: world.path("data/mirror"), credentials: async () => token });
  mirrors.push(mirror);
  return mirror;
};

/** Puts a script in git's place, which knows the real one as $REAL. */
const putGit = (script: string): void => {
  const real = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  mkdirSync(world.path("bin"));
  writeFileSync(world.path("bin/git"), `#!/bin/sh\nREAL=${real}\n${script}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${world.path("bin")}:${process.env["PATH"]}`);
};

const open = async (password: string | null = TOKEN): Promise<Mirror> => {
  const remote = await listen(serveGit(world.folder, password));
  return mirrorOf(`${remote.url}/upstream.git`);
};

/** The Problem that a promise ends in, as one text. */
const complaint = async (promise: Promise<unknown>): Promise<{ code?: string; words: string }> => {
  try {
    await promise;
    return { words: "nothing" };
  } catch (error) {
    return { code: (error as { code?: string }).code ?? "", words: `${JSON.stringify(error)} ${(error as Error).stack}` };
  }
};

describe("a mirror", () => {
  it("is fetched with a token that is asked for each time, and answers like any repository", async () => {
    const remote = await listen(serveGit(world.folder, TOKEN));
    const tokens = [TOKEN, TOKEN];
    const mirror = await openMirror({
      url: `${remote.url}/upstream.git`,
      folder: world.path("data/mirror"),
      credentials: async () => tokens.pop() ?? "expired",
    });
    mirrors.push(mirror);
    expect(tokens).toHaveLength(2);
    await mirror.fetch(BOTH);
    expect(tokens).toHaveLength(1);
    expect(remote.requests.every(({ authorization }) => authorization === `Basic ${BASIC}`)).toBe(true);

    const base = await mirror.resolve("refs/heads/main");
    const head = await mirror.resolve("refs/pull/7/head");
    expect([base.sha, head.sha]).toEqual([upstream.git("rev-parse", "main"), upstream.git("rev-parse", "head")]);
    const merged = await mirror.merge(base, head);
    expect(merged.ok && String(await mirror.read(merged.tree, "a"))).toBe("base\n2\n3\n4\nhead\n");
    expect(await mirror.defaultBranch()).toBe("refs/heads/main");
    expect(tokens).toHaveLength(0);
  });

  it("follows a branch wherever it moves, backwards too", async () => {
    const mirror = await open();
    await mirror.fetch(BOTH);
    upstream.git("reset", "--quiet", "--hard", "HEAD~1");
    await mirror.fetch(BOTH);
    expect((await mirror.resolve("refs/heads/main")).sha).toBe(upstream.git("rev-parse", "main"));
    const newer = upstream.commit({ b: "new" });
    await mirror.fetch(BOTH);
    expect(String(await mirror.read(await mirror.treeOf(await mirror.resolve(newer)), "b"))).toBe("new");
  });

  it("keeps what it has between two openings, for its owner's eyes alone", async () => {
    const first = await open();
    await first.fetch(BOTH);
    const [remote] = remotes;
    const again = await mirrorOf(`${remote?.url}/upstream.git`);
    expect((await again.resolve("refs/heads/main")).sha).toBe(upstream.git("rev-parse", "main"));
    expect(statSync(world.path("data/mirror")).mode & 0o777).toBe(0o700);
  });

  it("can be asked to fetch twice at once", async () => {
    // A git that fails when another of its fetches is under way.
    const lock = world.path("fetching");
    putGit(
      `if [ "$1" = fetch ]; then mkdir ${lock} || exit 99; $REAL "$@"; code=$?; sleep 0.2; rmdir ${lock}; exit $code; fi\nexec $REAL "$@"`,
    );
    const mirror = await open();
    await Promise.all([mirror.fetch(BOTH), mirror.fetch(BOTH), mirror.fetch([BOTH[0] ?? ""])]);
    expect((await mirror.resolve("refs/pull/7/head")).sha).toBe(upstream.git("rev-parse", "head"));
  });

  it("takes all refs or none", async () => {
    const mirror = await open();
    expect(await complaint(mirror.fetch([BOTH[0] ?? "", "refs/pull/8/head:refs/pull/8/head"]))).toMatchObject({
      code: "unknown-ref",
      words: expect.stringContaining("has no refs/pull/8/head"),
    });
    await expect(mirror.resolve("refs/heads/main")).rejects.toMatchObject({ code: "no-commits" });
  });

  it("gets over a lock that a killed fetch left behind, and not over another's", async () => {
    const mirror = await open();
    await mirror.fetch(BOTH);
    upstream.commit({ b: "new" });
    const lock = world.path("data/mirror/refs/heads/main.lock");
    writeFileSync(lock, "");
    expect((await complaint(mirror.fetch(BOTH))).code).toBe("git-failed");
    utimesSync(lock, new Date(), new Date(Date.now() - 3_600_000));
    await mirror.fetch(BOTH);
    expect((await mirror.resolve("refs/heads/main")).sha).toBe(upstream.git("rev-parse", "main"));
  });
});

describe("the token", () => {
  it("is on no command line and in no file", async () => {
    const remote = await listen(serveGit(world.folder, TOKEN));
    putGit(`echo "$*" >> ${world.path("commands")}\nexec $REAL "$@"`);
    const mirror = await mirrorOf(`${remote.url}/upstream.git`);
    await mirror.fetch(BOTH);
    const commands = readFileSync(world.path("commands"), "utf8");
    expect(commands).toContain("fetch --stdin");
    expect(commands).not.toMatch(/ghs_|Basic|eC1hY2Nlc3M/u);
    const files = readdirSync(world.path("data"), { recursive: true, encoding: "utf8", withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) expect(readFileSync(join(file.parentPath, file.name), "latin1")).not.toMatch(/ghs_|eC1hY2Nlc3M/u);
  });

  it("is in no words, also where the remote says it back", async () => {
    const remote = await listen(serveGit(world.folder, "another"));
    const { code, words } = await complaint((await mirrorOf(`${remote.url}/upstream.git`)).fetch(BOTH));
    expect(code).toBe("fetch-refused");
    expect(words).not.toContain(TOKEN);
    expect(words).not.toContain(BASIC);
  });

  it("is in no words, also where the remote ends with them", async () => {
    const remote = await listen(
      serve((request, response) => {
        const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, "0") + text;
        response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
        response.end(`${packet("# service=git-upload-pack\n")}0000${packet(`ERR ${request.headers.authorization} is ${TOKEN}`)}`);
      }),
    );
    const { code, words } = await complaint((await mirrorOf(`${remote.url}/upstream.git`)).fetch(BOTH));
    expect(code).toBe("git-failed");
    expect(words).toContain("Basic *** is ***");
    expect(words).not.toContain(TOKEN);
  });

  it("goes nowhere else: a redirect is not followed", async () => {
    const other = await listen(serveGit(world.folder, null));
    const remote = await listen(
      serve((request, response) => void response.writeHead(301, { location: `${other.url}${request.url}` }).end()),
    );
    const { code } = await complaint((await mirrorOf(`${remote.url}/upstream.git`)).fetch(BOTH));
    expect(code).toBe("remote-unreachable");
    expect(other.requests).toEqual([]);
  });

  it.each([
    ["empty", ""],
    ["of two lines", "a\nHost: evil"],
    ["with a blank", "a b"],
  ])("is refused when it is %s", async (_, token) => {
    const remote = await listen(serveGit(world.folder, null));
    expect((await complaint((await mirrorOf(`${remote.url}/upstream.git`, token)).fetch(BOTH))).code).toBe("bad-credentials");
    expect(remote.requests).toEqual([]);
  });

  it("is not needed for what everybody may read", async () => {
    const remote = await listen(serveGit(world.folder, null));
    await (await mirrorOf(`${remote.url}/upstream.git`, null)).fetch(BOTH);
    expect(remote.requests[0]?.authorization).toBeUndefined();
  });
});

describe("a remote that can't be mirrored", () => {
  it.each([
    "http://github.example.com/a/b.git",
    "ssh://git@github.example.com/a/b.git",
    "git@github.example.com:a/b.git",
    "file:///etc",
    "ext::sh -c id",
    "/etc",
    "--upload-pack=id",
    `https://x-access-token:${TOKEN}@github.example.com/a/b.git`,
    `https://github.example.com/a/b.git?token=${TOKEN}`,
  ])("by its address: %s", async (url) => {
    const { code, words } = await complaint(mirrorOf(url));
    expect(code).toBe("bad-remote");
    expect(words).not.toContain(TOKEN);
    expect(existsSync(world.path("data"))).toBe(false);
  });

  it.each([
    "refs/heads/main",
    "--upload-pack=id:refs/heads/x",
    "refs/heads/a:refs/../../x",
    "refs/heads/a:refs/heads/b\nrefs/heads/c:refs/heads/d",
    "HEAD:refs/heads/x",
  ])("by what is asked for: %j", async (refspec) => {
    const mirror = await open();
    expect((await complaint(mirror.fetch([refspec]))).code).toBe("bad-refspec");
    expect(remotes[0]?.requests).toEqual([]);
  });

  it("because nobody listens, or there is no such repository", async () => {
    const remote = await serveGit(world.folder, null);
    await remote.close();
    expect(await complaint((await mirrorOf(`${remote.url}/upstream.git`)).fetch(BOTH))).toMatchObject({ code: "remote-unreachable" });
    const listening = await listen(serveGit(world.folder, null));
    expect(await complaint((await mirrorOf(`${listening.url}/nowhere.git`)).fetch(BOTH))).toMatchObject({ code: "fetch-refused" });
  });
});
