import { z } from "zod";
import { git, lines } from "../git.ts";
import { Refusal, created, noContent, ok, paginate, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { updateRefs, type RefUpdate } from "../ref-updates.ts";
import { refShape } from "../shapes/git-data.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** Refs by the REST API. https://docs.github.com/en/rest/git/refs */

export const gitRefRoutes: readonly Route[] = [
  forRepo("POST /repos/{owner}/{repo}/git/refs", ["contents:write"], "write", create),
  forRepo("PATCH /repos/{owner}/{repo}/git/refs/{ref}", ["contents:write"], "write", update),
  forRepo("DELETE /repos/{owner}/{repo}/git/refs/{ref}", ["contents:write"], "write", async (call) => {
    await move(call, { ref: fullRef(call), before: undefined, after: null, force: true });
    return noContent();
  }),
  forRepo("GET /repos/{owner}/{repo}/git/matching-refs/{ref}", ["contents:read"], "read", matching),
];

const fullRef = ({ params }: RepoCall): string => `refs/${params["ref"] ?? ""}`;

async function move(call: RepoCall, update: RefUpdate): Promise<void> {
  if (call.repo.refs.size === 0) throw new Refusal(409, "Git Repository is empty.");
  const refusal = await updateRefs(call.world, call.repo, call.actor, [update]);
  if (refusal !== null) throw new Refusal(refusal.code === "workflow" ? 403 : 422, refusal.words);
}

const sha = z.string().regex(/^[0-9a-f]{40}$/, "The sha must be 40 hexadecimal digits");
const createRequest = z.object({ ref: z.string(), sha });

async function create(call: RepoCall): Promise<Answer> {
  const request = take(createRequest, call.body);
  if (!/^refs\/.+\/./.test(request.ref)) throw new Refusal(422, "Reference name must start with 'refs/' and contain at least two slashes.");
  await move(call, { ref: request.ref, before: null, after: request.sha, force: false });
  return created(shapeOf(call, request.ref, request.sha, "commit"));
}

const updateRequest = z.object({ sha, force: z.boolean().default(false) });

async function update(call: RepoCall): Promise<Answer> {
  const request = take(updateRequest, call.body);
  const ref = fullRef(call);
  const exists = (await listRefs(call, ref)).some((entry) => entry.ref === ref);
  if (!exists) throw new Refusal(422, "Reference does not exist");
  await move(call, { ref, before: undefined, after: request.sha, force: request.force });
  return ok(shapeOf(call, ref, request.sha, "commit"));
}

/** Refs that begin so, whatever follows: `heads/feature` finds `heads/feature-a` too. */
async function matching(call: RepoCall): Promise<Answer> {
  const all = await listRefs(call, fullRef(call));
  const page = paginate(all, call.url);
  return { ...ok(page.items.map(({ ref, sha: target, type }) => shapeOf(call, ref, target, type))), headers: page.headers };
}

async function listRefs({ repo }: RepoCall, prefix: string): Promise<{ ref: string; sha: string; type: string }[]> {
  const listing = lines(await git(repo.folder, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)"]));
  return listing
    .map((line) => {
      const [object = "", type = "", ref = ""] = line.split(" ");
      return { ref, sha: object, type };
    })
    .filter(({ ref }) => ref.startsWith(prefix));
}

function shapeOf({ world, repo }: RepoCall, ref: string, target: string, type: string): Schemas["git-ref"] {
  return refShape(world, repo, ref, target, type);
}
