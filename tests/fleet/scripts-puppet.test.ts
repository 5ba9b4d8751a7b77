import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encFile, writeEncFile } from "../../src/fleet/enc-file.ts";

/** The scripts for compilers, with Puppet itself around them. */
const scripts = join(import.meta.dirname, "../../src/fleet/scripts");
const sha = "0123456789abcdef0123456789abcdef01234567";

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-scripts-puppet-"));
  const deploys: Record<string, boolean | null> = { production: true, canary: false, feature_x: null };
  for (const [environment, success] of Object.entries(deploys)) {
    const top = join(folder, "code", environment);
    mkdirSync(join(top, "manifests"), { recursive: true });
    writeFileSync(join(top, "manifests", "site.pp"), `notify { '${environment}': }\n`);
    cpSync(join(scripts, "config_version.sh"), join(top, "scripts", "config_version.sh"));
    writeFileSync(join(top, "environment.conf"), "config_version = scripts/config_version.sh\n");
    if (success !== null)
      writeFileSync(join(top, ".r10k-deploy.json"), `${JSON.stringify({ signature: sha, deploy_success: success }, null, 2)}\n`);
  }
  mkdirSync(join(folder, "facts"));
  const lanes = [
    { lane: { environment: "canary" }, certnames: ["web01"] },
    { lane: { environment: "production" }, certnames: ["web02"] },
  ];
  const file = encFile(lanes);
  if (file.known) await writeEncFile(join(folder, "lanes.json"), file.value);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  [
    "a node of a lane gets its environment, whatever it asks for, and is told of a deploy that is incomplete",
    "web01",
    "feature_x",
    "canary",
    `${sha}-incomplete`,
  ],
  ["a node of the last lane gets what it asks for, with the whole commit", "web02", "production", "production", sha],
  ["also where that is a branch to try", "web02", "feature_x", "feature_x", "unknown-no-deploy-file"],
])("%s", (_, certname, asked, environment, version) => {
  const argv = ["catalog", "compile", certname, "--environment", asked, "--environmentpath", join(folder, "code")];
  const enc = ["--node_terminus", "exec", "--external_nodes", `${join(scripts, "enc.sh")} ${join(folder, "lanes.json")}`];
  // Without facts: what they are does not matter, and finding them takes longer than all the rest.
  const own = ["--confdir", join(folder, "conf"), "--vardir", join(folder, "var"), "--facts_terminus", "memory"];
  const clean = ["-i", "PATH=/usr/bin:/bin:/opt/puppetlabs/bin", `HOME=${folder}`];
  const printed = execFileSync("/usr/bin/env", [...clean, "puppet", ...argv, ...enc, ...own, "--render-as", "json", "--log_level", "err"], {
    cwd: folder,
    encoding: "utf8",
  });
  const catalog = JSON.parse(printed.slice(printed.indexOf("{"))) as { resources: Array<{ type: string; title: string }> };
  expect(catalog).toMatchObject({ name: certname, environment, version });
  expect(catalog.resources.filter(({ type }) => type === "Notify").map(({ title }) => title)).toEqual([environment]);
});
