import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { OpenMirror } from "../engine/ports/mirror.ts";
import type { KeptTrees } from "../engine/kept-trees.ts";
import type { Judge } from "../engine/ports/judge.ts";
import type { Log } from "../engine/ports/log.ts";
import { memoryCache } from "../engine/memory-cache.ts";
import { mirrorJudge } from "../engine/mirror-judge.ts";
import type { NightJudge } from "../engine/ports/night.ts";
import { nightJudge } from "../engine/night/night-judge.ts";
import type { RolloutMirror } from "../engine/rollout/branches.ts";
import { rolloutJudge } from "../engine/rollout/rollout-judge.ts";
import type { RolloutJudge } from "../engine/ports/rollout.ts";
import type { CompileCache } from "../engine/ports/cache.ts";
import type { ModuleResolver } from "../engine/ports/modules.ts";
import type { PuppetEdge } from "../engine/ports/puppet.ts";
import type { SharesRecords } from "../engine/rollout/shares.ts";
import { createSlots } from "../engine/slots.ts";
import { rememberingInventory } from "../fleet/remembering.ts";
import { createPuppetDb } from "../fleet/puppetdb.ts";
import type { Origin } from "../gate/event.ts";
import { type Mirror, openMirror } from "../git/mirror.ts";
import { createModuleResolver } from "../git/modules/resolver.ts";
import type { Authenticate } from "../github/api.ts";
import { tokenOf } from "../github/app.ts";
import { Problem } from "../problem.ts";
import { gateVersion } from "../version.ts";
import { startEvaluator } from "./expectations.ts";

export interface Judges {
  /** Fetches the two commits into a mirror and runs the same check on them that people run on their clones. */
  change: Judge;
  /** Null where no compiles are kept: there is nothing to compare with. */
  night: NightJudge | null;
  /** Tells of commits of the base branch what their lanes are, and what one changes of another. */
  rollout: RolloutJudge;
}

/** Bytes of fact files that are remembered from check to check: those of a thousand nodes. Read, they are three times as large. */
const factsBytes = 32 * 2 ** 20;

/** What judges changes and proves kept compiles, on this server's mirrors, modules and sandboxes. */
export function judgesOf(
  config: Config,
  {
    puppet,
    cache,
    keptTrees,
    authenticate,
    openRepository,
    otherBuckets,
  }: {
    puppet: PuppetEdge;
    cache: CompileCache | null;
    keptTrees: KeptTrees;
    authenticate: Authenticate;
    openRepository: OpenMirror;
    otherBuckets: SharesRecords["otherBuckets"];
  },
): Judges {
  const { puppetdb, site } = config;
  const openModules = modulesOf(config, authenticate);
  const ports = {
    inventory: rememberingInventory(factsBytes),
    // Made at the start, so that certificates that can't be read are said then.
    puppetDb: puppetdb === undefined ? null : createPuppetDb(puppetdb),
    ...(site === undefined ? {} : { site }),
    puppet,
    startEvaluator,
    slots: createSlots(availableParallelism()),
    now: () => performance.now(),
    today: () => new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    // Where nothing is kept, what is not to be trusted is remembered all the same, as long as this process is there.
    cache: cache ?? memoryCache(0),
  };
  return {
    change: mirrorJudge({
      ...ports,
      keptTrees,
      otherBuckets,
      openMirror: ({ origin }) => openRepository(origin),
      openModules: ({ origin }) => openModules(origin),
    }),
    rollout: rolloutJudge({ ...ports, openMirror: openRepository, openModules }),
    night: cache === null ? null : nightJudge({ ...ports, openMirror: openRepository, openModules, cache }),
  };
}

/** This server's copies of repositories, one folder each. */
export const mirrorsOf = (config: Config, authenticate: Authenticate): OpenMirror => rolloutMirrorsOf(config, authenticate);

/** The same, as rollouts need them. */
export const rolloutMirrorsOf =
  (config: Config, authenticate: Authenticate): ((origin: Origin) => Promise<Mirror & RolloutMirror>) =>
  (origin) =>
    openMirror({
      url: `${config.github.html}/${origin.repository.owner}/${origin.repository.name}.git`,
      folder: mirrorFolder(config, origin),
      credentials: () => tokenOf(authenticate, origin.installation),
    });

/** The App's token for a repository, by the address that git has of it; null where the App is not installed there. */
export const tokensOf =
  (config: Config, authenticate: Authenticate, origins: () => Promise<readonly Origin[]>) =>
  async (url: string): Promise<string | null> => {
    const found = (await origins()).find(
      ({ repository: { owner, name } }) => `${config.github.html}/${owner}/${name}.git`.toLowerCase() === url.toLowerCase(),
    );
    return found === undefined ? null : tokenOf(authenticate, found.installation);
  };

export const mirrorFolder = ({ dataFolder }: Config, { repository }: Origin): string => join(dataFolder, "mirrors", `${repository.id}.git`);

/** Modules from elsewhere. What one installation may read is kept apart from another's: their repositories may be private. */
const modulesOf =
  (config: Config, authenticate: Authenticate) =>
  ({ installation }: Origin): ModuleResolver =>
    createModuleResolver({
      cache: join(config.dataFolder, "modules", String(installation)),
      credentials: async (url) => (url.startsWith(`${config.github.html}/`) ? tokenOf(authenticate, installation) : null),
      allowed: config.moduleSources ?? null,
    });

/**
 * The versions of this gate and of what it checks with, in one text: a check that was kept outlives no upgrade. Where the programs can't be
 * asked, that is its text, and what was checked with them before is no answer either. `puppet` null: a trial judges without programs.
 */
export async function editionOf(puppet: Pick<PuppetEdge, "versions"> | null, log: Log): Promise<string> {
  return JSON.stringify({ gate: gateVersion(), programs: puppet === null ? null : await programsOf(puppet, log) });
}

async function programsOf(puppet: Pick<PuppetEdge, "versions">, log: Log): Promise<object> {
  try {
    // What else is installed may come and go on this machine: that is no reason to judge everything anew.
    const { image: _, ...versions } = await puppet.versions();
    return versions;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log.error({ err: error }, "nothing can be checked: install what is missing and start again");
    return { missing: error.code };
  }
}
