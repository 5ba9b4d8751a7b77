import { homedir } from "node:os";
import { join } from "node:path";
import { type KeySource, keyFile } from "../cache/key-file.ts";
import { personalFolder } from "../cli/personal-folder.ts";

/** A folder of the person's own, where their programs keep such things. */
export const ownFolder = (name: "XDG_CACHE_HOME" | "XDG_STATE_HOME", folder: string): string =>
  join(personalFolder(process.env, name, homedir), "puppet-gate", folder);

/** Where base's compiles are kept from check to check. Their key lies elsewhere, so that a copy of the one is worth nothing. */
export const compilesFolder = (asked: string | null): string => asked ?? ownFolder("XDG_CACHE_HOME", "compiles");

export const ownKey = (): KeySource => keyFile(ownFolder("XDG_STATE_HOME", "compiles.key"));
