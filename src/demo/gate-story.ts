import type { ControlRepo } from "./control-repo/make.ts";
import { ownTree } from "./control-repo/sources.ts";
import { base, type GateStage, policyPath, policyText } from "./gate-stage.ts";
import { git } from "./github/git.ts";
import type { CommitRequest } from "./github/pushing.ts";
import type { Pull, Repo } from "./github/state.ts";

/** What a person would look at after one step: GitHub's pages, in short. */
export interface Scene {
  /** The pull request's. */
  number: number;
  /** Who did what. */
  act: string;
  /** Why it is worth a look. */
  lookAt: string;
  check: { conclusion: string; title: string };
  labels: string[];
  /** The gate's one comment, as Markdown. */
  comment: string;
  landed: Landed | null;
  /** What is otherwise than it should be. */
  wrong: string[];
}

interface Landed {
  sha: string;
  parents: string[];
  subject: string;
  tree: string;
  /** Whether it is where main points to now. */
  isTip: boolean;
}

/** A commit of the base branch's own line, and what it changes on which machine, by certname: `Service[search]`. */
export interface Landing {
  commit: string;
  reach: ReadonlyMap<string, readonly string[]>;
}

/** What has to be true after a step. */
interface Expected {
  conclusion: string;
  merged: boolean;
  /** A passage of the comment. */
  comment: RegExp;
  labels?: readonly string[];
}

const branch = "template-restart";
const radiusLabels = [
  "radius/large",
  "restart/ads",
  "restart/metadata",
  "restart/search",
  "service/ads",
  "service/metadata",
  "service/search",
];

const templatePath = "site-modules/profile/templates/jvm/jvm.options.epp";

/**
 * One change on its way through the gate: opened, judged, refused where only its own author agreed, approved by a peer, refused again
 * because base moved under it at the very moment of landing, approved anew, landed on its opener's word. One that goes further than meant, which no reviewer saw
 * and an expectation did: refused, mended, landed. And one that would loosen the policy, refused although a peer approved it. Tells each scene as it comes.
 */
export async function carryThroughGate(
  stage: GateStage,
  sample: ControlRepo,
  reach: Landing["reach"],
  onScene: (scene: Scene) => void | Promise<void>,
  signal: AbortSignal,
): Promise<Landing[]> {
  const show = async (number: number, act: string, lookAt: string, expected: Expected): Promise<void> => {
    await stage.quiet();
    signal.throwIfAborted();
    await onScene(await look(stage, number, act, lookAt, expected));
  };
  const tip = (): string => stage.repo.refs.get(base) ?? "";
  const pushed = await landTemplate(stage, sample, show);
  const landings: Landing[] = [
    { commit: pushed, reach },
    { commit: tip(), reach },
  ];
  await stopPlaylist(stage, show);
  landings.push({ commit: tip(), reach: new Map([[stoppedNode, ["Service[playlist]"]]]) });
  await loosenPolicy(stage, show);
  return landings;
}

type Show = (number: number, act: string, lookAt: string, expected: Expected) => Promise<void>;

/** Gives the commit that was pushed in between. */
async function landTemplate(stage: GateStage, sample: ControlRepo, show: Show): Promise<string> {
  const { github, name, repo } = stage;
  const [dagny, emeka, farah] = [github.as("dagny"), github.as("emeka"), github.as("farah")];
  const story = sample.stories.find((each) => each.branch === branch);
  // The branch came with the repository; somebody has to have pushed it, for whoever did can't approve it either.
  const pushed = repo.refs.get(branch);
  await farah.moveBranch(name, branch, null);
  await farah.moveBranch(name, branch, pushed ?? null);
  const { number } = await emeka.openPull(name, { head: branch, title: story?.title ?? branch });
  await show(
    number,
    "emeka opens the pull request with farah's commit",
    "Judged within seconds: the labels say how far it reaches, the check run what is missing.",
    { conclusion: "action_required", merged: false, comment: /pending.*peer/u, labels: radiusLabels },
  );
  await farah.review(name, number, { event: "APPROVE", body: "It is my commit, and I like it." });
  await emeka.comment(name, number, "/merge");
  await show(
    number,
    "farah approves, and emeka says /merge",
    "Refused: farah wrote the commit, so her approval counts for nothing, and the sentence says who can help.",
    {
      conclusion: "action_required",
      merged: false,
      comment: /emeka said `\/merge`:\*\* refused[^]*farah is author/u,
      labels: radiusLabels,
    },
  );
  await dagny.review(name, number, { event: "APPROVE" });
  await show(number, "dagny approves", "A peer who had no hand in it: the check run turns green, and says who can land it.", {
    conclusion: "success",
    merged: false,
    comment: /Ready/u,
    labels: radiusLabels,
  });
  let between = "";
  const run = async (): Promise<void> => {
    between = await github.as("greta").commit(name, shorterPauses());
  };
  github.faults.next({ kind: "meanwhile", route: "git-receive-pack", run });
  await emeka.comment(name, number, "/merge");
  await show(
    number,
    "emeka says /merge, and in that very moment greta pushes to main",
    "Refused: main is not where it was when this was checked, and greta's line changes the same files on the same machines. What dagny approved is not what would land any more.",
    {
      conclusion: "action_required",
      merged: false,
      comment: /dagny's approval was dropped because main moved/u,
      labels: radiusLabels,
    },
  );
  await dagny.review(name, number, { event: "APPROVE", body: "Looked again: both lines are well." });
  await stage.quiet();
  await emeka.comment(name, number, "/merge");
  await show(
    number,
    "dagny looks again and approves, and emeka says /merge",
    "Landed: the tip of main is the merge commit, over the tree that was checked.",
    { conclusion: "success", merged: true, comment: /Landed as[^]*what was checked, to the byte/u, labels: radiusLabels },
  );
  return between;
}

