import type { Finding } from "./effects.ts";

/** A finding before it is known whether base has it too and whether its line is one that the change touched. */
export type Unplaced = Omit<Finding, "onChangedLine">;

/** What a finding is about: a file, or a place in it (both from 1). Null: no file. */
type About = { path: string | null; line?: number | null; column?: number | null } | null;

/** Makes findings of one check that stand whether or not the change touched their line. */
export const findingsOf =
  (check: Finding["check"]) =>
  (severity: Finding["severity"], about: About, code: string, message: string): Finding => ({
    check,
    severity,
    path: about?.path ?? null,
    line: about?.line ?? null,
    column: about?.column ?? null,
    code,
    message,
    onChangedLine: false,
  });
