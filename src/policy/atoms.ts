import { z } from "zod";
import { globFault } from "./patterns.ts";

/** The smallest parts of the policy file. Each pattern's message is a noun phrase: `issues.ts` puts it after "expected". */

/** A path of the tree: relative, with `/`, and never out of it. */
export const treePath = z
  .string()
  .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0\\]+$/u, "a path inside the repository, relative to its root, without `..`");

/** Of paths or certnames, as `glob.ts` compares them. `!` and `#` have no meaning there, so neither may begin one. */
export const glob = z
  .string()
  .regex(/^(?![/!#])[^\0\\]+$/u, "a pattern like `data/**` or `*.example.org`, that begins with none of `/`, `!` and `#`")
  .max(500)
  .refine(
    (pattern) => globFault(pattern) === null,
    "a pattern with at most three stars in one name, braces for few others, and no `+(`, `@(` or their like",
  );

export const name = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9_])?$/u, "a name of letters, digits, `_`, `.`, `:` and `-`")
  .max(100);

export const owner = z
  .string()
  .regex(/^@[A-Za-z0-9][A-Za-z0-9_-]*(?:\/[A-Za-z0-9_.-]+)?$/u, "a user or team as GitHub writes it: `@ann`, `@acme/web`");

/** Who is named as a user anyway may do without the `@`. */
export const user = z.string().regex(/^@?[A-Za-z0-9][A-Za-z0-9_-]*$/u, "a user's login, like `ann`");
export const team = z.string().regex(/^@?[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9_.-]+$/u, "a team with its organisation, like `acme/sre`");

/** A sentence that people will read. */
export const words = z.string().regex(/\S/u, "some words").max(500);

export const condition = z.string().min(1).max(4096);
export const percent = z.number().min(0).max(100);
