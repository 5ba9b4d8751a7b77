import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { laneNotes } from "../../src/cli/init/notes.ts";
import { createGitHub, type GitHub } from "../../src/demo/github/github.ts";
import type { App } from "../../src/demo/github/state.ts";
import { initLanes, type InitLanes, undoLanes } from "../../src/engine/lanes/init.ts";
import type { Initiated, LaneNotes, WritableLaneForge } from "../../src/engine/ports/lanes.ts";
import { readPuppetfile } from "../../src/puppet/puppetfile.ts";
import { apiOf, createLaneForge } from "../../src/github/lanes.ts";

/** An ordinary control repo at the GitHub stand-in: its default branch is production, and three pull requests are open. */

export const name = "acme/control";
const repo = { owner: "acme", repo: "control" };
/** One for all tests of a file: making a key takes longer than most of them. */
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export const lanes = (...names: string[]): string =>
  `version: 1\nlanes:\n${names.map((each) => `  - { name: ${each}, members: { certnames: ["${each}*"] } }\n`).join("")}  - { name: rest }\n`;

export interface LaneStage {
  github: GitHub;
  app: App;
  folder: string;
  /** Of an administrator. */
  forge: WritableLaneForge;
  notes: LaneNotes;
  init: (more?: Partial<InitLanes>, forge?: WritableLaneForge | null) => Promise<Initiated>;
  undo: (forge?: WritableLaneForge | null) => Promise<Initiated>;
  /** All that `init lanes` may change, in a form to compare. */
  state: () => Promise<Record<string, unknown>>;
  forgeOf: (login: string) => WritableLaneForge;
}

export async function setLaneStage(policy: string | null = lanes("canary", "lon")): Promise<LaneStage> {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-lanes-"));
  const github = await createGitHub({ folder: join(folder, "repositories") });
  onTestFinished(async () => {
    await github.settled();
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const login of ["alice", "carol"]) github.user(login, { emails: [`${login}@acme.example`] });
  github.organization("acme", { carol: "admin" });
  await github.repository(name, { defaultBranch: "production" });
  github.collaborator(name, "alice", "write");
  const alice = github.as("alice");
  const files = { "manifests/site.pp": "node default {}\n", ...(policy === null ? {} : { ".github/puppet-gate.yml": policy }) };
  await alice.commit(name, { branch: "production", files, message: "Begin" });
  for (const branch of ["one", "two"]) {
    await alice.commit(name, { branch, from: "production", files: { [`${branch}.pp`]: `# ${branch}\n` }, message: branch });
    await alice.openPull(name, { head: branch, base: "production", title: `Change ${branch}` });
  }
  await alice.commit(name, { branch: "three", from: "one", files: { "three.pp": "# 3\n" }, message: "three" });
  await alice.openPull(name, { head: "three", base: "one", title: "On top of one" });
  const app = github.app({
    name: "Puppet Gate",
    owner: "acme",
    permissions: { contents: "write" },
    events: [],
    webhookSecret: "a secret",
    privateKey,
  });
  github.install(app, { on: "acme" });
  const { origin } = await github.listen();
  const forgeOf = (login: string): WritableLaneForge =>
    createLaneForge({ api: apiOf({ token: github.as(login).token, api: `${origin}/api/v3`, throttled: false }), repo });
  const forge = forgeOf("carol");
  const notes = laneNotes(join(folder, "notes", "control.json"));
  const ports = (writable: WritableLaneForge | null) => ({ forge, writable, notes, readPuppetfile, onStep: () => {} });
  return {
    github,
    app,
    folder,
    forge,
    notes,
    forgeOf,
    init: (more = {}, writable = forge) =>
      initLanes(ports(writable), { repository: name, mergeBranch: "main", appId: app.id, applyRulesets: false, certnames: null, ...more }),
    undo: (writable = forge) => undoLanes(ports(writable), { repository: name }),
    state: async () => {
      const { defaultBranch, refs, pulls, rulesets } = [...github.state.repos.values()][0] ?? never();
      return {
        defaultBranch,
        refs: Object.fromEntries([...refs].sort(([one], [other]) => one.localeCompare(other))),
        bases: Object.fromEntries([...pulls.values()].map(({ number, state, base }) => [number, `${state} ${base.ref}`])),
        rulesets: [...rulesets.values()].map((ruleset) => ruleset.name),
        notes: await readFile(join(folder, "notes", "control.json"), "utf8").catch(() => null),
      };
    },
  };
}

function never(): never {
  throw new Error("the stand-in has no repository");
}

/** A forge whose n-th change is the last: the process ends before it or, once it was made, before anybody hears of it. */
export function endingAt(forge: WritableLaneForge, n: number, when: "before" | "after"): WritableLaneForge {
  let count = 0;
  const ending = async (write: () => Promise<void>): Promise<void> => {
    count += 1;
    const isLast = count === n;
    if (isLast && when === "before") throw new Ended();
    await write();
    if (isLast) throw new Ended();
  };
  return {
    ...forge,
    createBranch: (branch, commit) => ending(() => forge.createBranch(branch, commit)),
    forwardBranch: (branch, commit) => ending(() => forge.forwardBranch(branch, commit)),
    deleteBranch: (branch, commit) => ending(() => forge.deleteBranch(branch, commit)),
    setDefaultBranch: (branch) => ending(() => forge.setDefaultBranch(branch)),
    retarget: (pull, base) => ending(() => forge.retarget(pull, base)),
    createRuleset: (ruleset) => ending(() => forge.createRuleset(ruleset)),
    deleteRuleset: (id) => ending(() => forge.deleteRuleset(id)),
  };
}

export class Ended extends Error {}
