import type { Report } from "../gate/report.ts";
import { run } from "../process/run.ts";
import { marker } from "../github/words.ts";
import { statusLines } from "../rollout/status-words.ts";
import type { RolloutStatus } from "../rollout/status.ts";
import type { GateStage } from "./gate-stage.ts";

/** Where every lane is after one step of the story, and what the gate said to people meanwhile. */
export interface LaneScene {
  act: string;
  lookAt: string;
  lanes: readonly LaneRow[];
  /** As `puppet-gate rollout status` tells it. */
  status: readonly string[];
  /** What is new on GitHub: what the gate wrote, and where. */
  said: readonly { where: string; text: string }[];
  wrong: string[];
}

export interface LaneRow {
  lane: string;
  environment: string;
  machines: number;
  /** What people call the commit that its branch has. */
  has: string;
  stands: "still" | "well" | "watched";
}

/** What each lane has to have, in their order, and where one has to stand still, with what its status names. */
interface Expected {
  has: readonly string[];
  halted?: { lane: string; names: readonly RegExp[] };
  /** What the gate has to have written, somewhere. */
  said?: RegExp;
}

const templatePath = "site-modules/profile/templates/jvm/jvm.options.epp";
const adsPath = "data/services/ads.yaml";
const victim = "search1.lon.tonearm.example";

/**
 * What was landed is carried out lane by lane. Then two changes go together, of which one is bad: the smallest lane stands still and names which; it goes
 * back on the word of somebody who had no part in it; and what takes it back, which the gate has prepared, goes through. Tells each scene as it comes.
 *
 * `reach`: what the landed change does to which machine, by the gate's own report of it.
 */
export async function carryThroughLanes(
  stage: GateStage,
  reach: Pick<Report, "groups" | "radius">,
  onScene: (scene: LaneScene) => void,
  signal: AbortSignal,
): Promise<void> {
  const tale = new Tale(stage, onScene);
  const { repo } = stage;
  tale.call(repo.refs.get("production") ?? "", "what was there");
  const landed = repo.refs.get("main") ?? "";
  tale.call(landed, "emeka's change");
  stage.behave(agentsThat(changesOf(reach), landed, null));
  await stage.pass(30, signal);
  await tale.show(
    "what emeka landed is on its way",
    "The train took it to the smallest lane alone, and both compilers had to prove that they serve it before a run counted.",
    { has: ["emeka's change", "what was there", "what was there"] },
  );
  await stage.pass(150, signal);
  await tale.show(
    "two hours and a half later",
    "Each lane was observed for its half hour, every kind of machine ran the new code twice, nothing happened that was not expected: so the next one got it.",
    { has: ["emeka's change", "emeka's change", "emeka's change"] },
  );
  await carryBad(stage, tale, reach, signal);
}

