import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { check } from "../../src/engine/check.ts";
import { memoryCache } from "../../src/engine/memory-cache.ts";
import type { OpenTree, PuppetEdge } from "../../src/engine/ports/puppet.ts";
import { inventory } from "../../src/fleet/inventory.ts";
import { openRepository } from "../../src/git/repository.ts";
import { createPuppet } from "../../src/puppet/puppet.ts";
import { clone, small } from "./stage.ts";

/** How often each tree that was opened compiled each node, in two checks of one change after the other. */
async function compiles(head: Record<string, string>): Promise<string[][]> {
  const repo = clone({ ...small, "data/common.yaml": data, "site/profile/manifests/web.pp": web }, head);
  const repository = await openRepository(repo);
  const puppet = createPuppet({ secretKey: randomBytes(32) });
  let counted: string[] = [];
  const watched: PuppetEdge = {
    ...puppet,
    open: async (tree) => {
      const opened = await puppet.open(tree);
      const compile: OpenTree["compile"] = (nodes, onOutcome, options) =>
        opened.compile(
          nodes,
          (outcome, raw) => {
            counted.push(`${options.raw === true ? "base" : "again or changed"} ${outcome.certname}`);
            return raw === undefined ? onOutcome(outcome) : onOutcome(outcome, raw);
          },
          options,
        );
      return { ...opened, compile };
    },
  };
  const request = { base: "main", head: "HEAD", facts: null, nodes: [], modulepath: null, policy: null, sample: 0 };
  const cache = memoryCache(2 ** 24);
  const clock = { now: () => performance.now(), today: () => "2026-01-01" };
  try {
    const found: string[][] = [];
    for (let at = 0; at < 2; at += 1) {
      const report = await check(request, { repository, inventory, puppet: watched, cache, ...clock, cores: 2, name: repo });
      expect(report.nodes.map(({ certname, outcome }) => `${certname} ${outcome}`)).toEqual([
        "db01.example.com unchanged",
        "web01.example.com changed",
      ]);
      found.push(counted.toSorted());
      counted = [];
    }
    return found;
  } finally {
    await puppet.close();
    await repository.close();
  }
}

const data = "---\nprofile::motd::text: hello\nprofile::web::port: 80\n";
const web = "class profile::web (Integer $port) {\n  file { '/etc/web.conf':\n    content => \"listen ${port}\\n\",\n  }\n}\n";
const changed = "again or changed web01.example.com";
const first = [changed, changed, changed, "base db01.example.com", "base web01.example.com"];

it.each([
  ["code: once more on the change's side alone", { "site/profile/manifests/web.pp": web.replace("listen", "port") }, [changed, changed]],
  ["data alone: not once more", { "data/common.yaml": data.replace("80", "81") }, [changed]],
])("looks for chance on both sides at first, and then, of a change of %s", async (_, head, then) => {
  expect(await compiles(head)).toEqual([first, then]);
});
