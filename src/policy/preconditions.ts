import { z } from "zod";

/** What lanes ask of a control repo, and what becomes of a change that goes against it. */

const level = z.enum(["refuse", "tell", "off"]).optional();

export const preconditionsSchema = z
  .strictObject({
    pinned_modules: level.describe(
      "Modules of the Puppetfile without a commit, tag or version. Default: `refuse` where there are lanes, else `off`.",
    ),
    lane_name: level.describe(
      "Code and data whose meaning depends on the environment's name, which is another in each lane. Default: `refuse` where there are lanes, else `off`.",
    ),
    config_version: level.describe(
      "An environment.conf whose catalogs' version does not name the commit. Default: `tell` where there are lanes, else `off`.",
    ),
  })
  .describe("What lanes ask of the repository. What base has already is counted and blocks nobody.");

export type Level = "refuse" | "tell" | "off";

/** Null: nobody said, and it depends on whether there are lanes. */
export type Preconditions = Readonly<Record<"pinnedModules" | "laneName" | "configVersion", Level | null>>;

export const toPreconditions = (file: z.output<typeof preconditionsSchema>): Preconditions => ({
  pinnedModules: file.pinned_modules ?? null,
  laneName: file.lane_name ?? null,
  configVersion: file.config_version ?? null,
});

const usual: Readonly<Record<keyof Preconditions, Level>> = { pinnedModules: "refuse", laneName: "refuse", configVersion: "tell" };

/** What holds, with or without lanes. */
export const levelOf = (
  { preconditions, lanes }: { preconditions: Preconditions; lanes: readonly unknown[] },
  of: keyof Preconditions,
): Level => preconditions[of] ?? (lanes.length > 0 ? usual[of] : "off");

/** From the loosest. */
export const levels: readonly Level[] = ["off", "tell", "refuse"];

/** The stricter of what two files say, each thing by itself. */
export const stricterOf = (one: Preconditions, other: Preconditions): Preconditions => {
  const of = (name: keyof Preconditions): Level | null =>
    [...levels].reverse().find((each) => one[name] === each || other[name] === each) ?? null;
  return { pinnedModules: of("pinnedModules"), laneName: of("laneName"), configVersion: of("configVersion") };
};
