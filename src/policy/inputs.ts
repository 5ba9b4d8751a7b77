/**
 * What is in the lists that a rule's `when` reads. They are classes because the CEL library knows the type of a list's element by its
 * class; the fields have the report's names and meanings. CEL's whole numbers are BigInt.
 */
export class RestartInput {
  readonly type: string;
  readonly title: string;
  readonly nodes: bigint;
  readonly cause: string;

  constructor({ type, title, nodes, cause }: { type: string; title: string; nodes: number; cause: string }) {
    this.type = type;
    this.title = title;
    this.nodes = BigInt(nodes);
    this.cause = cause;
  }
}

export interface GroupFields {
  type: string;
  title: string;
  attribute: string | null;
  change: string;
  kind: string;
  nodes: readonly string[];
  source: { path: string } | null;
  concerns?: readonly string[] | undefined;
}

/** Without the values: what a change writes is no ground to judge it by. `path` is that of the source; `concerns` say why it deserves a second look. */
export class GroupInput {
  readonly type: string;
  readonly title: string;
  readonly attribute: string | null;
  readonly change: string;
  readonly kind: string;
  readonly nodes: readonly string[];
  readonly path: string | null;
  readonly concerns: readonly string[];

  constructor({ type, title, attribute, change, kind, nodes, source, concerns = [] }: GroupFields) {
    this.type = type;
    this.title = title;
    this.attribute = attribute;
    this.change = change;
    this.kind = kind;
    this.nodes = nodes;
    this.path = source?.path ?? null;
    this.concerns = concerns;
  }
}

export interface FindingFields {
  check: string;
  severity: string;
  path: string | null;
  code: string;
  message: string;
  onChangedLine: boolean;
}

export class FindingInput {
  readonly check: string;
  readonly severity: string;
  readonly path: string | null;
  readonly code: string;
  readonly message: string;
  readonly onChangedLine: boolean;

  constructor({ check, severity, path, code, message, onChangedLine }: FindingFields) {
    this.check = check;
    this.severity = severity;
    this.path = path;
    this.code = code;
    this.message = message;
    this.onChangedLine = onChangedLine;
  }
}
