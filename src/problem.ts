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
