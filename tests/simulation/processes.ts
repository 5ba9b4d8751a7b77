import type { Origin } from "../../src/gate/event.ts";
import type { PushOutcome } from "../../src/engine/ports/mirror.ts";
import { Problem } from "../../src/problem.ts";
import type { Chance } from "./chance.ts";
import { running, type Clock, type Owner } from "./clock.ts";
import { tableJudge } from "./compiler.ts";
import { databaseFor, type Disk, type ProcessDatabase } from "./database.ts";
import { requestFault, type Mishap, type RequestFault, type Weather } from "./faults.ts";
import { memoryMirror, type Remote } from "./git/mirror.ts";
import { networkFor } from "./network.ts";
import { startGate, type Gate } from "./process.ts";
import type { Landing, Steps } from "./steps.ts";
import type { Takeovers } from "./takeovers.ts";
import type { SimulatedWorld } from "./world.ts";

/** A process of the gate, from its start until it is killed. */
export interface Life extends Owner {
  name: string;
  /** Null until it has started. */
  gate: Gate | null;
  database: ProcessDatabase;
  /** Until when it stands still. */
  stalledUntil: number;
  /** The last reads of each pull request, the newest last: steps, by `owner/name#number`. */
  reads: Map<string, number[]>;
  /** When the old answers were first given that it got: steps, with the step in which it got them. */
  staleReads: { at: number; from: number }[];
}

export interface ProcessPorts {
  world: SimulatedWorld;
  disk: Disk;
  steps: Steps;
  clock: Clock;
  chance: Chance;
  weather: () => Weather;
  shared: boolean;
  step: () => number;
  takeovers: Takeovers;
  /** What becomes of the step of a landing that is let go now. */
  mishap: () => Mishap | null;
  /** A fault of the gate itself, from its log. */
  onFault: (message: string, error: unknown) => void;
}

export function startLife(ports: ProcessPorts, name: string): Life {
  const { world, disk, steps, clock, chance, weather, shared, step } = ports;
  const life: Life = {
    name,
    dead: false,
    stalled: false,
    stalledUntil: 0,
    gate: null,
    reads: new Map(),
    staleReads: [],
    database: null as unknown as ProcessDatabase,
  };
  const onLease = (name: string): void => {
    const repo = /^repository (\d+)$/u.exec(name)?.[1];
    if (repo !== undefined) ports.takeovers.turn(Number(repo), life, step());
  };
  life.database = databaseFor(disk, steps, { owner: life, shared, onLease });
  /** When each address was answered last: what an old answer is as old as. */
  const answered = new Map<string, number>();
  const fetch = networkFor({
    github: world.github,
    steps,
    owner: life,
    fault: (isLanding) => (isLanding ? lostBy(ports.mishap()) : null) ?? requestFault(weather(), chance),
    onRequest: (label, isStale) => {
      if (isStale) life.staleReads.push({ at: step(), from: answered.get(label) ?? 0 });
      else answered.set(label, step());
      const pull = /^GET \/repos\/([^/]+\/[^/]+)\/pulls\/(\d+)$/u.exec(label);
      if (pull !== null) life.reads.set(`${pull[1]}#${pull[2]}`, [...(life.reads.get(`${pull[1]}#${pull[2]}`) ?? []).slice(-3), step()]);
    },
  });
  const openMirror = (origin: Origin) => memoryMirror(world.objects, remoteFor(ports, life, origin));
  const error = (fields: object, message: string): void => {
    const fault = (fields as { err?: unknown }).err;
    if (fault !== undefined) ports.onFault(message, fault);
  };
  const log = { info: () => undefined, warn: () => undefined, error };
  running
    .run(life, async () => {
      life.gate = await startGate({
        github: world.github,
        app: world.app,
        token: world.token,
        database: life.database,
        fetch,
        openMirror: async (origin) => openMirror(origin),
        judge: tableJudge(
          world.objects,
          ({ origin }) => openMirror(origin),
          () => chance.is(weather().network),
        ),
        now: () => clock.gateNow(),
        log,
      });
      steps.stir();
    })
    .catch((fault: unknown) => ports.onFault("the gate did not start", fault));
  return life;
}

/** Fetches and pushes of one process in one repository, each of which may be lost on either way. */
const lostBy = (mishap: Mishap | null): RequestFault | null =>
  mishap === "lost" ? { kind: "dropped-after" } : mishap === "never done" ? { kind: "dropped-before" } : null;

function remoteFor({ world, steps, chance, weather, mishap }: ProcessPorts, life: Life, { repository }: Origin): Remote {
  const repo = world.github.state.repos.get(repository.id);
  if (repo === undefined) throw new Error(`no repository ${repository.name}`);
  const { refs } = world.git.repositories.get(repo.folder) ?? { refs: new Map<string, string>() };
  const operation = (label: string, landing: Landing | null = null) => ({
    owner: life,
    kind: "git" as const,
    label,
    landing,
    isFree: () => true,
  });
  const unreachable = (): Problem =>
    new Problem({ code: "remote-unreachable", text: "The remote can't be reached.", hint: "It is tried again." });
  return {
    refs: () => refs,
    fetch: (label, work) =>
      steps.ask(operation(label), async () => {
        if (chance.is(weather().network)) throw unreachable();
        return work();
      }),
    push: ({ branch, expected, commit }) =>
      steps.ask(operation(`push ${branch}`, { repo: repo.id, number: numberOf(world, commit) }), async (): Promise<PushOutcome> => {
        const unclear: PushOutcome = { kind: "unclear", text: "the push ended without an answer" };
        const given = mishap();
        const goesWrong = given === "lost" || given === "never done" || chance.is(weather().network * 8);
        const isLate = given === "lost" || (given !== "never done" && goesWrong && chance.is(weather().lostAnswers));
        if (goesWrong && !isLate) return unclear;
        const ref = `refs/heads/${branch}`;
        if (refs.get(ref) !== expected)
          return isLate ? unclear : { kind: "refused", reason: "base-moved", text: "the base branch is no longer where it was checked" };
        refs.set(ref, commit);
        await world.github.pushed(`${repository.owner}/${repository.name}`, `${world.app.slug}[bot]`);
        return isLate ? unclear : { kind: "merged", sha: commit };
      }),
  };
}

/** The pull request that a merge commit names. */
const numberOf = ({ objects }: SimulatedWorld, commit: string): number | null => {
  const number = /\(#(?<number>\d+)\)$/u.exec(objects.commit(commit).message.split("\n")[0] ?? "")?.groups?.["number"];
  return number === undefined ? null : Number(number);
};
