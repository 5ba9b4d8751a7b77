import { codeownersErrors } from "../codeowners.ts";
import { commitOf } from "../git.ts";
import { notFound, ok } from "../http/answers.ts";
import { forRepo, type Route } from "../http/router.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** @see https://docs.github.com/en/rest/repos/repos#list-codeowners-errors */
export const codeownersRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/codeowners/errors", ["contents:read"], "read", async ({ world, repo, url }) => {
    const commit = await commitOf(repo.folder, url.searchParams.get("ref") ?? repo.defaultBranch);
    const errors = commit === null ? null : await codeownersErrors(world.state, repo, commit);
    if (errors === null) throw notFound();
    return ok({ errors } satisfies Schemas["codeowners-errors"]);
  }),
];
