import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import type { ModuleSource, ResolvedModule } from "../../engine/ports/modules.ts";
import { run } from "../../process/run.ts";
import { temporaryFolder } from "../../process/temporary.ts";
import { Problem } from "../../problem.ts";
import { isPassing, releaseTooLarge, saidBy } from "../problems.ts";
import { addressOf, type Allowed, isAllowed } from "./address.ts";
import { findCached, keepModule } from "./cache.ts";

type ForgeSource = Extract<ModuleSource, { kind: "forge" }>;
type Refusal = Extract<ResolvedModule, { ok: false }>;

const publicForge = "https://forgeapi.puppet.com";
const seconds = 300;

/**
 * A module of a forge, by r10k: it is given a Puppetfile that this product writes from the name and version alone, its own configuration
 * and nothing of this process's environment but the proxy. A release that was kept is not asked for again: a forge never changes one.
 */
export async function resolveFromForge(
  cache: string,
  { slug, version }: ForgeSource,
  { forge, sources, name, mostBytes }: { forge: string | null; sources: Allowed; name: string; mostBytes: number },
): Promise<ResolvedModule> {
  const written = forge === null || /^https:\/\/forge(?:api)?\.(?:puppet|puppetlabs)\.com\/?$/u.test(forge) ? publicForge : forge;
  const address = addressOf(written)?.replace(/\/+$/u, "") ?? null;
  if (address === null) return refusal(`${JSON.stringify(written.slice(0, 200))} is no address of a forge`, "Name it as https://HOST.");
  if (!isAllowed(address, sources) && !isAllowed(`${address}/`, sources))
    return refusal(`the policy of base does not let the forge ${address} be asked`, allowHint(address));
  const kept = version === null ? null : await findCached(cache, address, `${slug}@${version}`, name);
  if (kept !== null && version !== null) return { ok: true, id: `${slug}@${version}`, version, moves: false, ...kept };
  try {
    return await install(cache, { address, slug, version, name, mostBytes });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...refusal(error.text, error.hint), ...(isPassing(error) ? { passing: true } : {}) };
  }
}

interface Wanted {
  address: string;
  slug: string;
  version: string | null;
  name: string;
  mostBytes: number;
}

const metadataSchema = z.object({ name: z.string(), version: z.string().regex(/^\d[\w.+-]*$/u) });

async function install(cache: string, { address, slug, version, name, mostBytes }: Wanted): Promise<ResolvedModule> {
  const work = await temporaryFolder("r10k");
  try {
    const puppetfile = join(work.path, "Puppetfile");
    const config = join(work.path, "r10k.yaml");
    const modules = join(work.path, "modules");
    // Words of a Puppetfile end here: a slug and a version have a form of their own, which `puppetfile-source.ts` saw to.
    if (!/^\w+-\w+$/u.test(slug) || (version !== null && !/^[\w.-]+$/u.test(version)))
      throw new TypeError(`${slug} ${version} is no release`);
    await writeFile(puppetfile, `mod '${slug}', ${version === null ? ":latest" : `'${version}'`}\n`);
    await writeFile(config, JSON.stringify({ cachedir: join(work.path, "cache"), forge: { baseurl: address } }));
    const result = await run({
      file: "r10k",
      args: ["puppetfile", "install", "--puppetfile", puppetfile, "--moduledir", modules, "--config", config],
      env: {
        ...proxies(),
        PATH: "/opt/puppetlabs/puppet/bin:/usr/local/bin:/usr/bin:/bin",
        HOME: work.path,
        TMPDIR: work.path,
        LANG: "C.UTF-8",
      },
      cwd: work.path,
      seconds,
      outputBytes: 1024 * 1024,
      disk: { folder: work.path, bytes: mostBytes },
    });
    if (result.spawnError?.code === "ENOENT") return noR10k;
    if (result.diskLimit) throw new Problem(releaseTooLarge(`${slug} ${version ?? "(the newest)"} of ${address}`, mostBytes));
    const found = result.ok ? await installedVersion(join(modules, name)) : null;
    if (found === null || (version !== null && found !== version))
      return {
        ...refusal(
          `${slug} ${version ?? "(the newest)"} can't be had from ${address}: ${result.timedOut ? `r10k did not end within ${seconds} s` : saidBy(plain(result.stderr))}`,
          "See that the forge has that release and can be reached from here, or vendor the module.",
        ),
        ...(/does not exist|404/u.test(result.stderr) ? {} : { passing: true }),
      };
    const content = await keepModule(cache, { source: address, id: `${slug}@${found}`, name }, async (folder) => {
      await copy(join(modules, name), folder);
      return [];
    });
    return { ok: true, id: `${slug}@${found}`, version: found, moves: version === null, ...content };
  } finally {
    await work.remove();
  }
}

/** Null where nothing was installed there. */
async function installedVersion(folder: string): Promise<string | null> {
  try {
    return metadataSchema.parse(JSON.parse(await readFile(join(folder, "metadata.json"), "utf8"))).version;
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** The cache may be on another file system than the temporary folder. */
async function copy(from: string, to: string): Promise<void> {
  const result = await run({
    file: "cp",
    args: ["-R", "-P", "--", from, to],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    seconds,
    outputBytes: 65_536,
  });
  if (result.ok) return;
  throw new Problem({
    code: "modules-not-kept",
    text: `A module can't be put into the cache: ${saidBy(result.stderr)}.`,
    hint: "See that the cache's disk has room.",
  });
}

/** r10k's words without their level and marks. */
const plain = (stderr: string): string => stderr.replaceAll(/^(?:ERROR|WARN)\s*->\s*/gmu, "");

const proxyNames = ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];
const proxies = (): Record<string, string> =>
  Object.fromEntries(proxyNames.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));

const refusal = (text: string, hint: string): Refusal => ({ ok: false, text, hint });
const allowHint = (address: string): string =>
  `Add it to \`modules.sources\` in .github/puppet-gate.yml (${address}), or vendor the module.`;
const noR10k = refusal(
  "r10k, which fetches modules of a forge, is not installed",
  "Install it (Debian and Ubuntu: apt-get install r10k; elsewhere: gem install r10k), or vendor the module.",
);
