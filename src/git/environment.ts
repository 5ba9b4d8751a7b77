export type Environment = Readonly<Record<string, string>>;

/**
 * Settings that hold over every configuration file. What a repository's configuration could start (hooks, monitors, filters, transports)
 * is off; what would make the same objects mean something else on another machine is fixed.
 */
const PINNED: ReadonlyArray<readonly [string, string]> = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.splitIndex", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.excludesFile", "/dev/null"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  ["core.symlinks", "true"],
  ["core.warnAmbiguousRefs", "true"],
  ["protocol.allow", "never"],
  ["submodule.recurse", "false"],
  ["diff.ignoreSubmodules", "dirty"],
  ["credential.helper", ""],
  ["gc.autoDetach", "false"],
  ["maintenance.autoDetach", "false"],
];

/** For what is thrown away at the end: to wait for the disk at every new object would only cost time. */
export const THROWN_AWAY: ReadonlyArray<readonly [string, string]> = [["core.fsync", "none"]];

/**
 * The whole environment of a git process: nothing of this one's but the search path. No configuration of the machine or the user, no
 * prompt, no message in another language, no replaced objects, no optional write, no object fetched behind our back (a partial clone
 * would otherwise call its remote in the middle of a question; git before 2.39.4 does not know GIT_NO_LAZY_FETCH, the empty list of protocols stops it too).
 */
export function gitEnvironment(
  options: { settings?: ReadonlyArray<readonly [string, string]>; protocols?: readonly string[] } = {},
): Environment {
  return {
    ...searchPath(),
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LC_ALL: "C",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: (options.protocols ?? []).join(":"),
    ...settingsEnvironment([...PINNED, ...(options.settings ?? [])]),
  };
}

/** Settings handed over in the environment: on no command line, so that no list of processes shows them. */
export function settingsEnvironment(settings: ReadonlyArray<readonly [string, string]>): Environment {
  const numbered = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(numbered) };
}

/**
 * The environment in which git sees the settings of the person who runs this, as their own git does. Only `git config` is ever run in it:
 * it starts nothing.
 */
export function personsEnvironment(): Environment {
  const own = Object.entries(process.env).filter(([name]) => /^(?:HOME|XDG_CONFIG_HOME|GIT_CONFIG(?:_.+)?)$/u.test(name));
  const given = own.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== "GIT_CONFIG");
  return { ...searchPath(), ...Object.fromEntries(given), LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
}

// SUDO_UID is how git knows that root is at work for the owner of the clone.
function searchPath(): Environment {
  const { PATH = "/usr/local/bin:/usr/bin:/bin", SUDO_UID } = process.env;
  return SUDO_UID === undefined ? { PATH } : { PATH, SUDO_UID };
}
