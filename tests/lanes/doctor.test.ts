import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { examineRollout } from "../../src/engine/rollout/examine.ts";
import { rolloutToExamine } from "../../src/wiring/examine-rollout.ts";
import { type LaneStage, lanes, setLaneStage } from "./stage.ts";

/** The doctor's look at rollouts, as the App, against the stand-in over the loopback interface. */

async function examine(stage: LaneStage, repository = "acme/control"): Promise<string[]> {
  const { host } = await stage.github.listen();
  const site = join(stage.folder, "rollout.yaml");
  const environments = join(stage.folder, "environments");
  for (const name of ["production", "production_canary", "one"]) mkdirSync(join(environments, name), { recursive: true });
  const compiler = {
    name: "puppet1",
    deploy: ["true", "{environment}"],
    served: { folder: `${environments}/{environment}` },
    environments: { folder: environments },
  };
  writeFileSync(site, JSON.stringify({ version: 1, repository, reports: { folder: "/reports" }, compilers: [compiler] }));
  chmodSync(site, 0o600);
  const config = readConfig(
    {
      APP_ID: String(stage.app.id),
      PRIVATE_KEY: stage.app.privateKey,
      WEBHOOK_SECRET: "a secret of many words",
      PUPPET_GATE_DATA: stage.folder,
      PUPPET_GATE_ROLLOUT: site,
      GHE_HOST: host,
      GHE_PROTOCOL: "http",
    },
    stage.folder,
  );
  const found = await examineRollout(await rolloutToExamine(config, site));
  return found.map(({ name, status, text }) => `${name}: ${status}: ${text}`);
}

test("a compiler that serves a branch which is no lane is told, by the policy of the control repo itself", async () => {
  const stage = await setLaneStage(lanes("canary"));
  expect(await examine(stage)).toEqual([
    "lanes: pass: canary, rest of acme/control",
    expect.stringMatching(/^environments of puppet1: fail: one: no lane\. Whoever may push/u),
    expect.stringMatching(/^version of catalogs: fail: environment\.conf: there is no config_version/u),
  ]);
});

test("a repository where the App is not installed is told", async () => {
  const stage = await setLaneStage();
  expect(await examine(stage, "acme/other")).toEqual(["lanes: fail: The App can't read acme/other, which the site's file names."]);
});