async function carryBad(stage: GateStage, tale: Tale, reach: Pick<Report, "groups" | "radius">, signal: AbortSignal): Promise<void> {
  const { github, name, repo } = stage;
  const [emeka, farah, greta] = [github.as("emeka"), github.as("farah"), github.as("greta")];
  const pauses = await propose(stage, "emeka", "much-shorter-pauses", "Much shorter pauses", shorter());
  await greta.comment(name, pauses, "/rollout pause for 2h two changes are to go together");
  await stage.quiet();
  const ads = await propose(stage, "farah", "more-ads", "More ads in an hour", moreAds());
  await land(stage, farah.account.login, ads);
  tale.call(repo.refs.get("main") ?? "", "farah's change");
  await land(stage, emeka.account.login, pauses);
  await greta.comment(name, pauses, "/rollout resume");
  await stage.quiet();
  const bad = repo.refs.get("main") ?? "";
  tale.call(bad, "the two");
  stage.behave(agentsThat(changesOf(reach), bad, victim));
  await stage.pass(60, signal);
  await tale.show(
    `farah's change and emeka's go together: #${ads} and #${pauses}`,
    "One failed run could be chance; at the second one of a service that this very release restarts, the lane stands still. No other lane ever had it, and of two changes one is named.",
    {
      has: ["the two", "emeka's change", "emeka's change"],
      halted: { lane: "canary", names: [new RegExp(victim.replaceAll(".", String.raw`\.`), "u"), new RegExp(`#${pauses}\\b`, "u")] },
      said: /search1/u,
    },
  );
  await emeka.comment(name, pauses, "/rollout return canary search does not start with it");
  await stage.quiet();
  await tale.show(
    "emeka says /rollout return",
    "Refused: whoever had a part in a release does not decide alone where it goes. Stopping it anybody may.",
    {
      has: ["the two", "emeka's change", "emeka's change"],
      halted: { lane: "canary", names: [] },
      said: /emeka said `\/rollout return[^]*refused[^]*a part in/u,
    },
  );
  await greta.comment(name, pauses, `/rollout return canary #${pauses} search does not start with it`);
  await stage.quiet();
  await stage.pass(60, signal);
  await tale.show(
    "greta says it, who had no part in it",
    `The lane went back, was deployed and observed like any release. #${pauses} is in quarantine: nothing brings it along without its revert. farah's change is not held up by it, and is on its way alone.`,
    { has: ["farah's change", "emeka's change", "emeka's change"] },
  );
  const revert = repo.pulls.values().find(({ title, state }) => state === "open" && title.startsWith("Revert"))?.number;
  if (revert === undefined) return tale.miss("the gate should have opened a pull request that takes the change back");
  await land(stage, "emeka", revert);
  tale.call(repo.refs.get("main") ?? "", "the revert");
  await stage.pass(240, signal);
  await tale.show(
    `dagny approves the revert that the gate had ready, #${revert}, and emeka says /merge`,
    "It was opened, checked and told of before anybody asked for it. Nothing of the bad change is left on the way, and nothing differs from what the machines have by then.",
    { has: ["the revert", "the revert", "the revert"] },
  );
}

const shorter = (): Record<string, (text: string) => string> => ({
  [templatePath]: (text) => text.replace(/-XX:MaxGCPauseMillis=\d+/u, "-XX:MaxGCPauseMillis=1"),
});

const moreAds = (): Record<string, (text: string) => string> => ({
  [adsPath]: (text) => text.replace(/profile::ads::most_per_hour: \d+/u, "profile::ads::most_per_hour: 6"),
});

/** A change of what files say by now, as a pull request; gives its number. */
async function propose(
  { github, name, repo }: GateStage,
  login: string,
  branch: string,
  title: string,
  edits: Record<string, (text: string) => string>,
): Promise<number> {
  const person = github.as(login);
  const files: Record<string, string> = {};
  for (const [path, edit] of Object.entries(edits)) files[path] = edit(await fileOf(repo, path));
  await person.commit(name, { branch, from: repo.defaultBranch, files, message: title });
  return (await person.openPull(name, { head: branch, title })).number;
}

async function fileOf({ folder, defaultBranch }: GateStage["repo"], path: string): Promise<string> {
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  const args = ["show", `refs/heads/${defaultBranch}:${path}`];
  const { ok, stdout, stderr } = await run({ file: "git", args, cwd: folder, env, seconds: 30, outputBytes: 1 << 20 });
  if (!ok) throw new Error(`${path} can't be read: ${stderr}`);
  return stdout.toString();
}

/** A peer approves, and it lands on somebody's word. */
async function land(stage: GateStage, login: string, number: number): Promise<void> {
  const { github, name, repo } = stage;
  await stage.quiet();
  await github.as("dagny").review(name, number, { event: "APPROVE" });
  await stage.quiet();
  await github.as(login).comment(name, number, "/merge");
  await stage.quiet();
  if ((repo.pulls.get(number)?.merged ?? null) === null) throw new Error(`#${number} did not land on the word of ${login}`);
}

/** What a change does on each machine, by the report of its check. */
function changesOf({ groups, radius }: Pick<Report, "groups" | "radius">): Map<string, string[]> {
  const changes = new Map<string, Set<string>>();
  const add = (certname: string, resource: string): void => {
    const own = changes.get(certname) ?? new Set();
    changes.set(certname, own.add(resource));
  };
  for (const { type, title, nodes } of groups) for (const certname of nodes) add(certname, `${type}[${title}]`);
  for (const { type, title, certnames = [] } of radius.restarts) for (const certname of certnames) add(certname, `${type}[${title}]`);
  return new Map([...changes].map(([certname, resources]) => [certname, [...resources]]));
}

/** Agents change what is expected of them, once; on `fails` a service that they restart does not start. */
function agentsThat(
  expected: ReadonlyMap<string, readonly string[]>,
  release: string,
  fails: string | null,
): Parameters<GateStage["behave"]>[0] {
  const done = new Set<string>();
  return (certname, commit) => {
    if (commit !== release) return { changed: [], failed: [] };
    const resources = expected.get(certname) ?? [];
    const failed = certname === fails ? resources.filter((resource) => resource.startsWith("Service[")) : [];
    const changed = done.has(certname) ? [] : resources.filter((resource) => !failed.includes(resource));
    done.add(certname);
    return { changed, failed };
  };
}

/** The story so far: what commits are called, and what was shown of the gate's words already. */
class Tale {
  readonly #stage: GateStage;
  readonly #onScene: (scene: LaneScene) => void;
  readonly #called = new Map<string, string>();
  readonly #heard = new Set<string>();
  readonly #missed: string[] = [];

  constructor(stage: GateStage, onScene: (scene: LaneScene) => void) {
    this.#stage = stage;
    this.#onScene = onScene;
    // What was said at the gate was shown there.
    for (const { text } of this.#comments()) this.#heard.add(text);
  }

  call(commit: string, words: string): void {
    this.#called.set(commit, words);
  }

  async show(act: string, lookAt: string, expected: Expected): Promise<void> {
    const status = await this.#stage.status();
    const lanes = this.#rows(status);
    const lines = statusLines(status);
    const said = this.#comments().filter(({ text }) => !this.#heard.has(text));
    for (const { text } of said) this.#heard.add(text);
    this.#onScene({
      act,
      lookAt,
      lanes,
      status: lines,
      said: said.map(toShow),
      wrong: [...this.#missed.splice(0), ...wrongOf(expected, { lanes, lines, said })],
    });
  }

  miss(what: string): void {
    this.#onScene({ act: "", lookAt: "", lanes: [], status: [], said: [], wrong: [what] });
  }

  #comments(): { where: string; text: string }[] {
    return this.#stage.repo.comments
      .values()
      .filter(({ appId }) => appId !== null)
      .map(({ number, body }) => ({ where: `#${number}`, text: body }))
      .toArray();
  }

  #rows({ lanes }: RolloutStatus): LaneRow[] {
    return this.#stage.machines.map((machines, at) => {
      const lane = lanes[at];
      const tip = this.#stage.repo.refs.get(machines.environment) ?? "";
      const stands = lane === undefined || lane.halt !== null ? "still" : lane.stage === null ? "well" : "watched";
      return { ...machines, has: this.#called.get(tip) ?? tip, stands };
    });
  }
}

