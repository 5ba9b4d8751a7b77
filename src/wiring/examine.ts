import type { Config } from "../config.ts";
import { createApp, identify, type KnownApp } from "../github/app.ts";
import { makeDataFolder } from "../store/data-folder.ts";
import { postgresVersion } from "../store/postgres.ts";

/** For `puppet-gate doctor`: what `serve` would use, tried without using it. */
export async function examineDataFolder({ dataFolder }: Config): Promise<string> {
  makeDataFolder(dataFolder);
  return dataFolder;
}

export async function examineDatabase({ databaseUrl }: Config): Promise<string> {
  if (databaseUrl === undefined) return "the embedded one, in the data folder";
  return `PostgreSQL ${await postgresVersion(databaseUrl)} answers`;
}

export async function examineApp(config: Config): Promise<KnownApp | null> {
  const { app, webhookSecret, github } = config;
  const settings = { id: app.id, privateKey: app.privateKey, webhookSecret, api: github.api };
  return identify(await createApp({ ...settings, logLevel: "fatal", fetch, throttled: false }));
}
