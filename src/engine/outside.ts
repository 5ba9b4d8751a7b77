import { createHash } from "node:crypto";
import { Problem } from "../problem.ts";
import type { Policy } from "../policy/schema.ts";
import type { EncFiles, NamedFile } from "./ports/site.ts";
import type { FactSnapshot, Inventory, PuppetDb } from "./ports/nodes.ts";
import type { Repository } from "./ports/repository.ts";
import type { StandIns } from "./ports/stand-ins.ts";

/** What a check takes from outside the change: all of it from base's tree, from this machine by an option, or from PuppetDB. */
export interface Outside {
  standIns: StandIns | null;
  enc: EncFiles | null;
  /** PuppetDB's nodes, where node facts come from there. */
  puppetdb: FactSnapshot | null;
}

export interface OutsideRequest {
  /** Absolute, of this machine; each goes before what the policy says. */
  facts: string | null;
  enc?: string | null;
  standIns?: string | null;
  /** Whether PuppetDB was asked for by an option; else the policy decides. */
  puppetdb?: boolean;
}

export interface OutsidePorts {
  repository: Repository;
  inventory: Inventory;
  /** Null or absent: this process was told of none. */
  puppetDb?: PuppetDb | null;
}

const most = { files: 10_000, bytes: 64 * 2 ** 20 };

/** Reads all of it, once for both sides: a head can't change what it is judged with. Throws a Problem where something named is not there. */
export async function readOutside(
  request: OutsideRequest,
  { repository, inventory, puppetDb = null }: OutsidePorts,
  { policy, baseTree }: { policy: Policy; baseTree: string },
  signal?: AbortSignal,
): Promise<Outside> {
  const { enc, standIns } = policy.compile;
  const given = typeof request.standIns === "string" ? await inventory.readStandIns(request.standIns) : null;
  const own = given === null && standIns !== null ? inventory.toStandIns(await standInsOf(repository, baseTree, standIns)) : given;
  const fromPuppetdb = await askPuppetdb(request, puppetDb, policy, signal);
  return {
    standIns: withExported(own, fromPuppetdb?.exported ?? null),
    enc:
      typeof request.enc === "string" ? await inventory.readEnc(request.enc) : enc === null ? null : await encOf(repository, baseTree, enc),
    puppetdb: fromPuppetdb?.snapshot ?? null,
  };
}

async function askPuppetdb(
  { facts, puppetdb = false }: OutsideRequest,
  puppetDb: PuppetDb | null,
  { facts: { puppetdb: asked } }: Policy,
  signal: AbortSignal | undefined,
): Promise<Awaited<ReturnType<PuppetDb["read"]>> | null> {
  // A folder that somebody named goes before what the policy says.
  if (facts !== null || (asked === null && !puppetdb)) return null;
  if (puppetDb === null)
    throw new Problem({
      code: "no-puppetdb",
      text: "The policy takes node facts from PuppetDB (`facts.puppetdb`), and nobody said where that is.",
      hint: "Give --puppetdb URL or --facts DIR to `check`, PUPPETDB_URL to `serve`.",
    });
  return puppetDb.read(asked ?? { query: null, exported: false }, signal);
}

/** What PuppetDB says of exports goes before what stands in for it. */
function withExported(standIns: StandIns | null, exported: StandIns["exported"]): StandIns | null {
  if (exported === null) return standIns;
  const id = createHash("sha256")
    .update(JSON.stringify([standIns?.id ?? null, exported]))
    .digest("hex");
  return { files: [], dns: {}, queries: [], ...standIns, exported, id };
}

async function encOf(repository: Repository, tree: string, path: string): Promise<EncFiles> {
  const whole = path.replace(/\/+$/u, "");
  const single = await repository.read(tree, whole);
  if (single !== null) return { single: true, files: [{ path: whole, content: single }] };
  const files = await filesBelow(repository, tree, whole, "compile.enc");
  return { single: false, files: files.filter((file) => /\.(?:ya?ml|json)$/u.test(file.path)) };
}

async function standInsOf(repository: Repository, tree: string, path: string): Promise<NamedFile[]> {
  const folder = path.replace(/\/+$/u, "");
  const files = await filesBelow(repository, tree, folder, "compile.stand_ins");
  return files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
}

/** The files of a folder of base. Links are no content: what they lead to may lie outside. */
async function filesBelow(repository: Repository, tree: string, folder: string, setting: string): Promise<NamedFile[]> {
  const entries = (await repository.list(tree)).filter(({ path }) => path.startsWith(`${folder}/`));
  const bad = entries.find(({ mode }) => !mode.startsWith("100"));
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bad !== undefined) throw notUsable(setting, folder, `${bad.path} is no regular file`);
  if (entries.length === 0) throw notUsable(setting, folder, "there is no such file or folder on base");
  if (entries.length > most.files || bytes > most.bytes)
    throw notUsable(setting, folder, `it holds more than ${most.files} files or ${most.bytes / 2 ** 20} MiB`);
  const files: NamedFile[] = [];
  for (const { path } of entries) {
    const content = await repository.read(tree, path);
    if (content === null) throw notUsable(setting, folder, `${path} can't be read`);
    files.push({ path, content });
  }
  return files;
}

const notUsable = (setting: string, path: string, why: string): Problem =>
  new Problem({
    code: "bad-outside",
    text: `The configuration's ${setting} is ${path}, which can't be used: ${why}.`,
    hint: "Commit it to the base branch first, or correct .github/puppet-gate.yml.",
  });