/** Of the gate's one comment what is about the rollout: where the change is, and what was said. A comment of another kind is new as it is. */
function toShow({ where, text }: LaneScene["said"][number]): LaneScene["said"][number] {
  if (!text.includes(marker)) return { where, text };
  const lines = text.split("\n");
  const about = lines.filter((line) => /^\*\*\S+ said `\/rollout/u.test(line));
  const from = lines.findIndex((line) => line.startsWith("**Where it is now**"));
  const rest = from < 0 ? [] : lines.slice(from);
  const end = rest.findIndex((line, at) => at > 2 && !/^\||^It waited/u.test(line));
  return { where, text: [...about, ...(end < 0 ? rest : rest.slice(0, end))].join("\n") };
}

function wrongOf(
  expected: Expected,
  { lanes, lines, said }: { lanes: readonly LaneRow[]; lines: readonly string[]; said: LaneScene["said"] },
): string[] {
  const wrong = expected.has.flatMap((each, at) =>
    lanes[at]?.has === each ? [] : [`${lanes[at]?.lane ?? ""} should have “${each}”, and has “${lanes[at]?.has ?? ""}”`],
  );
  const still = lanes.filter(({ stands }) => stands === "still").map(({ lane }) => lane);
  const meant = expected.halted === undefined ? [] : [expected.halted.lane];
  if (still.join() !== meant.join()) wrong.push(`lanes that stand still should be [${meant.join()}], and are [${still.join()}]`);
  for (const name of expected.halted?.names ?? [])
    if (!lines.some((line) => name.test(line))) wrong.push(`the status does not say ${name.source}`);
  if (expected.said !== undefined && !said.some(({ text }) => expected.said?.test(text) === true))
    wrong.push(`nowhere does the gate say ${expected.said.source}`);
  return wrong;
}
