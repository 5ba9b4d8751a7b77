import type { Effect, Merge } from "../gate/decide.ts";
import type { Origin } from "../gate/event.ts";
import type { Known, Snapshot } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import { failureText, isOfGitHub, placeOf } from "./api.ts";
import type { AppIdentity, Authenticate } from "./api.ts";
import { retireCheckRun, showCheckRun } from "./check-run.ts";
import { react, sayInComment } from "./comments.ts";
import { setLabels } from "./labels.ts";
import { mergePull, treeOf } from "./merge.ts";
import type { MergeOutcome } from "./merge.ts";
import { readSnapshot } from "./snapshot.ts";
import { commentBody } from "./words.ts";

/** GitHub as the engine sees it. */
export interface Forge {
  /** Reads a change whole. Rejects where the pull request itself can't be read. */
  snapshot(origin: Origin, number: number): Promise<Snapshot>;
  /** Makes an effect true; any number of times is the same as once. `report` is that of the pair the effect was decided on. */
  perform(origin: Origin, number: number, effect: Effect, report: Report | null): Promise<void>;
  merge(origin: Origin, number: number, merge: Merge): Promise<MergeOutcome>;
  treeOf(origin: Origin, sha: string): Promise<Known<string>>;
  /** A failure of GitHub in words; null when the error is none of GitHub's. */
  explain(error: unknown): string | null;
}

export function createForge(authenticate: Authenticate, app: AppIdentity): Forge {
  return {
    snapshot: (origin, number) => readSnapshot(authenticate, app, origin, number),
    perform: async (origin, number, effect, report) => {
      const place = await placeOf(authenticate, origin);
      if (effect.kind === "reaction") await react(place, effect.comment, effect.content);
      else if (effect.kind === "labels") await setLabels(place, number, effect);
      else if (effect.kind === "comment") await sayInComment(place, app, number, commentBody(effect.view, report));
      else if (effect.kind === "retire-check-run") await retireCheckRun(place, app.id, number, effect);
      else await showCheckRun(place, app.id, effect, report);
    },
    merge: async (origin, number, merge) => mergePull(await placeOf(authenticate, origin), number, merge),
    treeOf: async (origin, sha) => treeOf(await placeOf(authenticate, origin), sha),
    explain: (error) => (isOfGitHub(error) ? failureText(error) : null),
  };
}
