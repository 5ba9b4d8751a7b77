import { check, type CheckPorts, type CheckRequest } from "../../../src/engine/check.ts";
import { memoryCache } from "../../../src/engine/memory-cache.ts";
import type { Progress } from "../../../src/engine/ports/progress.ts";
import { inventory } from "../../../src/fleet/inventory.ts";
import { reportSchema, type Report } from "../../../src/gate/report.ts";
import { apartHere } from "./apart.ts";
import { tablePuppet, type TablePuppet } from "./puppet.ts";
import { MemoryRepository, type Files, type History } from "./repository.ts";

/** Checks in milliseconds: everything is the product's own code but git, Puppet and the clock. */
export interface Asked extends Partial<CheckRequest> {
  /** Files of the base branch, and of the change; or a whole history in which these are `main` and `change`. */
  main: Files;
  change: Files;
  history?: Partial<History>;
  ports?: Partial<CheckPorts>;
  signal?: AbortSignal;
}

export interface Checked {
  report: Report;
  /** What Puppet was asked for. */
  log: string[];
  progress: Progress[];
}

/** One site: its Puppet and what is kept of its compiles go from check to check. */
export interface Stage {
  check(asked: Asked): Promise<Checked>;
  puppet: TablePuppet;
}

export function createStage({ kept = true }: { kept?: boolean } = {}): Stage {
  const puppet = tablePuppet();
  const cache = kept ? memoryCache(2 ** 24) : null;
  return {
    puppet,
    check: async ({ main, change, history = {}, ports = {}, signal, ...request }) => {
      const repository = new MemoryRepository({ ...history, commits: { main, change, ...history.commits } });
      const progress: Progress[] = [];
      const before = puppet.log.length;
      let now = 0;
      const report = await check(
        {
          base: null,
          head: "change",
          facts: null,
          nodes: [],
          modulepath: null,
          policy: null,
          ...request,
        },
        {
          repository,
          inventory,
          puppet: puppet.of(repository),
          cache,
          now: () => (now += 1),
          today: () => "2026-11-22",
          cores: 2,
          name: "acme/control",
          startEvaluator: apartHere.start,
          ...ports,
        },
        { onProgress: (step) => void progress.push(step), ...(signal === undefined ? {} : { signal }) },
      );
      return { report: reportSchema.parse(report), log: puppet.log.slice(before), progress };
    },
  };
}

/** A node's facts, as a file of the tree. */
export const factsOf = (
  certname: string,
  more: Record<string, unknown> = {},
  extensions: Record<string, string> = {},
): Record<string, string> => ({
  [`facts/${certname}.json`]: JSON.stringify({
    certname,
    facts: { os: "Debian", ...more },
    trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: { pp_datacenter: "lon", ...extensions } },
  }),
});

/** A control repo of two nodes: web01 has a motd, and a service that listens to its file; db01 has a motd. */
export const small = {
  "environment.conf": "modulepath = site\n",
  "manifests/site.pp": "node web01 role::web\nnode db01 profile::motd\n",
  "data/common.yaml": "motd::text: hello\n",
  "site/role/manifests/web.pp": "include profile::motd\ninclude profile::web\n",
  "site/profile/manifests/motd.pp": 'File[/etc/motd] {"content": "${motd::text}"}\n',
  "site/profile/manifests/web.pp":
    'File[/etc/web.conf] {"content": {"template": "profile/web.conf.erb"}, "notify": "Service[web]"}\n' +
    'Service[web] {"ensure": "running"}\n' +
    'File[/etc/web.logo] {"source": "puppet:///modules/profile/logo"}\n',
  "site/profile/templates/web.conf.erb": "listen 80\n",
  "site/profile/files/logo": "*\n",
  ...factsOf("web01"),
  ...factsOf("db01"),
} satisfies Files;
