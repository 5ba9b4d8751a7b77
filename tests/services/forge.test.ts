import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import type { ResolvedModule } from "../../src/engine/ports/modules.ts";
import { createModuleResolver } from "../../src/git/modules/resolver.ts";
import { type Remote, serve } from "../git/remote.ts";

/** A forge of one module, by the parts of its API that r10k asks for, and the real r10k. */
let folder: string;
let forge: Remote;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-forge-test-"));
  const module = join(folder, "acme-clock-1.2.0");
  mkdirSync(join(module, "manifests"), { recursive: true });
  writeFileSync(join(module, "metadata.json"), JSON.stringify({ name: "acme-clock", version: "1.2.0", author: "acme", dependencies: [] }));
  writeFileSync(join(module, "manifests/init.pp"), "class clock { }\n");
  execFileSync("tar", ["-czf", "acme-clock-1.2.0.tar.gz", "acme-clock-1.2.0"], { cwd: folder });
  const releaseOf = (slug: string, tarball: Buffer) => ({
    slug,
    version: slug.split("-")[2],
    file_uri: `/v3/files/${slug}.tar.gz`,
    file_md5: createHash("md5").update(tarball).digest("hex"),
    file_sha256: createHash("sha256").update(tarball).digest("hex"),
  });
  const release = releaseOf("acme-clock-1.2.0", readFileSync(join(folder, "acme-clock-1.2.0.tar.gz")));
  const owner = { slug: "acme", username: "acme" };
  const answers: Record<string, unknown> = {
    "/v3/modules/acme-clock": { slug: "acme-clock", name: "clock", owner, current_release: release, releases: [release] },
    "/v3/releases/acme-clock-1.2.0": release,
  };
  // What is small to fetch, and large once it is unpacked: one file, and many of nothing.
  for (const [name, fill] of Object.entries({
    bomb: "head -c 100000000 /dev/zero > zeros",
    swarm: 'for n in $(seq 4000); do : > "$n"; done',
  })) {
    const inside = join(folder, `acme-${name}-1.0.0`);
    mkdirSync(inside);
    writeFileSync(
      join(inside, "metadata.json"),
      JSON.stringify({ name: `acme-${name}`, version: "1.0.0", author: "acme", dependencies: [] }),
    );
    execFileSync("sh", ["-c", fill], { cwd: inside });
    execFileSync("tar", ["-czf", `acme-${name}-1.0.0.tar.gz`, `acme-${name}-1.0.0`], { cwd: folder });
    rmSync(inside, { recursive: true });
    const one = releaseOf(`acme-${name}-1.0.0`, readFileSync(join(folder, `acme-${name}-1.0.0.tar.gz`)));
    answers[`/v3/modules/acme-${name}`] = { slug: `acme-${name}`, name, owner, current_release: one, releases: [one] };
    answers[`/v3/releases/acme-${name}-1.0.0`] = one;
  }
  forge = await serve((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const tarball = path.startsWith("/v3/files/") ? join(folder, path.slice("/v3/files/".length)) : "";
    if (existsSync(tarball)) response.writeHead(200, { "content-type": "application/gzip" }).end(readFileSync(tarball));
    else if (path in answers) response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answers[path]));
    else response.writeHead(404, { "content-type": "application/json" }).end("{}");
  });
});
afterAll(async () => {
  await forge.close();
  rmSync(folder, { recursive: true });
});

function resolve(version: string | null, sources = [forge.url], at = forge.url): Promise<ResolvedModule> {
  const resolver = createModuleResolver({ cache: join(folder, "cache"), credentials: async () => null, allowed: null });
  const source = { kind: "forge" as const, slug: "acme-clock", version };
  return resolver.resolve({ name: "clock", title: "acme/clock", line: 1, folder: "modules", source }, at, sources);
}

test("a release comes by r10k, is kept, and is not asked for again", async () => {
  const found = await resolve("1.2.0");
  expect(found).toMatchObject({ ok: true, id: "acme-clock@1.2.0", version: "1.2.0", moves: false });
  if (!found.ok) throw new Error(found.text);
  expect(readFileSync(join(found.folder, "clock/manifests/init.pp"), "utf8")).toBe("class clock { }\n");
  expect(found.files.map(({ path }) => path)).toEqual(["manifests/init.pp", "metadata.json"]);
  const asked = forge.requests.length;
  expect(await resolve("1.2.0")).toEqual(found);
  expect(forge.requests.length).toBe(asked);
});

test("the newest is that of today, and said to move", async () => {
  expect(await resolve(null)).toMatchObject({ ok: true, id: "acme-clock@1.2.0", moves: true });
});

test("a release that is not there, and a forge that nobody allowed, are refused with a way out", async () => {
  const none = await resolve("9.9.9");
  expect(none).toMatchObject({ ok: false, text: expect.stringContaining("acme-clock 9.9.9 can't be had from") });
  expect(none).not.toHaveProperty("passing");
  expect(await resolve("1.2.1", ["**"], "http://127.0.0.1:1")).toMatchObject({ ok: false, passing: true });
  const asked = forge.requests.length;
  expect(await resolve("1.2.0", ["https://forgeapi.puppet.com"])).toMatchObject({
    ok: false,
    text: expect.stringContaining("does not let"),
  });
  expect(forge.requests.length).toBe(asked);
});

test.each(["bomb", "swarm"])("a release that unpacks to more than the disk may take is ended: %s", async (name) => {
  const cache = join(folder, "small-cache");
  const resolver = createModuleResolver({ cache, credentials: async () => null, allowed: null, mostBytes: 8 * 2 ** 20 });
  const source = { kind: "forge" as const, slug: `acme-${name}`, version: "1.0.0" };
  const module = { name, title: `acme/${name}`, line: 1, folder: "modules", source };
  expect(await resolver.resolve(module, forge.url, [forge.url])).toEqual({
    ok: false,
    text: `acme-${name} 1.0.0 of ${forge.url} takes more than 8 MiB while it is fetched and unpacked, which is what a release may take; r10k was ended.`,
    hint: "Name another release, or vendor what is needed of it.",
  });
  expect(existsSync(join(cache, "trees"))).toBe(false);
});