const sampleText = (path: string): string => ownTree().get(path)?.content.toString() ?? "";

/** What moves base: another line of the very file that the change at the gate touches. */
const shorterPauses = (): CommitRequest => ({
  branch: base,
  files: { [templatePath]: sampleText(templatePath).replace("-XX:MaxGCPauseMillis=200", "-XX:MaxGCPauseMillis=100") },
  message: "Shorter pauses",
});

const stoppedNode = "playlist2.lon.tonearm.example";

async function stopPlaylist(stage: GateStage, show: Show): Promise<void> {
  const { github, name } = stage;
  const [dagny, farah] = [github.as("dagny"), github.as("farah")];
  const [wide, narrow] = ["data/services/playlist-lon.yaml", `data/nodes/${stoppedNode}.yaml`];
  const [head, title, stopped] = [
    "playlist2-disk",
    "Stop playlist2 in London while it gets a new disk",
    "---\nprofile::playlist::ensure: stopped\n",
  ];
  await farah.commit(name, { branch: head, from: base, files: { [wide]: stopped }, message: title });
  const { number } = await farah.openPull(name, { head, title });
  await dagny.review(name, number, { event: "APPROVE" });
  await stage.quiet();
  await farah.comment(name, number, "/merge");
  await show(
    number,
    "farah would stop one machine, and writes it where it holds for all of London; dagny approves, and farah says /merge",
    `Refused: playlist is no longer discoverable in lon. What reviewers look for is written in expectations/ of the control repo, and was held against the catalogs; nobody had to see that ${wide} is about four machines.`,
    { conclusion: "failure", merged: false, comment: /playlist-in-every-datacentre[^]*lon/u },
  );
  await farah.commit(name, { branch: head, files: { [wide]: null, [narrow]: stopped }, message: "On playlist2 alone" });
  await stage.quiet();
  await dagny.review(name, number, { event: "APPROVE" });
  await stage.quiet();
  await farah.comment(name, number, "/merge");
  await show(
    number,
    "farah writes it for that machine alone; dagny approves that, and farah says /merge",
    "Landed: one machine stops, three go on, and the expectation holds.",
    { conclusion: "success", merged: true, comment: /Landed as/u, labels: ["radius/small", "service/playlist"] },
  );
}

async function loosenPolicy(stage: GateStage, show: Show): Promise<void> {
  const { github, name } = stage;
  const emeka = github.as("emeka");
  const text = policyText().replace("mode: enforce", "mode: observe");
  await emeka.commit(name, { branch: "observe", from: base, files: { [policyPath]: text }, message: "Only observe for a while" });
  const { number } = await emeka.openPull(name, { head: "observe", title: "Only observe for a while" });
  await github.as("dagny").review(name, number, { event: "APPROVE" });
  await stage.quiet();
  await emeka.comment(name, number, "/merge");
  await show(
    number,
    "emeka would have the gate only observe; dagny approves, and emeka says /merge",
    "Refused: the policy of main judges, not the one that is proposed, and it asks for two approvals where a change would loosen it.",
    { conclusion: "action_required", merged: false, comment: /emeka said `\/merge`:\*\* refused[^]*policy/u },
  );
}

async function look({ repo }: GateStage, number: number, act: string, lookAt: string, expected: Expected): Promise<Scene> {
  const pull = repo.pulls.get(number);
  if (pull === undefined) throw new Error(`the stand-in lost pull request ${number}`);
  const checkRun = repo.checkRuns
    .values()
    .toArray()
    .findLast((each) => each.headSha === pull.head.sha);
  const check = { conclusion: checkRun?.conclusion ?? checkRun?.status ?? "none", title: checkRun?.output.title ?? "" };
  const comments = repo.comments
    .values()
    .filter((each) => each.number === number && each.appId !== null)
    .toArray();
  const comment = comments.map(({ body }) => body).join("\n\n");
  const labels = pull.labelIds.map((id) => repo.labels.get(id)?.name ?? String(id)).sort();
  const landed = await landedOf(repo, pull);
  const wrong = [
    ...differs("the check run", expected.conclusion, check.conclusion),
    ...differs("merged", expected.merged, landed !== null),
    ...differs("comments of the gate", 1, comments.length),
    ...(expected.comment.test(comment) ? [] : [`the comment does not say ${expected.comment.source}`]),
    ...(expected.labels === undefined ? [] : differs("the labels", expected.labels.join(" "), labels.join(" "))),
    ...(landed === null || landed.isTip ? [] : ["what landed is not the tip of the branch"]),
    ...(landed === null ? [] : differs("the merge's second parent", pull.head.sha, landed.parents[1])),
  ];
  return { number, act, lookAt, check, labels, comment, landed, wrong };
}

const differs = (what: string, expected: unknown, got: unknown): string[] =>
  expected === got ? [] : [`${what}: expected ${String(expected)}, got ${String(got)}`];

async function landedOf(repo: Repo, pull: Pull): Promise<Landed | null> {
  if (pull.merged === null) return null;
  const { sha } = pull.merged;
  const shown = await git(repo.folder, ["show", "--no-patch", "--format=%P%n%T%n%s", sha]);
  const [parents = "", tree = "", subject = ""] = shown.split("\n");
  return { sha, parents: parents.split(" "), tree, subject, isTip: repo.refs.get(pull.base.ref) === sha };
}
