/**
 * What happened, as numbers count it: told once each, after what it is about was kept. Nothing here names a change, a node or a person, so that whoever counts
 * by these words keeps few numbers. `repository` is `OWNER/NAME`, as it was called by then. Times are seconds.
 */
export type Told =
  /** A webhook that was kept; `known`: it came before, `meaningless`: nothing follows from it. */
  | { kind: "delivery"; event: string; outcome: "news" | "known" | "meaningless" }
  /** A webhook that was kept and says when what it tells of happened: so long before it arrived. */
  | { kind: "late"; seconds: number }
  /** A webhook that was answered; `refused`: it is none of GitHub's, `failed`: it could not be kept, and GitHub was told so. */
  | { kind: "answered"; event: string; outcome: "taken" | "refused" | "failed"; seconds: number }
  /** A failed delivery that GitHub was asked to send again. */
  | { kind: "redelivery" }
  /** A job that ended; `waited`: since it was due. `again`: put back, `lost`: another process has it by now, `fault`: a fault of the gate. */
  | { kind: "job"; queue: string; outcome: "done" | "again" | "lost" | "fault"; seconds: number; waited: number }
  | { kind: "checked"; repository: string; outcome: "done" | "failed" | "called-off"; seconds: number }
  | { kind: "decided"; repository: string; standing: string }
  /** It stands otherwise than before. */
  | { kind: "stands"; repository: string; standing: string }
  /** An open change stands otherwise than before; so long it had stood as it did. */
  | { kind: "waited"; repository: string; standing: string; seconds: number }
  | { kind: "effect"; effect: string; outcome: "done" | "failed" }
  | { kind: "entry"; repository: string; entry: string }
  | { kind: "rollout"; repository: string; lane: string | null; event: string; why: string | null }
  /** News of releases that a place heard, or that it never will. */
  | { kind: "heard"; place: string; news: number; lost: number }
  /** An answer of GitHub; `status` 0: there was none. */
  | { kind: "github"; method: string; status: number; limited: "primary" | "secondary" | null; seconds: number }
  /** How many requests GitHub takes still until `reset` (seconds since 1970), of one of its kinds of requests. */
  | { kind: "github-limit"; resource: string; limit: number; remaining: number; reset: number };

export type Tell = (told: Told) => void;
