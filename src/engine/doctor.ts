import { Problem } from "../problem.ts";
import { examineAppSeen, type AppSeen, type AppWanted, type ServeRow } from "./examine-app.ts";
import type { Examination } from "./ports/doctor.ts";
import { examineRollout, type RolloutToExamine } from "./rollout/examine.ts";

/** What `serve` is told, ready to be tried. Each throws a Problem where it is wrong, and gives what is worth saying where it is right. */
export interface ServeSettings {
  /** Without any secret. */
  words: string;
  /** Parts of it, in the order in which they are told; each may come to several rows. */
  parts: readonly { name: string; look: () => Promise<string | readonly FoundRow[]> }[];
  /** What is rolled out to; null or absent where nothing is. */
  rollout?: (() => Promise<RolloutToExamine>) | null;
  /** Null where GitHub does not answer now. */
  app: () => Promise<AppSeen | null>;
  wanted: AppWanted;
}

/** One thing of a part; without a name of its own it has the part's. */
export type FoundRow = Pick<Examination, "status" | "text" | "hint"> & { name?: string };

export interface DoctorPorts {
  /** Throw a Problem where a program is missing or too old. */
  programs: ReadonlyArray<{ name: string; version: () => Promise<string> }>;
  /** Puppet's own, this machine and the sandbox. */
  puppet: () => Promise<Examination[]>;
  /** Null where nothing is configured. Throws a Problem that names the first setting that is wrong. */
  settings: () => ServeSettings | null;
}

/** What every part says of this machine. Nothing is thrown for what is wrong with it: that is what was asked. */
export async function examineAll({ programs, puppet, settings }: DoctorPorts): Promise<Examination[]> {
  const found: Examination[] = [];
  for (const { name, version } of programs) {
    const answer = await tried(version);
    found.push({ part: "programs", name, ...("value" in answer ? passed(answer.value) : { ...answer, status: "missing" }) });
  }
  return [...found, ...(await puppet()), ...(await examineServe(settings))];
}

async function examineServe(read: DoctorPorts["settings"]): Promise<Examination[]> {
  const answer = await tried(async () => read());
  if (!("value" in answer)) return [serve("settings", answer)];
  const settings = answer.value;
  if (settings === null) return [serve("settings", { status: "skipped", text: "nothing is set: `check` needs none of them", hint: null })];
  const rows: Examination[] = [serve("settings", passed(settings.words))];
  for (const { name, look } of settings.parts) {
    const found = await tried(look);
    if (!("value" in found)) rows.push(serve(name, found));
    else if (typeof found.value === "string") rows.push(serve(name, passed(found.value)));
    else rows.push(...found.value.map((one) => serve(one.name ?? name, one)));
  }
  const app = (await examineApp(settings)).map(({ name, ...one }) => serve(name, one));
  return [...rows, ...app, ...(await examineRollouts(settings.rollout ?? null))];
}

async function examineRollouts(read: (() => Promise<RolloutToExamine>) | null): Promise<Examination[]> {
  if (read === null) return [];
  const found = await tried(read);
  return "value" in found ? examineRollout(found.value) : [{ part: "rollout", name: "the site's file", ...found }];
}

async function examineApp({ app, wanted }: ServeSettings): Promise<ServeRow[]> {
  const found = await tried(app);
  if (!("value" in found)) return [{ name: "GitHub", ...found }];
  if (found.value !== null) return examineAppSeen(found.value, wanted);
  const hint = "Look at proxy, firewall and DNS between this machine and GitHub.";
  return [{ name: "GitHub", status: "missing", text: "it does not answer now", hint }];
}

type Row = Pick<Examination, "status" | "text" | "hint">;

async function tried<T>(work: () => Promise<T>): Promise<{ value: T } | Row> {
  try {
    return { value: await work() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { status: "fail", text: error.text, hint: error.hint };
  }
}

const passed = (text: string): Row => ({ status: "pass", text, hint: null });
const serve = (name: string, { status, text, hint }: Row): Examination => ({ part: "serve", name, status, text, hint });
