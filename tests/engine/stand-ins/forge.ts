import type { Failure, FailedDelivery, Forge, MergeOutcome, OpenChange } from "../../../src/engine/ports/forge.ts";
import type { Effect, Merge } from "../../../src/gate/decide.ts";
import type { Origin, Push } from "../../../src/gate/event.ts";
import { known, unknown, type Known, type PolicyText, type Snapshot } from "../../../src/gate/facts.ts";

/** What GitHub itself could not do. Any other error is nobody's that was foreseen. */
export class Down extends Error {
  readonly after: number;

  constructor(message: string, after = 0) {
    super(message);
    this.after = after;
  }
}

/** A GitHub of tables, which notes what is done to it. Tests set the tables. */
export interface MemoryForge extends Forge {
  /** Of what is asked for, by method and number, login or commit: `react 101`. It is thrown before anything is done. */
  failing: Map<string, Error>;
  /** What was asked for, in order, by the same names. */
  asked: string[];
  snapshots: Map<number, Snapshot>;
  members: Map<string, Known<ReadonlySet<number>>>;
  performed: { number: number; effect: Effect }[];
  /** What a merge comes to, and what else happens as it is asked for. */
  onMerge: (merge: Merge) => MergeOutcome;
  wayOutOf: string | null;
  trees: Map<string, Known<string>>;
  pulls: Map<string, Known<readonly { number: number; merged: boolean; base: string }[]>>;
  mergers: Map<number, Known<number | null>>;
  pushes: Map<string, Known<readonly Push[]>>;
  /** By repository. */
  open: Map<number, OpenChange[]>;
  organisation: Known<PolicyText | null>;
  failed: FailedDelivery[];
  installed: Origin[];
  unseen: string[];
}

export function memoryForge(): MemoryForge {
  const ask = (name: string): void => {
    forge.asked.push(name);
    const error = forge.failing.get(name);
    if (error !== undefined) throw error;
  };
  const forge: MemoryForge = {
    failing: new Map(),
    asked: [],
    snapshots: new Map(),
    members: new Map(),
    performed: [],
    onMerge: () => ({ kind: "refused", reason: "other", text: "this test merges nothing" }),
    wayOutOf: null,
    trees: new Map(),
    pulls: new Map(),
    mergers: new Map(),
    pushes: new Map(),
    open: new Map(),
    organisation: known(null),
    failed: [],
    installed: [],
    unseen: [],
    snapshot: async (_, number) => {
      ask(`snapshot ${number}`);
      const found = forge.snapshots.get(number);
      if (found === undefined) throw new Down(`there is no pull request ${number}`);
      return found;
    },
    teamMembers: async (_, team) => {
      ask(`teamMembers ${team}`);
      return forge.members.get(team) ?? unknown(`there is no team ${team}`);
    },
    perform: async (_, number, effect) => {
      ask(`perform ${effect.kind}`);
      forge.performed.push({ number, effect });
    },
    react: async (_, comment) => ask(`react ${comment}`),
    refuseMergeGroup: async (_, head) => ask(`refuseMergeGroup ${head}`),
    merge: async (_, number, merge) => {
      ask(`merge ${number}`);
      return forge.onMerge(merge);
    },
    wayOut: async (_, refusal) => {
      ask(`wayOut ${refusal}`);
      return forge.wayOutOf;
    },
    treeOf: async (_, sha) => {
      ask(`treeOf ${sha}`);
      return forge.trees.get(sha) ?? unknown(`GitHub has no commit ${sha}`);
    },
    pullsOf: async (_, sha) => {
      ask(`pullsOf ${sha}`);
      return forge.pulls.get(sha) ?? known([]);
    },
    labelsOf: async (_, number) => {
      ask(`labelsOf ${number}`);
      return known(forge.snapshots.get(number)?.labels ?? []);
    },
    contributionsTo: async (_, number) => {
      ask(`contributionsTo ${number}`);
      const found = forge.snapshots.get(number);
      return found === undefined ? unknown(`there is no pull request ${number}`) : known(found);
    },
    mergerOf: async (_, number) => {
      ask(`mergerOf ${number}`);
      return forge.mergers.get(number) ?? known(null);
    },
    pushesTo: async (_, branch) => {
      ask(`pushesTo ${branch}`);
      return forge.pushes.get(branch) ?? known([]);
    },
    openChanges: async ({ repository }) => {
      ask(`openChanges ${repository.id}`);
      return forge.open.get(repository.id) ?? [];
    },
    organisationPolicy: async () => {
      ask("organisationPolicy");
      return forge.organisation;
    },
    failedDeliveries: async (since) => {
      ask("failedDeliveries");
      return forge.failed.filter(({ at }) => new Date(at) >= since);
    },
    redeliver: async (id) => ask(`redeliver ${id}`),
    installations: async () => {
      ask("installations");
      return [...new Set(forge.installed.map(({ installation }) => installation))];
    },
    repositories: async (installation) => {
      ask(`repositories ${installation}`);
      return forge.installed.filter((origin) => origin.installation === installation);
    },
    organisationsUnseen: async () => {
      ask("organisationsUnseen");
      return forge.unseen;
    },
    explain: (error): Failure | null => (error instanceof Down ? { text: error.message, after: error.after } : null),
  };
  return forge;
}
