import type { Lane, RolloutPolicy } from "../policy/lanes-schema.ts";

/** The policy that governs what begins now; what is under way keeps the terms that it began with. */
export interface Governing {
  lanes: readonly Lane[];
  policy: RolloutPolicy;
  policyDigest: string;
  /** The commit that it was read at. One that the last lane does not have yet can't govern: a change would loosen its own rollout. */
  of?: string;
}
