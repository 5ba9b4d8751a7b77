import { isAbsolute, join } from "node:path";

/** A folder of a person's own by the XDG Base Directory Specification, which has relative paths ignored. */
export function personalFolder(
  env: Readonly<Record<string, string | undefined>>,
  name: "XDG_CACHE_HOME" | "XDG_STATE_HOME",
  home: string,
): string {
  const given = env[name];
  if (given !== undefined && isAbsolute(given)) return given;
  return join(home, name === "XDG_CACHE_HOME" ? ".cache" : ".local/state");
}
