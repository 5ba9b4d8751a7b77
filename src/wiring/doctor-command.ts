import type { Command } from "commander";
import { doctorCommand } from "../cli/doctor-command.ts";
import { nodeTooOld } from "../cli/node-version.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { type Config, readConfig, type variables } from "../config.ts";
import { examineAll, type ServeSettings } from "../engine/doctor.ts";
import { requireGit } from "../git/version.ts";
import { Problem } from "../problem.ts";
import { readLedger } from "./ledger-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `puppet-gate doctor`. */
export function addDoctor(doctor: Command, { env, standing, output }: { env: Environment; standing: () => string; output: Output }): void {
  doctor
    .option("--json", "print what was found as JSON, and nothing else")
    .addHelpText("after", "\nExit code: 0 changes of people you do not trust can be checked here, 1 something fails or is missing.")
    .action(async ({ json = false }: { json?: boolean }) => {
      const { examine } = await import("../puppet/doctor/doctor.ts");
      const programs = [
        { name: "node", version: async () => requireNode() },
        { name: "git", version: requireGit },
      ];
      const found = await examineAll({ programs, puppet: examine, settings: () => serveSettings(env, standing()) });
      process.exitCode = doctorCommand(found, json, output);
    });
}

function requireNode(): string {
  const { node } = process.versions;
  const old = nodeTooOld(node);
  if (old !== null) throw new Problem({ code: "old-program", ...old });
  return node;
}

/** What `serve` would be told here; null for somebody who only checks clones, and set none of it. */
function serveSettings(env: Readonly<Record<string, string | undefined>>, standing: string): ServeSettings | null {
  const asked = ["APP_ID", "PRIVATE_KEY", "PRIVATE_KEY_PATH", "WEBHOOK_SECRET"] satisfies Array<keyof typeof variables>;
  if (asked.every((name) => (env[name] ?? "") === "")) return null;
  const settings = readConfig(env, standing);
  const config = { ...settings, ledger: readLedger(env, standing, settings.dataFolder) };
  return {
    words: `App ${config.app.id} on ${config.github.html}, listening on ${config.host}:${config.port}`,
    parts: ["data folder", "folders", "disk", "database", "ledger", "node data", "PuppetDB", "announcements"].map((name) => ({
      name,
      look: async () => (await import("./examine.ts")).examinePart(name, config),
    })),
    app: async () => (await import("./examine.ts")).examineApp(config),
    wanted: { path: "/api/github/webhooks", url: config.url ?? null },
    rollout: rolloutOf(config),
  };
}

const rolloutOf = (config: Config): NonNullable<ServeSettings["rollout"]> | null => {
  const { rollout } = config;
  return rollout === undefined ? null : async () => (await import("./examine-rollout.ts")).rolloutToExamine(config, rollout);
};
