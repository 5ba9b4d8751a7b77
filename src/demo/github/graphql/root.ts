import { atLeast, permissionOf, repoByName } from "../lookup.ts";
import { accountOf } from "../http/actor.ts";
import { updateRefs, type RefUpdate } from "../ref-updates.ts";
import { actorObject } from "./actors.ts";
import { demandGrant, refusal, visible, type Asked } from "./asked.ts";
import { nodeObject, repositoryById } from "./nodes.ts";
import { repositoryObject } from "./repositories.ts";

/** Queries and mutations, by their names. */
export function rootOf(asked: Asked) {
  return {
    viewer: () => actorObject(asked, accountOf(asked.actor).id),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repo = repoByName(asked.world.state, owner, name);
      if (repo === undefined || !visible(asked, repo))
        throw refusal("NOT_FOUND", `Could not resolve to a Repository with the name '${owner}/${name}'.`);
      return repositoryObject(asked, repo);
    },
    node: ({ id }: { id: string }) => nodeObject(asked, id),
    // Each by itself, so that one that is not there leaves the others.
    nodes: ({ ids }: { ids: string[] }) => ids.map(async (id) => nodeObject(asked, id)),
    rateLimit: () => ({ ...asked.quota.left(), cost: asked.cost.points, nodeCount: asked.cost.nodes }),
    updateRefs: async ({ input }: { input: UpdateRefsInput }) => moveRefs(asked, input),
  };
}

interface UpdateRefsInput {
  clientMutationId?: string | null;
  repositoryId: string;
  refUpdates: { name: string; afterOid: string; beforeOid?: string | null; force: boolean }[];
}

/** @see https://docs.github.com/en/graphql/reference/mutations#updaterefs */
async function moveRefs(asked: Asked, input: UpdateRefsInput) {
  const { world, actor } = asked;
  const repo = repositoryById(asked, input.repositoryId);
  demandGrant(asked, repo, "contents:write");
  if (actor.kind === "user" && !atLeast(permissionOf(world.state, repo, actor.account), "write"))
    throw refusal("FORBIDDEN", `${actor.account.login} does not have the correct permissions to execute \`UpdateRefs\``);
  // Zeros stand for a ref that is not there, before or after.
  const orNull = (oid: string): string | null => (/^0+$/.test(oid) ? null : oid);
  const updates = input.refUpdates.map(({ name, afterOid, beforeOid, force }): RefUpdate => ({
    ref: name,
    before: typeof beforeOid === "string" ? orNull(beforeOid) : undefined,
    after: orNull(afterOid),
    force,
  }));
  const refused = await updateRefs(world, repo, actor, updates);
  if (refused !== null) throw refusal("UNPROCESSABLE", refused.words);
  return { clientMutationId: input.clientMutationId ?? null };
}
