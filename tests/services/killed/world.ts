import { join } from "node:path";
import { createGitHub, type GitHub } from "../../../src/demo/github/github.ts";
import type { Chance } from "../../simulation/chance.ts";
import { compile } from "../../simulation/compiler.ts";
import { dataPath, type Contents } from "../../simulation/contents.ts";
import { populate, type World } from "../../simulation/world.ts";
import { gitObjects } from "./git-objects.ts";

/** People, repositories and Puppet of one run: the stand-in over HTTP, git on disk, and a control repo of one node. */
export interface RealWorld extends World {
  origin: string;
  /** GitHub's clock goes on by a second: its times are whole seconds. */
  tick(): void;
}

const notify = (title: string, message: string): string => `notify { '${title}':\n  message => ${message},\n}\n`;
const node = "web01.example.com";
const facts = {
  certname: node,
  facts: { os: { family: "Debian", name: "Debian", release: { major: "12", full: "12.1" } }, networking: { hostname: "web01" } },
  trusted: { authenticated: "remote", certname: node, hostname: "web01", domain: "example.com", extensions: {} },
};

/** All manifests are read for the one node, so each file does to its catalog what it says. */
const puppet: Contents = {
  begin: {
    "environment.conf": "manifest = manifests\n",
    "hiera.yaml":
      "---\nversion: 5\nhierarchy:\n  - name: common\n    path: common.yaml\ndefaults:\n  datadir: data\n  data_hash: yaml_data\n",
    [dataPath]: "---\nlevel: 1\n",
    [`facts/${node}.json`]: JSON.stringify(facts),
    "manifests/site.pp": "node default { }\n",
    "manifests/shared.pp": notify("shared", "'begin'"),
  },
  fine: (name, n) => ({ [`manifests/site/${name}${n}.pp`]: notify(`${name} ${n}`, `'fine ${n}'`) }),
  reads: (n) => ({ [`manifests/reads/r${n}.pp`]: notify(`reads ${n}`, "lookup('level')") }),
  broken: (n) => ({ [`manifests/site/b${n}.pp`]: `fail('broken ${n}')\n` }),
  // Puppet is never of two minds.
  riddle: (n) => ({ [`manifests/site/b${n}.pp`]: `fail('broken ${n}')\n` }),
  shared: (what) => ({ "manifests/shared.pp": notify("shared", `'${what}'`) }),
  base: (n) => ({ [`manifests/base/b${n}.pp`]: notify(`base ${n}`, `'base ${n}'`) }),
  data: (n) => ({ [dataPath]: `---\nlevel: ${n}\n` }),
};

/** How far GitHub's clock may be before this machine's: what the gate has to bear is simulated, and here it would only wait. */
const mostAhead = 45_000;

/** @param onDeed called around everything that people do */
export async function createRealWorld(folder: string, chance: Chance, repositories: number, onDeed: () => void): Promise<RealWorld> {
  let time = Date.now();
  const now = (): number => (time = Math.max(time, Date.now()));
  const github = await createGitHub({ folder: join(folder, "github"), now: () => new Date(now()), rateLimit: 1_000_000 });
  const { origin } = await github.listen();
  const populated = await populate(github, chance, { repositories: () => repositories, contents: puppet });
  const folders = (): string[] => [...github.state.repos.values()].map((repo) => repo.folder);
  const objects = gitObjects(folders);
  return {
    ...populated,
    github: noticed(github, onDeed),
    objects,
    hasStrangers: false,
    compile: (base, head) => compile(objects, base, head, "manifests/"),
    origin,
    tick: () => {
      if (now() - Date.now() < mostAhead) time += 1000;
    },
  };
}

/** What of GitHub itself is done by people. */
const deeds: ReadonlySet<string> = new Set(["addToTeam", "removeFromTeam", "collaborator", "workflow", "fetch"]);

/** The same GitHub, which tells of everything that people do, before and after. */
const noticed = (github: GitHub, onDeed: () => void): GitHub =>
  telling({ ...github, as: (login) => telling(github.as(login), () => true, onDeed) }, (name) => deeds.has(name), onDeed);

function telling<T extends object>(target: T, isDeed: (name: string) => boolean, onDeed: () => void): T {
  return new Proxy(target, {
    get: (from, name) => {
      const value: unknown = Reflect.get(from, name);
      if (typeof value !== "function" || !isDeed(String(name))) return value;
      return (...args: unknown[]): unknown => {
        onDeed();
        const result: unknown = Reflect.apply(value, from, args);
        if (result instanceof Promise) return result.finally(onDeed);
        onDeed();
        return result;
      };
    },
  });
}
