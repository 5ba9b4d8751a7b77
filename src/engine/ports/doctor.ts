/** One thing that `puppet-gate doctor` looked at. */
export interface Examination {
  part: "programs" | "host" | "sandbox" | "serve" | "rollout";
  name: string;
  /**
   * `fail`: what it asks for does not hold, and nothing untrusted may run here. `missing`: a program or a setting is not there. `advice`: it
   * works, and could be better. `skipped`: there was nothing to look at.
   */
  status: "pass" | "fail" | "missing" | "advice" | "skipped";
  /** What was found. */
  text: string;
  /** What to do about it; null where there is nothing to do. */
  hint: string | null;
}
