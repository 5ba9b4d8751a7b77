import type { Forge } from "../engine/ports/forge.ts";
import { readContributions } from "./contributions.ts";
import { rememberAccounts } from "./commits.ts";
import { readLabelsOf, readMergerOf, readPullsOf } from "./pulls-of.ts";
import type { Origin } from "../gate/event.ts";
import type { Known, Permission, Person } from "../gate/facts.ts";
import { readPushes } from "./activity.ts";
import { placeOf } from "./api.ts";
import type { AppIdentity, Authenticate } from "./api.ts";
import { retireCheckRun, showCheckRun } from "./check-run.ts";
import { react, sayInComment } from "./comments.ts";
import { readFailedDeliveries, redeliver } from "./deliveries.ts";
import { failureText, isOfGitHub, waitOf } from "./failure.ts";
import { readInstallations, readOrganisationsUnseen, readRepositories } from "./installations.ts";
import { setLabels } from "./labels.ts";
import { refuseMergeGroup } from "./merge-group.ts";
import { mergePull, treeOf } from "./merge.ts";
import { readOpenChanges } from "./open-changes.ts";
import { createOrganisationPolicies, type OrganisationPolicies } from "./organisation.ts";
import { permissionOf, personNamed } from "./people.ts";
import { refusalAdvice } from "./refusals.ts";
import { createSnapshots } from "./snapshot.ts";
import { offerSuggestions } from "./suggestions.ts";
import { readTeam } from "./teams.ts";
import { commentBody } from "./words.ts";

/** GitHub as the engine sees it, and what it says of the people who talk to `serve` elsewhere than in a pull request. */
export interface GitHubForge extends Forge {
  /** What somebody may do in a repository now. */
  permissionOf(origin: Origin, person: Person): Promise<Known<Permission>>;
  /** Null where nobody has this name. */
  personNamed(origin: Origin, login: string): Promise<Known<Person | null>>;
}

export function createForge(authenticate: Authenticate, app: AppIdentity, policies: OrganisationPolicies): GitHubForge {
  const place = (origin: Origin): ReturnType<typeof placeOf> => placeOf(authenticate, origin);
  const organisationPolicy = createOrganisationPolicies(policies);
  const accountOf = rememberAccounts();
  return {
    snapshot: createSnapshots(authenticate, app, policies),
    teamMembers: (origin, team) => readTeam(authenticate, app, origin, team),
    perform: async (origin, number, effect, report) => {
      const at = await place(origin);
      if (effect.kind === "reaction") await react(at, effect.comment, effect.content);
      else if (effect.kind === "labels") await setLabels(at, number, effect);
      else if (effect.kind === "comment") await sayInComment(at, app, number, commentBody(effect.view, report));
      else if (effect.kind === "retire-check-run") await retireCheckRun(at, app.id, number, effect);
      else if (effect.kind === "suggestions") await offerSuggestions(at, app, number, effect);
      else await showCheckRun(at, app.id, effect, report);
    },
    react: async (origin, comment) => react(await place(origin), comment, "eyes"),
    refuseMergeGroup: async (origin, head) => refuseMergeGroup(await place(origin), app, head),
    merge: async (origin, number, merge) => mergePull(await place(origin), app, number, merge),
    wayOut: async (merge, refusal) => refusalAdvice(refusal, { ...merge, slug: await app.slug() }),
    treeOf: async (origin, sha) => treeOf(await place(origin), sha),
    pullsOf: async (origin, sha) => readPullsOf(await place(origin), sha),
    labelsOf: async (origin, number) => readLabelsOf(await place(origin), number),
    contributionsTo: async (origin, number) => readContributions(await place(origin), number, accountOf),
    mergerOf: async (origin, number) => readMergerOf(await place(origin), number),
    pushesTo: async (origin, branch) => readPushes(await place(origin), branch),
    openChanges: (origin) => readOpenChanges(authenticate, origin),
    organisationPolicy: async (origin) => {
      const { api, repo } = await place(origin);
      const { data } = await api.rest.repos.get(repo);
      return organisationPolicy(api, origin.installation, data);
    },
    personNamed: async (origin, login) => personNamed(await place(origin), login),
    permissionOf: async (origin, person) => permissionOf(await place(origin), person),
    failedDeliveries: (since) => readFailedDeliveries(app, since),
    redeliver: (id) => redeliver(app, id),
    installations: () => readInstallations(app),
    repositories: (installation) => readRepositories(authenticate, installation),
    organisationsUnseen: () => readOrganisationsUnseen(authenticate, app),
    explain: (error) => (isOfGitHub(error) ? { text: failureText(error), after: waitOf(error) } : null),
  };
}
