import { ok } from "../http/answers.ts";
import { forRepo, type RepoCall, type Route } from "../http/router.ts";
import { must } from "../lookup.ts";
import { nodeId, userShape } from "../shapes/account.ts";
import type { Schemas } from "../shapes/schemas.ts";
import type { Activity } from "../state.ts";

/** What moved a repository's branches. https://docs.github.com/en/rest/repos/repos#list-repository-activities */
export const activityRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/activity", ["contents:read"], "read", async (call) => {
    const { repo, url } = call;
    const asked = (name: string): string | null => url.searchParams.get(name);
    const ref = asked("ref")?.replace(/^(?!refs\/)/, "refs/heads/") ?? null;
    const type = asked("activity_type");
    const all = repo.activities
      .filter((entry) => (ref === null || `refs/heads/${entry.branch}` === ref) && (type === null || entry.type === type))
      .toSorted((one, other) => (asked("direction") === "asc" ? one.id - other.id : other.id - one.id));
    const size = Math.min(Number(asked("per_page") ?? 30), 100);
    const cursor = asked("after");
    const start = cursor === null ? 0 : all.findIndex(({ id }) => String(id) === cursor) + 1;
    const items = all.slice(start, start + size);
    const last = items.at(-1);
    const answer = ok(items.map((entry) => activityShape(call, entry)));
    if (last === undefined || start + size >= all.length) return answer;
    const address = new URL(url);
    address.searchParams.set("after", String(last.id));
    return { ...answer, headers: { link: `<${address.href}>; rel="next"` } };
  }),
];

const nothing = "0".repeat(40);

function activityShape({ world }: RepoCall, { id, branch, before, after, type, actorId, at }: Activity) {
  return {
    id,
    node_id: nodeId("PSH", id),
    before: before ?? nothing,
    after: after ?? nothing,
    ref: `refs/heads/${branch}`,
    timestamp: at,
    activity_type: type,
    actor: userShape(world, must(world.state.accounts, actorId)),
  } satisfies Schemas["activity"];
}
