import { z } from "zod";
import { pullChanged } from "../events.ts";
import { accountOf } from "../http/actor.ts";
import { Refusal, created, noContent, notFound, ok, paginate, validationFailed, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forRepo, pullOf, type RepoCall, type Route } from "../http/router.ts";
import { must, same } from "../lookup.ts";
import { labelShape } from "../shapes/issue.ts";
import type { Label, Pull } from "../state.ts";
import { stamp, type World } from "../world.ts";

/** Labels of a repository and of its pull requests. https://docs.github.com/en/rest/issues/labels */

const read = ["issues:read", "pull_requests:read"];
const write = ["issues:write", "pull_requests:write"];
const ofIssue = "/repos/{owner}/{repo}/issues/{issue_number}/labels";

export const labelRoutes: readonly Route[] = [
  forRepo("GET /repos/{owner}/{repo}/labels", read, "read", async ({ world, repo, url }) => {
    const page = paginate([...repo.labels.values()], url);
    return { ...ok(page.items.map((label) => labelShape(world, repo, label))), headers: page.headers };
  }),
  forRepo("POST /repos/{owner}/{repo}/labels", write, "write", createLabel),
  forRepo("GET /repos/{owner}/{repo}/labels/{name}", read, "read", async (call) => {
    const label = findLabel(call, call.params["name"] ?? "");
    if (label === undefined) throw notFound();
    return ok(labelShape(call.world, call.repo, label));
  }),
  forRepo(`GET ${ofIssue}`, read, "read", async (call) => shown(call, pullOf(call, "issue_number"))),
  forRepo(`POST ${ofIssue}`, write, "triage", async (call) => {
    const pull = pullOf(call, "issue_number");
    for (const name of namesIn(call)) await add(call, pull, name);
    return shown(call, pull);
  }),
  forRepo(`PUT ${ofIssue}`, write, "triage", async (call) => {
    const pull = pullOf(call, "issue_number");
    const names = namesIn(call);
    for (const id of pull.labelIds)
      if (!names.some((name) => same(name, must(call.repo.labels, id).name))) await remove(call, pull, must(call.repo.labels, id));
    for (const name of names) await add(call, pull, name);
    return shown(call, pull);
  }),
  forRepo(`DELETE ${ofIssue}`, write, "triage", async (call) => {
    const pull = pullOf(call, "issue_number");
    for (const id of pull.labelIds) await remove(call, pull, must(call.repo.labels, id));
    return noContent();
  }),
  forRepo(`DELETE ${ofIssue}/{name}`, write, "triage", async (call) => {
    const pull = pullOf(call, "issue_number");
    const label = findLabel(call, call.params["name"] ?? "");
    if (label === undefined || !pull.labelIds.includes(label.id)) throw new Refusal(404, "Label does not exist");
    await remove(call, pull, label);
    return shown(call, pull);
  }),
];

function shown({ world, repo, url }: RepoCall, pull: Pull): Answer {
  const page = paginate(pull.labelIds, url);
  return { ...ok(page.items.map((id) => labelShape(world, repo, must(repo.labels, id)))), headers: page.headers };
}

function findLabel({ repo }: RepoCall, name: string): Label | undefined {
  return repo.labels.values().find((label) => same(label.name, name));
}

/** Characters of a label's name; GitHub refuses a longer one. */
const longestName = 50;

function newLabel({ world, repo }: RepoCall, name: string, color: string, description: string | null): Label {
  if (name.length > longestName) throw validationFailed({ resource: "Label", code: "invalid", field: "name" });
  const label = { id: world.state.ids.next(), name, color, description };
  repo.labels.set(label.id, label);
  return label;
}

const labelRequest = z.object({ name: z.string().min(1), color: z.string().optional(), description: z.string().max(100).nullish() });

async function createLabel(call: RepoCall): Promise<Answer> {
  const { name, color = "ededed", description = null } = take(labelRequest, call.body);
  if (findLabel(call, name) !== undefined) throw validationFailed({ resource: "Label", code: "already_exists", field: "name" });
  return created(labelShape(call.world, call.repo, newLabel(call, name, color, description)));
}

const one = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const namesRequest = z.union([z.object({ labels: z.array(one) }), z.array(one).transform((labels) => ({ labels }))]);

function namesIn({ body }: RepoCall): string[] {
  return take(namesRequest, body).labels;
}

/** A label the repository has not is made on the way, in grey. */
async function add(call: RepoCall, pull: Pull, name: string): Promise<void> {
  const label = findLabel(call, name) ?? newLabel(call, name, "ededed", null);
  if (pull.labelIds.includes(label.id)) return;
  pull.labelIds.push(label.id);
  await told(call, pull, { action: "labeled", label });
}

async function remove(call: RepoCall, pull: Pull, label: Label): Promise<void> {
  pull.labelIds = pull.labelIds.filter((id) => id !== label.id);
  await told(call, pull, { action: "unlabeled", label });
}

async function told(
  { world, actor }: { world: World } & RepoCall,
  pull: Pull,
  change: { action: "labeled" | "unlabeled"; label: Label },
): Promise<void> {
  pull.updatedAt = stamp(world);
  await pullChanged(world, pull, accountOf(actor), change);
}
