/** What `init lanes` needs of the edges: a forge's branches and settings, and a place for notes of what was done. */

export interface FoundPull {
  number: number;
  title: string;
  /** The branch that it asks to be merged into. */
  base: string;
  /** Its own branch; null where that is another repository's. */
  head: string | null;
}

/** A ruleset as GitHub's REST API takes it: https://docs.github.com/en/rest/repos/rules#create-a-repository-ruleset */
export interface RulesetToMake {
  name: string;
  target: "branch";
  enforcement: "active";
  bypass_actors: { actor_type: "Integration"; actor_id: number; bypass_mode: "always" }[];
  conditions: { ref_name: { include: string[]; exclude: string[] } };
  rules: RuleToMake[];
}

type RuleToMake =
  | { type: "creation" | "deletion" | "non_fast_forward" }
  | { type: "update"; parameters: { update_allows_fetch_and_merge: boolean } }
  | {
      type: "required_status_checks";
      parameters: {
        strict_required_status_checks_policy: boolean;
        required_status_checks: { context: string; integration_id: number }[];
      };
    };

/** A repository's branches and settings. Each call rejects with a Problem where the forge does not do it. */
export interface LaneForge {
  settings(): Promise<{ defaultBranch: string; /** Whether heads of merged pull requests are removed. */ removesHeads: boolean }>;
  /** The branch's commit; null where there is none. */
  tipOf(branch: string): Promise<string | null>;
  treeOf(commit: string): Promise<string>;
  /** How many commits of `commit` a branch does not have. Null where nobody can be asked. */
  lacking(branch: string, commit: string): Promise<number | null>;
  /** Null where that commit has no such file. */
  fileAt(commit: string, path: string): Promise<string | null>;
  /** All that are open. Null where nobody can be asked. */
  openPulls(): Promise<readonly FoundPull[] | null>;
  /** Names of its own rulesets, by id. Null where nobody can be asked. */
  rulesets(): Promise<ReadonlyMap<number, string> | null>;
  /** Kinds of rules that hold for a branch, which need not exist; empty where nobody can be asked. */
  rulesOn(branch: string): Promise<ReadonlySet<string>>;
}

/** The same, by somebody who may change it. */
export interface WritableLaneForge extends LaneForge {
  createBranch(branch: string, commit: string): Promise<void>;
  /** Leaves no commit behind. */
  forwardBranch(branch: string, commit: string): Promise<void>;
  /** Nothing happens where the branch is elsewhere than at `commit`: it rejects. */
  deleteBranch(branch: string, commit: string): Promise<void>;
  setDefaultBranch(branch: string): Promise<void>;
  retarget(pull: number, base: string): Promise<void>;
  createRuleset(ruleset: RulesetToMake): Promise<void>;
  deleteRuleset(id: number): Promise<void>;
}

/** What `init lanes` did to a repository, noted before each step: all that `--undo` may reverse. */
export interface NotedLanes {
  /** `OWNER/NAME`. */
  repository: string;
  /** Where nodes' code is, and where that was. */
  production: { branch: string; commit: string };
  mergeBranch: string;
  /** Branches that were made, with the commit that they were put at, and the one of before where production moved on meanwhile. */
  branches: readonly { branch: string; commit: string; before?: string }[];
  /** Whether the default branch was changed to the merge branch. */
  isDefault: boolean;
  /** Pull requests that were retargeted to the merge branch. */
  pulls: readonly number[];
  /** Names of rulesets that were made. */
  rulesets: readonly string[];
}

export interface LaneNotes {
  /** Where they are, in words for a person. */
  place: string;
  /** Null where there are none. Throws a Problem where they can't be read: nobody may guess what was done. */
  read(): Promise<NotedLanes | null>;
  /** On disk when it resolves. */
  write(noted: NotedLanes): Promise<void>;
  remove(): Promise<void>;
}
