import { execFile } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { promisify } from "node:util";
import type { Config } from "../../src/config.ts";
import type { Judge } from "../../src/engine/ports/judge.ts";
import { startServer } from "../../src/main.ts";
import { checked } from "../gate/world.ts";

/**
 * A whole server in a process of its own, to be killed or measured. Takes its configuration and the repository's folder as JSON; says its
 * address. Each line that it gets asks to be told when there is nothing left to do, and how late its event loop was since the last such line.
 */
const { config, folder, leaseSeconds } = JSON.parse(process.argv[2] ?? "") as { config: Config; folder: string; leaseSeconds?: number };
const judge: Judge = async ({ base, head }) => {
  const { stdout } = await promisify(execFile)("git", ["-C", folder, "merge-tree", "--write-tree", base.sha, head]);
  const pair = { base: { ref: base.ref, sha: base.sha }, head: { ref: "head", sha: head } };
  const given = checked({ ...pair, tree: stdout.trim() });
  // GitHub's merge is the one of the two landings that can be killed in the middle of a request.
  return { ...given, policy: { ...given.policy, landing: "api" }, paths: [] };
};
const server = await startServer(config, { judge, throttled: false, delays: [0.1, 0.1, 0.1, 0.1, 0.1], leaseSeconds: leaseSeconds ?? 1 });
process.stdout.write(`${server.url}\n`);
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
for await (const chunk of process.stdin) {
  if (String(chunk).includes("\n")) {
    await server.settled();
    const late = (percent: number): number => loop.percentile(percent) / 1e6;
    process.stdout.write(`${JSON.stringify({ p50: late(50), p99: late(99), most: loop.max / 1e6 })}\n`);
    loop.reset();
  }
}
loop.disable();
await server.close();
