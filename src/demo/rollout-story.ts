import type { Report } from "../gate/report.ts";
import { marker } from "../github/words.ts";
import { statusLines } from "../rollout/status-words.ts";
import type { RolloutStatus } from "../rollout/status.ts";
import type { GateStage } from "./gate-stage.ts";
import type { Landing } from "./gate-story.ts";
import { git } from "./github/git.ts";

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
  has: readonly (string | readonly string[])[];
  halted?: { lane: string; names: readonly RegExp[] };
  /** What the gate has to have written, somewhere. */
  said?: RegExp;
}

const searchPath = "site-modules/profile/manifests/search.pp";
/** Of the two changes that go together one adds a line to what search is told, and the other a command that its version does not have. */
const parts = "File[/etc/search/service.properties]";
const warming = "Exec[warm the index]";
const victim = "search1.lon.tonearm.example";

export interface LaneOptions {
  /** What landed at the gate, the oldest first. */
  landings: readonly Landing[];
  /** Is waited for. */
  onScene: (scene: LaneScene) => void | Promise<void>;
  /** Minutes of the fleet's own clock, while they go by. */
  onMinutes: (minutes: number) => void;
  signal: AbortSignal;
}

/**
 * What was landed is carried out lane by lane. Then two changes of one file go together, of which one is bad: the smallest lane stands still and names which, by
 * the line that the failed run tells; it goes back on the word of somebody who had no part in it; and what takes it back, which the gate has prepared, goes
 * through. Tells each scene as it comes.
 */
export async function carryThroughLanes(stage: GateStage, options: LaneOptions): Promise<void> {
  const { landings, onScene, onMinutes, signal } = options;
  const tale = new Tale(stage, onScene);
  const { repo } = stage;
  tale.call(repo.refs.get("production") ?? "", "what was there");
  const landed = repo.refs.get("main") ?? "";
  // Who tells the story at the gate slowly has a train leave meanwhile.
  for (const { commit } of landings) tale.call(commit, "the first of it");
  tale.call(landed, "what landed");
  stage.behave(agentsThat(landings));
  await stage.passUntil(isWatched(landed), { most: 120, signal, onMinutes });
  const earlier = ["what was there", "the first of it", "what landed"];
  await tale.show(
    "what landed is on its way",
    "The train took it to the smallest lane alone, and both compilers had to prove that they serve it before a run counted.",
    { has: ["what landed", earlier, earlier] },
  );
  const minutes = await stage.passUntil(isEverywhere(landed), { most: 240, signal, onMinutes });
  await tale.show(
    `${minutes} minutes later by the fleet's clock`,
    "Each lane was observed, every kind of machine ran the new code, nothing happened that was not expected: so the next one got it.",
    { has: ["what landed", "what landed", "what landed"] },
  );
  await carryBad(stage, tale, landed, options);
}

/** Runs of it count in the first lane; a release that changes nothing there is good at once. */
const isWatched =
  (commit: string) =>
  ({ lanes: [first] }: RolloutStatus): boolean =>
    first?.verified === commit || (first?.stage?.release === commit && first.stage.observedMinutes > 0);

const isEverywhere =
  (commit: string) =>
  ({ lanes }: RolloutStatus): boolean =>
    lanes.every(({ verified, stage }) => verified === commit && stage === null);

