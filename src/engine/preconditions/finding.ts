import type { Unplaced } from "../../catalog/finding.ts";

/** Something that lanes ask for and a file does not give. How much it weighs is the policy's to say. */
export const precondition = (code: string, { path, line }: { path: string; line: number | null }, message: string): Unplaced => ({
  check: "preconditions",
  severity: "warning",
  path,
  line,
  column: null,
  code,
  message,
});
