import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { must } from "./lookup.ts";
import { nodeId, userShape } from "./shapes/account.ts";
import { repositoryShape } from "./shapes/repository.ts";
import { organizationMembershipShape, organizationShape, teamShape } from "./shapes/team.ts";
import type { Account, Installation, Permission, Repo, Team } from "./state.ts";
import type { World } from "./world.ts";

/** Tells Apps who came and went in an organisation, its teams and its repositories. */

type Payload<E extends EmitterWebhookEventName> = EmitterWebhookEvent<E>["payload"];

/** What every event of an organisation carries. */
function commonPart(world: World, organization: Account, sender: Account, installation: Installation) {
  return {
    organization: organizationShape(world, organization),
    sender: userShape(world, sender),
    installation: { id: installation.id, node_id: nodeId("MDIz", installation.id) },
  };
}

type Common = ReturnType<typeof commonPart>;

function emit(world: World, organization: Account, sender: Account, event: string, build: (common: Common) => object): void {
  const { state, deliveries } = world;
  for (const installation of state.installations.values()) {
    if (installation.accountId !== organization.id || installation.suspendedAt !== null || !installation.events.includes(event)) continue;
    deliveries.send(must(state.apps, installation.appId), event, build(commonPart(world, organization, sender, installation)));
  }
}

/** Whoever sees to an organisation: what is done on its pages in a story is done by its first owner. */
export function ownerOf({ state }: World, organization: Account): Account {
  const [admin] = [...organization.members].find(([, role]) => role === "admin") ?? [];
  return admin === undefined ? organization : must(state.accounts, admin);
}

export function membershipChanged(world: World, team: Team, member: Account, action: "added" | "removed"): void {
  const organization = must(world.state.accounts, team.organizationId);
  const shape = teamShape(world, team);
  const part = { scope: "team" as const, member: userShape(world, member), team: shape };
  emit(world, organization, ownerOf(world, organization), "membership", (common) =>
    action === "added"
      ? ({ action, ...part, ...common } satisfies Payload<"membership.added">)
      : ({ action, ...part, ...common } satisfies Payload<"membership.removed">),
  );
}

export type TeamChange = { action: "created" | "deleted" } | { action: "added_to_repository" | "removed_from_repository"; repo: Repo };

export function teamChanged(world: World, team: Team, change: TeamChange): void {
  const organization = must(world.state.accounts, team.organizationId);
  const part = { team: { ...teamShape(world, team), parent: null } };
  const repository = "repo" in change ? { repository: repositoryShape(world, change.repo) } : {};
  const { action } = change;
  emit(world, organization, ownerOf(world, organization), "team", (common): object => {
    const all = { ...part, ...repository, ...common };
    if (action === "created") return { action, ...all } satisfies Payload<"team.created">;
    if (action === "deleted") return { action, ...all } satisfies Payload<"team.deleted">;
    if (action === "added_to_repository") return { action, ...all } satisfies Payload<"team.added_to_repository">;
    return { action, ...all } satisfies Payload<"team.removed_from_repository">;
  });
}

export function organizationChanged(world: World, organization: Account, member: Account, action: "member_added" | "member_removed"): void {
  const role = organization.members.get(member.id) ?? "member";
  const part = { membership: { ...organizationMembershipShape(world, organization, member, role), user: userShape(world, member) } };
  emit(world, organization, ownerOf(world, organization), "organization", (common) =>
    action === "member_added"
      ? ({ action, ...part, ...common } satisfies Payload<"organization.member_added">)
      : ({ action, ...part, ...common } satisfies Payload<"organization.member_removed">),
  );
}

export type CollaboratorChange =
  | { action: "added"; to: Permission }
  | { action: "edited"; from: Permission; to: Permission }
  | { action: "removed" };

/** What `member` calls the permissions that it knows. */
const legacy: Record<Permission, "read" | "write" | "admin"> = {
  none: "read",
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
};

export function collaboratorPayload(world: World, member: Account, change: CollaboratorChange) {
  const part = { member: userShape(world, member) };
  return (common: { repository: ReturnType<typeof repositoryShape>; sender: ReturnType<typeof userShape> }): object => {
    const all = { ...part, ...common };
    if (change.action === "removed") return { action: "removed", ...all } satisfies Payload<"member.removed">;
    if (change.action === "added") {
      const changes = { permission: { to: legacy[change.to] }, role_name: { to: change.to } };
      return { action: "added", changes, ...all } satisfies Payload<"member.added">;
    }
    const changes = { old_permission: { from: legacy[change.from] }, permission: { from: legacy[change.from], to: legacy[change.to] } };
    return { action: "edited", changes, ...all } satisfies Payload<"member.edited">;
  };
}