async function carryBad(stage: GateStage, tale: Tale, landed: string, { onMinutes, signal }: LaneOptions): Promise<void> {
  const { github, name, repo } = stage;
  const [emeka, farah, greta] = [github.as("emeka"), github.as("farah"), github.as("greta")];
  const warm = await propose(stage, "emeka", "warm-index", "Warm the index of search before people ask", { [searchPath]: warmer });
  await greta.comment(name, warm, "/rollout pause for 2h two changes are to go together");
  await stage.quiet();
  const cut = await propose(stage, "farah", "more-parts", "Cut the index of search into more parts", { [searchPath]: moreParts });
  await land(stage, farah.account.login, cut);
  const good = repo.refs.get("main") ?? "";
  tale.call(good, "farah's change");
  await land(stage, emeka.account.login, warm);
  await greta.comment(name, warm, "/rollout resume");
  await stage.quiet();
  const bad = repo.refs.get("main") ?? "";
  tale.call(bad, "the two");
  stage.behave(searchThat(landed, bad));
  await stage.passUntil(({ lanes }) => lanes.some(({ halt }) => halt !== null), { most: 90, signal, onMinutes });
  await tale.show(
    `farah's change and emeka's go together: #${cut} and #${warm}`,
    `One failed run could be chance; at the second one of what this very release brings, the lane stands still. No other lane ever had it. Both changes edit ${searchPath}: the run tells the line, and git who wrote it.`,
    {
      has: ["the two", "what landed", "what landed"],
      halted: {
        lane: "canary",
        names: [new RegExp(victim.replaceAll(".", String.raw`\.`), "u"), new RegExp(`Suspected: #${warm} \\([6-9]\\d %\\)`, "u")],
      },
      said: /it wrote line \d+ of/u,
    },
  );
  await emeka.comment(name, warm, "/rollout return canary the index is not warmed");
  await stage.quiet();
  await tale.show(
    "emeka says /rollout return",
    "Refused: whoever had a part in a release does not decide alone where it goes. Stopping it anybody may.",
    {
      has: ["the two", "what landed", "what landed"],
      halted: { lane: "canary", names: [] },
      said: /emeka said `\/rollout return[^]*refused[^]*a part in/u,
    },
  );
  await greta.comment(name, warm, `/rollout return canary #${warm} the index is not warmed`);
  await stage.quiet();
  await stage.passUntil(isWatched(good), { most: 120, signal, onMinutes });
  await tale.show(
    "greta says it, who had no part in it",
    `The lane went back, was deployed and observed like any release. #${warm} is in quarantine: nothing brings it along without its revert. farah's change is not held up by it, and is on its way alone.`,
    { has: ["farah's change", "what landed", "what landed"] },
  );
  const revert = repo.pulls.values().find(({ title, state }) => state === "open" && title.startsWith("Revert"))?.number;
  if (revert === undefined) return tale.miss("the gate should have opened a pull request that takes the change back");
  await land(stage, "emeka", revert);
  const reverted = repo.refs.get("main") ?? "";
  tale.call(reverted, "the revert");
  await stage.passUntil(isEverywhere(reverted), { most: 360, signal, onMinutes });
  await tale.show(
    `dagny approves the revert that the gate had ready, #${revert}, and emeka says /merge`,
    "It was opened, checked and told of before anybody asked for it. Nothing of the bad change is left on the way, and nothing differs from what the machines have by then.",
    { has: ["the revert", "the revert", "the revert"] },
  );
}

const moreParts = (text: string): string =>
  text.replace("      'replicas' => $replicas,\n", "      'replicas' => $replicas,\n      'parts'    => 12,\n");

const warmer = (text: string): string =>
  text.replace(
    /\}\n$/u,
    `
  exec { 'warm the index':
    command => '/usr/bin/tonearm-search warm --most-searched 100000',
    creates => '/srv/search/data/warm',
    require => Service['search'],
  }
}
`,
  );

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

const fileOf = async ({ folder, defaultBranch }: GateStage["repo"], path: string): Promise<string> =>
  `${await git(folder, ["show", `refs/heads/${defaultBranch}:${path}`])}\n`;

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
export function reachOf({ groups, radius }: Pick<Report, "groups" | "radius">): Map<string, string[]> {
  const changes = new Map<string, Set<string>>();
  const add = (certname: string, resource: string): void => {
    const own = changes.get(certname) ?? new Set();
    changes.set(certname, own.add(resource));
  };
  for (const { type, title, nodes } of groups) for (const certname of nodes) add(certname, `${type}[${title}]`);
  for (const { type, title, certnames = [] } of radius.restarts) for (const certname of certnames) add(certname, `${type}[${title}]`);
  return new Map([...changes].map(([certname, resources]) => [certname, [...resources]]));
}

type Behaviour = Parameters<GateStage["behave"]>[0];

/** Agents change what each commit brings, once: whoever has a later one has all that were before. */
function agentsThat(landings: readonly Landing[]): Behaviour {
  const done = new Set<string>();
  return (certname, commit) => {
    const brought = landings.slice(0, landings.findIndex((landing) => landing.commit === commit) + 1);
    const changed = brought.flatMap(({ commit: of, reach }) => (done.has(`${certname} ${of}`) ? [] : (reach.get(certname) ?? [])));
    for (const { commit: of } of brought) done.add(`${certname} ${of}`);
    return { changed: [...new Set(changed)], failed: [] };
  };
}

/** Search has its parts with whatever came after `before`; the command of the bad release fails at each run on the first machine that tries it. */
function searchThat(before: string, bad: string): Behaviour {
  const cut = new Set<string>();
  return (certname, commit) => {
    if (!certname.startsWith("search")) return { changed: [], failed: [] };
    const failed = commit === bad && certname === victim ? [warming] : [];
    if ((commit !== before) === cut.has(certname)) return { changed: [], failed };
    if (!cut.delete(certname)) cut.add(certname);
    return { changed: [parts, "Service[search]", ...(commit === bad && failed.length === 0 ? [warming] : [])], failed };
  };
}

/** The story so far: what commits are called, and what was shown of the gate's words already. */
class Tale {
  readonly #stage: GateStage;
  readonly #onScene: LaneOptions["onScene"];
  readonly #called = new Map<string, string>();
  readonly #heard = new Set<string>();
  readonly #missed: string[] = [];

  constructor(stage: GateStage, onScene: LaneOptions["onScene"]) {
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
    await this.#onScene({
      act,
      lookAt,
      lanes,
      status: lines,
      said: said.map(toShow),
      wrong: [...this.#missed.splice(0), ...wrongOf(expected, { lanes, lines, said })],
    });
  }

  async miss(what: string): Promise<void> {
    await this.#onScene({ act: "", lookAt: "", lanes: [], status: [], said: [], wrong: [what] });
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

/**
 * Of the gate's one comment what is about the rollout: where the change is, and what was said. A comment of another kind is new as it is; of several that call people to
 * one halt, the first is told whole.
 */
function toShow({ where, text }: LaneScene["said"][number], at: number, all: LaneScene["said"]): LaneScene["said"][number] {
  if (!text.includes(marker)) {
    const isAgain = isCall(text) && all.findIndex((one) => isCall(one.text)) < at;
    return { where, text: isAgain ? text.replace(/\n\*\*(?:Also suspected|Services)[^]*/u, "") : text };
  }
  const lines = text.split("\n");
  const about = lines.filter((line) => /^\*\*\S+ said `\/rollout/u.test(line));
  const from = lines.findIndex((line) => line.startsWith("**Where it is now**"));
  const rest = from < 0 ? [] : lines.slice(from);
  const end = rest.findIndex((line, at) => at > 2 && !/^\||^It waited/u.test(line));
  return { where, text: [...about, ...(end < 0 ? rest : rest.slice(0, end))].join("\n") };
}

const isCall = (text: string): boolean => text.includes("### The lane");

function wrongOf(
  expected: Expected,
  { lanes, lines, said }: { lanes: readonly LaneRow[]; lines: readonly string[]; said: LaneScene["said"] },
): string[] {
  const wrong = expected.has.flatMap((each, at) => {
    const { lane, has } = lanes[at] ?? { lane: "", has: "" };
    return [each].flat().includes(has) ? [] : [`${lane} should have “${[each].flat().join("” or “")}”, and has “${has}”`];
  });
  const still = lanes.filter(({ stands }) => stands === "still").map(({ lane }) => lane);
  const meant = expected.halted === undefined ? [] : [expected.halted.lane];
  if (still.join() !== meant.join()) wrong.push(`lanes that stand still should be [${meant.join()}], and are [${still.join()}]`);
  for (const name of expected.halted?.names ?? [])
    if (!lines.some((line) => name.test(line))) wrong.push(`the status does not say ${name.source}`);
  if (expected.said !== undefined && !said.some(({ text }) => expected.said?.test(text) === true))
    wrong.push(`nowhere does the gate say ${expected.said.source}`);
  return wrong;
}
