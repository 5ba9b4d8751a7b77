import { z } from "zod";
import type { Config } from "../config.ts";
import { initLanes, type InitLanes, type InitPorts, undoLanes } from "../engine/lanes/init.ts";
import type { Initiated, Step, LaneForge, LaneNotes } from "../engine/ports/lanes.ts";
import { openRepository } from "../git/repository.ts";
import { originOf, repositoryAt } from "../git/origin.ts";
import { Problem } from "../problem.ts";
import { readPuppetfile } from "../puppet/puppetfile.ts";

export interface InitAsked extends Omit<InitLanes, "repository"> {
  /** `OWNER/NAME`; null takes that of the clone's `origin`. */
  repository: string | null;
  clone: string;
  isDry: boolean;
  isUndo: boolean;
  /** A person's; null: what GitHub says is not known, and nothing can be changed. */
  token: string | null;
  github: Config["github"];
  notes: (repository: string) => LaneNotes;
}

/** Runs `init lanes` on GitHub by a person's token, or says by a clone alone what to do. */
export async function runInitLanes(asked: InitAsked, onStep: (step: Step) => void): Promise<Initiated> {
  const repository = nameOf(asked.repository ?? (await nameByClone(asked)));
  if (asked.token === null && !asked.isDry) throw noToken();
  const writable = asked.token === null ? null : await onGitHub(asked.token, asked.github, repository);
  const offline = writable === null ? await byClone(asked.clone) : null;
  try {
    const forge = writable ?? offline?.forge;
    if (forge === undefined) throw new Error("neither GitHub nor a clone");
    const ports: InitPorts = { forge, writable: asked.isDry ? null : writable, notes: asked.notes(repository), readPuppetfile, onStep };
    return await (asked.isUndo ? undoLanes(ports, { repository }) : initLanes(ports, { ...asked, repository }));
  } finally {
    await offline?.close();
  }
}

async function onGitHub(token: string, { api }: Config["github"], repository: string) {
  const { apiOf, createLaneForge } = await import("../github/lanes.ts");
  const [owner = "", repo = ""] = repository.split("/");
  // Plain http is a trial's on the loopback interface: GitHub's wish to be written to once a second is not.
  return createLaneForge({ api: apiOf({ token, api, throttled: api.startsWith("https:") }), repo: { owner, repo } });
}

/** What a clone knows of its remote, as it was fetched last. */
async function byClone(folder: string): Promise<{ forge: LaneForge; close: () => Promise<void> }> {
  const repository = await openRepository(folder);
  const tipOf = async (branch: string): Promise<string | null> => {
    try {
      return (await repository.resolve(`refs/remotes/origin/${branch}`)).oid;
    } catch (error) {
      if (error instanceof Problem && error.code === "unknown-ref") return null;
      throw error;
    }
  };
  const treeOf = (commit: string): Promise<string> => repository.treeOf({ ref: commit, sha: commit, oid: commit });
  const forge: LaneForge = {
    settings: async () => ({ defaultBranch: (await repository.defaultBranch()).replace(/^origin\//u, ""), removesHeads: false }),
    tipOf,
    treeOf,
    fileAt: async (commit, path) => (await repository.read(await treeOf(commit), path))?.toString("utf8") ?? null,
    lacking: async () => null,
    openPulls: async () => null,
    rulesets: async () => null,
    rulesOn: async () => new Set(),
  };
  return { forge, close: () => repository.close() };
}

async function nameByClone({ clone, github }: InitAsked): Promise<string> {
  const address = await originOf(clone);
  const name = address === null ? null : repositoryAt(address, github.html);
  if (name !== null) return name;
  throw new Problem({
    code: "no-repository",
    text:
      address === null
        ? `The clone in ${clone} has no remote \`origin\`, so it is not known which repository is meant.`
        : `The clone's \`origin\` is no repository of ${github.html}.`,
    hint: "Say --repository OWNER/NAME; GHE_HOST names a GitHub other than github.com.",
  });
}

const nameSchema = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]*)\/[A-Za-z0-9._-]+$/u);

function nameOf(written: string): string {
  if (nameSchema.safeParse(written).success) return written;
  throw new Problem({
    code: "bad-option",
    text: `--repository is ${JSON.stringify(written)}, which is no repository's name.`,
    hint: "Write OWNER/NAME, as in acme/control.",
  });
}

const noToken = (): Problem =>
  new Problem({
    code: "no-token",
    text: "GITHUB_TOKEN is not set, and nothing can be changed on GitHub without one.",
    hint: "Set it to a token of an administrator of the repository (`gh auth token` prints one), or see with --dry-run what to do by hand.",
  });
