import type { AdvancePorts } from "../../../src/engine/advance.ts";
import type { CheckResult, JudgeRequest } from "../../../src/engine/ports/judge.ts";
import type { HeldTurn } from "../../../src/engine/ports/jobs.ts";
import type { Log } from "../../../src/engine/ports/log.ts";
import { groundsOf } from "../../../src/engine/judging.ts";
import type { Facts, Snapshot } from "../../../src/gate/facts.ts";
import type { Draft } from "../../../src/ledger/entry.ts";
import * as w from "../../gate/world.ts";
import { memoryForge, type MemoryForge } from "./forge.ts";
import { memoryGit, type MemoryGit } from "./git.ts";
import { memoryStore, nameOf, type ChangeRow, type MemoryStore } from "./store.ts";

export const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
export const change = { repository: 5, number: 7 };

export interface Said {
  level: "info" | "warn" | "error";
  message: string;
  fields: Record<string, unknown>;
}

/** A log that can be looked at. */
export function memoryLog(): { log: Log; said: Said[]; lines: () => string[] } {
  const said: Said[] = [];
  const say =
    (level: Said["level"]) =>
    (fields: object, message: string): void =>
      void said.push({ level, message, fields: fields as Record<string, unknown> });
  const lines = (): string[] => said.map(({ level, message }) => `${level}: ${message}`);
  return { log: { info: say("info"), warn: say("warn"), error: say("error") }, said, lines };
}

/** A gate with all its ports in memory, and one repository that it knows: change 7 is open, checked, and in order as `facts()` says. */
export interface World {
  store: MemoryStore;
  forge: MemoryForge;
  git: MemoryGit;
  said: Said[];
  /** The clock. */
  time: { now: Date };
  /** Checks that were begun, and changes whose check was ended. */
  checks: { started: JudgeRequest[]; ended: string[] };
  ports: AdvancePorts;
  turn(attempts?: number): HeldTurn;
  /** As the forge shows the change from now on. */
  show(more: Partial<Snapshot>): Snapshot;
  /** Keeps a change as it was decided on; 7 where nothing else is said. */
  decided(more?: Partial<ChangeRow>): ChangeRow;
  /** Keeps the result of the check of a pair; that of the change as it is shown where nothing else is said. */
  checked(result?: CheckResult, pair?: { base: string; head: string }): void;
  /** What the ledger was told, by kinds. */
  told(): Draft["kind"][];
}

export const edition = "one";

export function newWorld(): World {
  const { log, said } = memoryLog();
  const [store, forge, git] = [memoryStore(), memoryForge(), memoryGit()];
  const time = { now: new Date("2026-03-01T12:45:00.000Z") };
  const checks: World["checks"] = { started: [], ended: [] };
  const world: World = {
    store,
    forge,
    git,
    said,
    time,
    checks,
    ports: {
      store,
      forge,
      checks: {
        start: async (_, request) => void checks.started.push(request),
        end: async (of) => void checks.ended.push(nameOf(of)),
        perform: async () => {
          throw new Error("nobody does checks here");
        },
      },
      edition,
      now: () => time.now,
      log,
      checkDelays: [15, 60, 300],
      openMirror: git.openMirror,
      committer: async () => ({ name: "gate[bot]", email: "gate@noreply.example" }),
      noreply: "noreply.example",
    },
    turn: (attempts = 0) => ({ ...change, attempts, lease: store.lease }),
    show: (more) => {
      const before = forge.snapshots.get(change.number) ?? snapshot();
      const shown = { ...before, ...more };
      forge.snapshots.set(shown.number, shown);
      return shown;
    },
    decided: (more = {}) => {
      const none = { answers: [], due: null, seen: null };
      const verdict = { outcome: "pass", reasons: [] } as const;
      const pair = { baseRef: "main", base: w.base, head: w.head };
      const row: ChangeRow = { ...change, state: "open", ...pair, verdict, standing: "pass", ...none, ...more };
      store.book.changes.set(nameOf(row), row);
      return row;
    },
    checked: (result = { ok: true, checked: w.checked() }, pair = { base: w.base, head: w.head }) => {
      const kept = { attempts: 1, endedAt: time.now, grounds: groundsOf(edition, null), result };
      store.book.checks.set(`${nameOf(change)} ${pair.base}..${pair.head}`, kept);
    },
    told: () => store.book.entries.map(({ kind }) => kind),
  };
  store.book.repositories.set(5, { ...origin, goneAt: null, sweptAt: null });
  git.commit("main", w.older);
  git.commit("main", w.base);
  git.commit("change", w.head, [w.base]);
  git.merges.set(`${w.base}..${w.head}`, w.tree);
  store.book.tips.set("5:main", w.base);
  store.book.pushes.push({ repository: 5, sha: w.head, by: w.alice, at: "2026-03-01T12:00:00.000Z" });
  world.show({});
  world.decided();
  world.checked();
  return world;
}

/** What of a change no forge tells. */
const ofMemory = [
  ...(["now", "receipts", "teams", "trusted", "wish", "glass", "debts", "frozen"] as const),
  ...(["check", "pushers", "headPusher", "headSince", "baseSince", "shown"] as const),
];

/** The change as the forge shows it. */
export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  const shown: Snapshot & Partial<Facts> = { ...w.facts() };
  for (const own of ofMemory) delete shown[own];
  return { ...shown, headRef: "change", ...more };
}
