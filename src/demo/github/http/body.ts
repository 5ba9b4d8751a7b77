import type { z } from "zod";
import { invalidRequest } from "./answers.ts";

/** Takes a request's body by its schema, or refuses it in the words of GitHub's own schema check. */
export function take<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error.issues.map(sentence).join("\n"));
}

function sentence(issue: z.core.$ZodIssue): string {
  const name = issue.path.join("/");
  if (issue.input === undefined) return `"${name}" wasn't supplied.`;
  if (issue.code === "too_big" && issue.origin === "array")
    return `No more than ${issue.maximum} items are allowed; ${sizeOf(issue.input)} were supplied.`;
  if (issue.code === "too_big" && issue.origin === "string")
    return `Only ${issue.maximum} characters are allowed; ${sizeOf(issue.input)} were supplied.`;
  return `For 'properties/${name}', ${issue.message}.`;
}

const sizeOf = (input: unknown): number => (typeof input === "string" || Array.isArray(input) ? input.length : 0);
