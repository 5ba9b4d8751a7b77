import { isAbsolute, join } from "node:path";
import { Problem } from "../problem.ts";

/**
 * A folder of a person's own by the XDG Base Directory Specification, which has relative paths ignored. Throws a Problem where nobody knows the home of
 * whoever runs this: neither the environment nor the system's list of users.
 */
export function personalFolder(
  env: Readonly<Record<string, string | undefined>>,
  name: "XDG_CACHE_HOME" | "XDG_STATE_HOME",
  homeOf: () => string,
): string {
  const given = env[name];
  if (given !== undefined && isAbsolute(given)) return given;
  return join(homeFolder(homeOf, name), name === "XDG_CACHE_HOME" ? ".cache" : ".local/state");
}

function homeFolder(homeOf: () => string, name: string): string {
  try {
    const home = homeOf();
    if (isAbsolute(home)) return home;
    throw new Error(`it is given as ${JSON.stringify(home)}`);
  } catch (error) {
    throw new Problem(
      {
        code: "no-home",
        text: `The home folder of who runs this is not known: ${error instanceof Error ? error.message : String(error)}.`,
        hint: `Set HOME or ${name} to a folder of theirs.`,
      },
      { cause: error },
    );
  }
}
