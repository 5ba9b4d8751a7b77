/** What a route answers, and GitHub's ways of saying no. */

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent = (): Answer => ({ status: 204, body: null });

/** Ends a request with one of GitHub's errors. Thrown, since every route may end so at any depth. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly errors: readonly unknown[] | null;

  constructor(status: number, message: string, errors: readonly unknown[] | null = null) {
    super(message);
    this.status = status;
    this.errors = errors;
  }

  /** The body GitHub sends: message, errors where there are some, and where to read more. */
  body(documentation: string): Record<string, unknown> {
    return {
      message: this.message,
      ...(this.errors === null ? {} : { errors: this.errors }),
      documentation_url: documentation,
      status: String(this.status),
    };
  }
}

export const notFound = (): Refusal => new Refusal(404, "Not Found");

/** A body that GitHub's schema of the request does not take. */
export const invalidRequest = (detail: string): Refusal => new Refusal(422, `Invalid request.\n\n${detail}`);

export interface ValidationError {
  resource: string;
  code: "custom" | "invalid" | "missing_field" | "missing" | "already_exists" | "unprocessable" | "too_large";
  field?: string;
  message?: string;
  value?: string;
}

/** A body that is well formed and can't be done. */
export const validationFailed = (...errors: ValidationError[]): Refusal => new Refusal(422, "Validation Failed", errors);

/** The same, in the older form with sentences only. */
export const unprocessable = (...sentences: string[]): Refusal => new Refusal(422, "Unprocessable Entity", sentences);

/** @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
export interface Page<T> {
  items: T[];
  headers: Record<string, string>;
}

/** One page of a list: 30 unless asked otherwise, at most 100, with the `Link` header that Octokit follows. */
export function paginate<T>(all: readonly T[], url: URL): Page<T> {
  const asked = (name: string, otherwise: number): number => {
    const value = Number(url.searchParams.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= 1 ? value : otherwise;
  };
  const size = Math.min(asked("per_page", 30), 100);
  const page = asked("page", 1);
  const last = Math.max(1, Math.ceil(all.length / size));
  const link = (target: number, rel: string): string => {
    const address = new URL(url);
    address.searchParams.set("page", String(target));
    return `<${address.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ];
  return { items: all.slice((page - 1) * size, page * size), headers: links.length === 0 ? {} : { link: links.join(", ") } };
}
