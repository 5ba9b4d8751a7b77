import { readContributions } from "./contributions.ts";
import { rememberAccounts } from "./commits.ts";
import { readLabelsOf, readMergerOf, readPullsOf, type PullOfCommit } from "./pulls-of.ts";
import type { Effect, Merge } from "../gate/decide.ts";
import type { Origin, Push } from "../gate/event.ts";
import type { Known, Permission, Person, PolicyText, Snapshot } from "../gate/facts.ts";
import type { Report } from "../gate/report.ts";
import { readPushes } from "./activity.ts";
import { placeOf } from "./api.ts";
import type { AppIdentity, Authenticate } from "./api.ts";
import { retireCheckRun, showCheckRun } from "./check-run.ts";
import { react, sayInComment } from "./comments.ts";
import { readFailedDeliveries, redeliver, type FailedDelivery } from "./deliveries.ts";
import { failureText, isOfGitHub, waitOf } from "./failure.ts";
import { readInstallations, readOrganisationsUnseen, readRepositories } from "./installations.ts";
import { setLabels } from "./labels.ts";
import { refuseMergeGroup } from "./merge-group.ts";
import { mergePull, treeOf } from "./merge.ts";
import type { MergeOutcome } from "./merge.ts";
import { readOpenChanges, type OpenChange } from "./open-changes.ts";
import { createOrganisationPolicies, type OrganisationPolicies } from "./organisation.ts";
import { permissionOf, personNamed } from "./people.ts";
import { refusalAdvice } from "./refusals.ts";
import { createSnapshots } from "./snapshot.ts";
import { offerSuggestions } from "./suggestions.ts";
import { readTeam } from "./teams.ts";
import { commentBody } from "./words.ts";

/** GitHub as the engine sees it. */
export interface Forge {
  /** Reads a change whole. Rejects where the pull request itself can't be read. */
  snapshot(origin: Origin, number: number): Promise<Snapshot>;
  /** Numeric ids of everybody in `acme/sre` and the teams below it, as they are now. */
  teamMembers(origin: Origin, team: string): Promise<Known<ReadonlySet<number>>>;
  /** Makes an effect true; any number of times is the same as once. `report` is that of the pair the effect was decided on. */
  perform(origin: Origin, number: number, effect: Effect, report: Report | null): Promise<void>;
  /** Acknowledges a command before anything is read. */
  react(origin: Origin, comment: number): Promise<void>;
  refuseMergeGroup(origin: Origin, head: string): Promise<void>;
  merge(origin: Origin, number: number, merge: Merge): Promise<MergeOutcome>;
  /** What to do about GitHub's refusal of a push, in words; null where its own are all there is to say. */
  wayOut(merge: Merge, refusal: string): Promise<string | null>;
  treeOf(origin: Origin, sha: string): Promise<Known<string>>;
  /** The pull requests that a commit belongs to. */
  pullsOf(origin: Origin, sha: string): Promise<Known<readonly PullOfCommit[]>>;
  labelsOf(origin: Origin, number: number): Promise<Known<readonly string[]>>;
  contributionsTo(origin: Origin, number: number): Promise<Known<Pick<Snapshot, "number" | "opener" | "head" | "commits">>>;
  mergerOf(origin: Origin, number: number): Promise<Known<number | null>>;
  /** Who moved a branch of this repository, newest first. */
  pushesTo(origin: Origin, branch: string): Promise<Known<readonly Push[]>>;
  openChanges(origin: Origin): Promise<OpenChange[]>;
  organisationPolicy(origin: Origin): Promise<Known<PolicyText | null>>;
  /** What somebody may do in a repository now. */
  permissionOf(origin: Origin, person: Person): Promise<Known<Permission>>;
  /** Null where nobody has this name. */
  personNamed(origin: Origin, login: string): Promise<Known<Person | null>>;
  failedDeliveries(since: Date): Promise<FailedDelivery[]>;
  redeliver(id: string): Promise<void>;
  installations(): Promise<number[]>;
  repositories(installation: number): Promise<Origin[]>;
  /** Organisations that chose the App's repositories and show it none where their policy would be. */
  organisationsUnseen(): Promise<string[]>;
  /** A failure of GitHub in words, and the seconds it wants to be left alone; null when the error is none of GitHub's. */
  explain(error: unknown): { text: string; after: number } | null;
}

export function createForge(authenticate: Authenticate, app: AppIdentity, policies: OrganisationPolicies): Forge {
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
