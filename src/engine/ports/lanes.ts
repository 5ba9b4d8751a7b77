/** What `init lanes` needs of the edges (a forge's branches and settings, a place for notes of what was done), and what it tells them. */

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

export type Step =
  | { kind: "create-branch"; branch: string; commit: string }
  | { kind: "forward-branch"; branch: string; from: string; commit: string }
  | { kind: "default-branch"; from: string; to: string }
  | { kind: "retarget"; number: number; title: string; from: string; to: string }
  /** Of all that are open, because nobody could be asked which. */
  | { kind: "retarget-all"; from: string; to: string }
  | { kind: "ruleset"; ruleset: RulesetToMake }
  | { kind: "delete-ruleset"; name: string }
  | { kind: "delete-branch"; branch: string; commit: string };

export interface Planned {
  /** In the order in which they are done. */
  steps: readonly Step[];
  /** What is as it shall be already, in words. */
  done: readonly string[];
  /** What is left as it is, and why. */
  left: readonly string[];
}

/** Which lanes there shall be, by the policy or, where it has none, by what is proposed. */
export interface Proposal {
  /** The branch that the last lane's nodes get. */
  production: string;
  /** The other lanes' branches, in their order. */
  lanes: readonly string[];
  /** Lines for the policy; null where it has lanes. */
  block: string | null;
  /** Empty where the App is not known. */
  rulesets: readonly RulesetToMake[];
}

/** Whose files are the same: nothing is compiled otherwise, whichever of these branches a node has. */
export interface Proof {
  production: string;
  commit: string;
  tree: string;
  /** Branches of that very commit, and so of that tree. */
  same: readonly string[];
  /** Those that have another tree, with their commits: releases went on since. */
  other: readonly { branch: string; commit: string }[];
}

export interface Initiated extends Planned {
  repository: string;
  production: string;
  mergeBranch: string;
  /** Pull requests that the forge would not retarget, with its words. */
  refused: readonly { number: number; why: string }[];
  proof: Proof | null;
  proposal: Proposal | null;
  /** What of production would not be the same in every lane, as `path:line: what`: to be mended before nodes are put into lanes. */
  debts: readonly string[];
  /** Kinds of rules that hold for production and not for the merge branch, rulesets that are made here counted in. */
  unguarded: readonly string[];
}
