import { run } from "../process/run.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import { openGateStage, type GateStage } from "./gate-stage.ts";
import type { Pull, Repo } from "./github/state.ts";

/** What a person would look at after one step: GitHub's pages, in short. */
export interface Scene {
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
  /** Whether it is where production points to now. */
  isTip: boolean;
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

/**
 * One change on its way through the gate: opened, judged, refused where only its own author agreed, approved by a peer, landed on its
 * opener's word. Tells each scene as it comes.
 */
export async function carryThroughGate(
  folder: string,
  sample: ControlRepo,
  onScene: (scene: Scene) => void,
  signal: AbortSignal,
): Promise<void> {
  const stage = await openGateStage(folder, sample);
  try {
    const { github, name } = stage;
    const [dagny, emeka, farah] = [github.as("dagny"), github.as("emeka"), github.as("farah")];
    const story = sample.stories.find((each) => each.branch === branch);
    const { number } = await emeka.openPull(name, { head: branch, title: story?.title ?? branch });
    const show = async (act: string, lookAt: string, expected: Expected): Promise<void> => {
      await stage.quiet();
      signal.throwIfAborted();
      onScene(await look(stage, number, act, lookAt, expected));
    };
    await show(
      "emeka opens the pull request with farah's commit",
      "Judged within seconds: the labels say how far it reaches, the check run what is missing.",
      {
        conclusion: "action_required",
        merged: false,
        comment: /pending.*peer/u,
        labels: radiusLabels,
      },
    );
    await farah.review(name, number, { event: "APPROVE", body: "It is my commit, and I like it." });
    await emeka.comment(name, number, "/merge");
    await show(
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
    await show("dagny approves", "A peer who had no hand in it: the check run turns green, and says who can land it.", {
      conclusion: "success",
      merged: false,
      comment: /Ready/u,
      labels: radiusLabels,
    });
    await emeka.comment(name, number, "/merge");
    await show("emeka says /merge", "Landed: the tip of production is the merge commit, over the tree that was checked.", {
      conclusion: "success",
      merged: true,
      comment: /Landed as[^]*what was checked, to the byte/u,
      labels: radiusLabels,
    });
  } finally {
    await stage.close();
  }
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
  return { act, lookAt, check, labels, comment, landed, wrong };
}

const differs = (what: string, expected: unknown, got: unknown): string[] =>
  expected === got ? [] : [`${what}: expected ${String(expected)}, got ${String(got)}`];

async function landedOf(repo: Repo, pull: Pull): Promise<Landed | null> {
  if (pull.merged === null) return null;
  const { sha } = pull.merged;
  const { ok, stdout, stderr } = await run({
    file: "git",
    args: ["show", "--no-patch", "--format=%P%n%T%n%s", sha],
    cwd: repo.folder,
    env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: repo.folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
    seconds: 30,
    outputBytes: 1 << 20,
  });
  if (!ok) throw new Error(`the landed commit ${sha} can't be shown: ${stderr}`);
  const [parents = "", tree = "", subject = ""] = stdout.toString().split("\n");
  return { sha, parents: parents.split(" "), tree, subject, isTip: repo.refs.get(pull.base.ref) === sha };
}
