import { Problem } from "../../problem.ts";
import { run } from "../../process/run.ts";
import { applyEdits, replace } from "./edits.ts";
import { sampleNodes } from "./fleet.ts";
import { type Person, type PlannedCommit, toFastImport } from "./history.ts";
import { factFiles, type Files, ownTree, vendoredModules } from "./sources.ts";
import { stories } from "./stories.ts";
import type { Story, Traps } from "./story.ts";

export interface ControlRepo {
  folder: string;
  /** The branch that stories are to be merged into; it is checked out. */
  base: string;
  stories: readonly Story[];
  /** Machines of the fleet. */
  nodes: number;
}

const baseBranch = "production";

const people = {
  astrid: { name: "Astrid Lindqvist", email: "astrid@tonearm.example" },
  bilal: { name: "Bilal Hussain", email: "bilal@tonearm.example" },
} satisfies Record<string, Person>;

/** Where nothing is: what the hostile story aims at unless it is given something to hit. */
const noTraps: Traps = { canary: "/nonexistent/puppet-gate-canary", secretFile: "/nonexistent/puppet-gate-secret.yaml" };

/**
 * Makes the sample control repo in an empty folder: a real git repository with the branch `production` and one branch a story.
 * Everything in it is fixed, so object ids depend on nothing but the installed Debian modules and, for the hostile story, its traps.
 * Throws a Problem when the modules or git are missing.
 */
export async function makeControlRepo(folder: string, traps: Traps = noTraps): Promise<ControlRepo> {
  const told = stories(traps);
  await git(folder, ["init", "--quiet", "--template=", "--object-format=sha1", `--initial-branch=${baseBranch}`]);
  await git(folder, ["fast-import", "--quiet", "--done"], toFastImport(plan(told)));
  await git(folder, ["reset", "--quiet", "--hard", baseBranch]);
  return { folder, base: baseBranch, stories: told, nodes: sampleNodes().length };
}

/** Base's history first, then each story's one commit, on the tip of base or on the commit before it. */
function plan(told: readonly Story[]): PlannedCommit[] {
  const modules = vendoredModules();
  const own = ownTree();
  const tree: Files = new Map([...modules, ...own]);
  const tip = replace("data/services/ads.yaml", "profile::ads::most_per_hour: 5", "profile::ads::most_per_hour: 4");
  // The files hold the tip of base; the commit before it is made by taking its last step back.
  const before: Files = new Map([...tree, ...applyEdits(tree, [{ ...tip, from: tip.to, to: tip.from }])]);
  const production = (id: string, parent: string | null, author: Person, message: string, files: PlannedCommit["files"]) => ({
    branch: baseBranch,
    id,
    parent,
    author,
    message,
    files,
  });
  return [
    production("modules", null, people.bilal, "Vendor the modules we use, as they come", modules),
    production(
      "roles",
      "modules",
      people.astrid,
      "Roles, profiles and data for the whole fleet",
      new Map([...before].filter(([path]) => own.has(path))),
    ),
    production("inventory", "roles", people.bilal, "Keep the inventory here, for checks to run with", factFiles()),
    production("tip", "inventory", people.astrid, "Fewer ads an hour, as agreed with the labels", applyEdits(before, [tip])),
    ...told.map((story) => ({
      branch: story.branch,
      id: story.branch,
      parent: story.from === "tip" ? "tip" : "inventory",
      author: story.author,
      message: story.title,
      files: applyEdits(story.from === "tip" ? tree : before, story.edits),
    })),
  ];
}

/** Git without the machine's configuration, hooks or templates: the same repository comes out everywhere. */
async function git(folder: string, args: readonly string[], input?: Buffer): Promise<void> {
  const result = await run({
    file: "git",
    args: ["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", ...args],
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      LC_ALL: "C",
    },
    ...(input === undefined ? {} : { input }),
    seconds: 120,
    outputBytes: 1 << 20,
  });
  if (result.ok) return;
  throw new Problem({
    code: "sample-not-made",
    text: `git ${args[0]} failed while the sample control repo was made in ${folder}: ${result.spawnError?.message ?? result.stderr.trim()}`,
    hint: "Check that git is installed and that the folder is empty and can be written.",
  });
}
