import { readFile } from "node:fs/promises";
import type { Config } from "../config.ts";
import type { RolloutToExamine } from "../engine/rollout/examine.ts";
import { environmentsOn } from "../fleet/environments.ts";
import { readSite } from "../fleet/site.ts";
import { createApp } from "../github/app.ts";
import { createLaneForge } from "../github/lanes.ts";
import { known, unknown } from "../policy/known.ts";
import { Problem } from "../problem.ts";

/** What `doctor` looks at of this site's rollouts. Throws a Problem for a site's file that can't be used. */
export async function rolloutToExamine(config: Config, path: string): Promise<RolloutToExamine> {
  const { repository, compilers, lanesFile } = await readSite(path);
  let control: ReturnType<typeof controlRepo> | null = null;
  return {
    repository,
    compilers: compilers.map((compiler) => ({
      name: compiler.name,
      flushes: compiler.flush !== null,
      environments: () => environmentsOn(compiler),
    })),
    file: async (name) => (await (control ??= controlRepo(config, repository)))(name),
    lanesFile: lanesFile === null ? null : { path: lanesFile, read: () => textOf(lanesFile) },
  };
}

/** Files of the control repo, read as the App that `serve` is. */
async function controlRepo(config: Config, repository: string): Promise<(path: string) => Promise<Buffer | null>> {
  const [owner = "", repo = ""] = repository.split("/");
  const { id, privateKey } = config.app;
  const settings = { id, privateKey, webhookSecret: config.webhookSecret, api: config.github.api };
  const probot = await createApp({ ...settings, logLevel: "fatal", fetch, throttled: false });
  const installation = await installationOn(await probot.auth(), { owner, repo });
  const forge = createLaneForge({ api: await probot.auth(installation), repo: { owner, repo } });
  const { defaultBranch } = await forge.settings();
  const tip = await forge.tipOf(defaultBranch);
  return async (path) => {
    const text = tip === null ? null : await forge.fileAt(tip, path);
    return text === null ? null : Buffer.from(text, "utf8");
  };
}

async function installationOn(
  api: Awaited<ReturnType<Awaited<ReturnType<typeof createApp>>["auth"]>>,
  repo: { owner: string; repo: string },
): Promise<number> {
  try {
    return (await api.rest.apps.getRepoInstallation(repo)).data.id;
  } catch (cause) {
    throw new Problem(
      {
        code: "no-installation",
        text: `The App can't read ${repo.owner}/${repo.repo}, which the site's file names.`,
        hint: "Install the App on it, or mend `repository` in the site's file.",
      },
      { cause },
    );
  }
}

async function textOf(path: string) {
  try {
    return known(await readFile(path, "utf8"));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "ENOENT" ? known(null) : unknown(`${path} can't be read: ${message}`);
  }
}
