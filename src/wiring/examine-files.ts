import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Config, variables } from "../config.ts";
import type { FoundRow } from "../engine/doctor.ts";
import { ledgerDefaults } from "./ledger-settings.ts";

/** For `puppet-gate doctor`: files and folders that variables name, as `serve` will meet them. Nothing is made or changed. */

type Named = readonly [variable: keyof typeof variables, path: string];

/** What is read at each check where a policy lets the site say it. */
export function examineSite({ site }: Config): FoundRow[] {
  const { facts = null, enc = null, standIns = null } = site ?? {};
  const named = [
    ["PUPPET_GATE_FACTS", facts],
    ["PUPPET_GATE_ENC", enc],
    ["PUPPET_GATE_STAND_INS", standIns],
  ] as const;
  return named.flatMap(([variable, path]) => (path === null ? [] : [read([variable, path])]));
}

/** What is written apart from the data folder; those in it are its own row's. */
export function examineWritten({ cache, ledger, dataFolder }: Config): FoundRow[] {
  const { key, kept, places, sign } = ledger ?? ledgerDefaults(dataFolder);
  const named: Named[] = [
    ...(cache?.kind === "folder" ? ([["PUPPET_GATE_CACHE", cache.folder]] as const) : []),
    ...(sign === "here"
      ? [
          ["PUPPET_GATE_LEDGER_KEY", dirname(key)] as const,
          ["PUPPET_GATE_LEDGER_KEPT", dirname(kept)] as const,
          ...places.filter((place) => !/^(?:git\+)?https?:/u.test(place)).map((place) => ["PUPPET_GATE_LEDGER_PLACES", place] as const),
        ]
      : []),
  ];
  const apart = named.filter(([, path]) => path !== dataFolder && dirname(path) !== dataFolder);
  return apart.flatMap((one) => written(one) ?? []);
}

function read([variable, path]: Named): FoundRow {
  try {
    accessSync(path, statSync(path).isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
    return { name: "node data", status: "pass", text: `${variable} names ${path}`, hint: null };
  } catch (error) {
    const text = `${variable} names ${path}, which can't be read: ${(error as Error).message}`;
    return { name: "node data", status: "fail", text, hint: `Give ${variables[variable]}; this user has to be able to read it.` };
  }
}

/** Null where it can be: by the folder, or by the one that it would be made in. */
function written([variable, path]: Named): FoundRow | null {
  let there = path;
  while (!existsSync(there)) there = dirname(there);
  try {
    if (!statSync(there).isDirectory()) throw new Error("it is no folder");
    accessSync(there, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const text = `${variable}: nothing can be written to ${path}: ${(error as Error).message}`;
    const hint = `Let this user write to ${there}, or give another place. Under systemd it has to be in ReadWritePaths= besides (docs/operations.md).`;
    return { name: "folders", status: "fail", text, hint };
  }
}
