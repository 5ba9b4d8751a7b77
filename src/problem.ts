/** A failure told to a person: what happened, to what, and what to do next. Everything that ends a command early is one of these. */
export interface ProblemText {
  /** Stable, for programs: `not-a-repository`, `unknown-ref`, … */
  code: string;
  /** One sentence that names the file, line or value. */
  text: string;
  /** What to do next, as an instruction. */
  hint: string;
}

/** Thrown where the caller has no choice but to stop; carries the original error as its `cause`. */
export class Problem extends Error implements ProblemText {
  override readonly name = "Problem";
  readonly code: string;
  readonly text: string;
  readonly hint: string;

  constructor({ code, text, hint }: ProblemText, options?: { cause: unknown }) {
    super(`${text} ${hint}`, options);
    this.code = code;
    this.text = text;
    this.hint = hint;
  }
}

/** A lease was taken over, or what it was taken for was called off: whoever held it may write nothing more under it. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";

  constructor(lease: string) {
    super(`the lease "${lease}" is not held any more`);
  }
}
