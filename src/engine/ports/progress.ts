/** Progress of a check, for a live line. `total` is null while it is not known. */
export interface Progress {
  step: "read" | "lint" | "syntax" | "compile" | "diff";
  done: number;
  total: number | null;
  /** While catalogs are compiled: the first effect that was found. Of all, it need not be the one that matters most. */
  first?: string;
}
