import { join, resolve } from "node:path";
import { z } from "zod";
import { type Config, type Environment, given, isPostgresUrl, type LedgerSettings, take, variables, wrong } from "../config.ts";
import { Problem } from "../problem.ts";

/** Without any variable: all of it in the data folder. */
export const ledgerDefaults = (dataFolder: string): LedgerSettings => ({
  key: join(dataFolder, "ledger.key"),
  kept: join(dataFolder, "ledger.checkpoint"),
  places: [join(dataFolder, "ledger")],
  origin: null,
  token: null,
  sign: "here",
});

/** What `puppet-gate ledger` and `audit` need, which is not what `serve` does: neither the App nor its key. Throws a Problem like `readConfig`. */
export function readLedgerConfig(
  environment: Environment,
  cwd: string,
): Required<Pick<Config, "dataFolder" | "ledger">> & Pick<Config, "databaseUrl"> {
  const folder = given(environment, "PUPPET_GATE_DATA");
  if (folder === undefined) throw noDataFolder();
  const dataFolder = resolve(cwd, folder);
  const databaseUrl = take(environment, "DATABASE_URL", z.string().refine(isPostgresUrl).optional(), "the URL of one");
  return { dataFolder, ...(databaseUrl === undefined ? {} : { databaseUrl }), ledger: readLedger(environment, cwd, dataFolder) };
}

/** These commands ask one server's records, and none is taken for another's. */
export const noDataFolder = (): Problem =>
  new Problem({
    code: "no-data-folder",
    text: "It is not known which server to ask.",
    hint: "Give its data folder: --data DIR, or PUPPET_GATE_DATA as the server has it; and DATABASE_URL where that has a PostgreSQL.",
  });

export function readLedger(environment: Environment, cwd: string, dataFolder: string): LedgerSettings {
  const otherwise = ledgerDefaults(dataFolder);
  const path = (name: "PUPPET_GATE_LEDGER_KEY" | "PUPPET_GATE_LEDGER_KEPT"): string | null => {
    const written = given(environment, name);
    return written === undefined ? null : resolve(cwd, written);
  };
  const places = given(environment, "PUPPET_GATE_LEDGER_PLACES")
    ?.split(/\s+/u)
    .map((place) => (/^(?:git\+)?https?:/u.test(place) ? place : resolve(cwd, place)));
  for (const place of places ?? []) {
    const isOurs = !/^(?:git\+)?https?:/u.test(place) || (URL.canParse(place) && (!place.startsWith("git+") || place.includes("#")));
    if (isOurs) continue;
    throw wrong("PUPPET_GATE_LEDGER_PLACES", "names a place that is none", `Give ${variables.PUPPET_GATE_LEDGER_PLACES}.`);
  }
  return {
    key: path("PUPPET_GATE_LEDGER_KEY") ?? otherwise.key,
    kept: path("PUPPET_GATE_LEDGER_KEPT") ?? otherwise.kept,
    places: places ?? otherwise.places,
    origin: take(
      environment,
      "PUPPET_GATE_LEDGER_ORIGIN",
      z
        .string()
        .regex(/^[^\s+\p{C}]{1,200}$/u)
        .nullable()
        .default(null),
      "a name without blanks and plus signs",
    ),
    token: given(environment, "PUPPET_GATE_LEDGER_TOKEN") ?? null,
    sign: take(environment, "PUPPET_GATE_LEDGER_SIGN", z.enum(["here", "apart"]).default("here"), "here or apart"),
  };
}
