import { expect, it } from "vitest";
import { edited } from "./stand-ins/repository.ts";
import { createStage, small } from "./stand-ins/stage.ts";

/** Which module folders a check compiles with: those that somebody named, else the policy's, else the environment's. */
const named = (path: string): string => `version: 1\ncompile: {modulepath: [${path}]}\n`;
const copy = Object.fromEntries(Object.entries(small).map(([path, text]) => [path.replace(/^site\//u, "other/"), text]));
const main = edited(small, { ...copy, "other/profile/manifests/motd.pp": 'File[/etc/other] {"content": "${motd::text}"}\n' });

it.each<[string, string | null, string[] | null, string]>([
  ["the environment's", null, null, "/etc/motd"],
  ["the policy's", named("other"), null, "/etc/other"],
  ["those that somebody named", named("other"), ["site"], "/etc/motd"],
  ["those that somebody named, where the policy names none", null, ["other"], "/etc/other"],
])("takes %s", async (_, policy, modulepath, title) => {
  const base = edited(main, { ".github/puppet-gate.yml": policy });
  const change = edited(base, { "data/common.yaml": "motd::text: welcome\n" });
  const { report } = await createStage().check({ main: base, change, modulepath });
  expect(report.groups.map((group) => group.title)).toEqual([title]);
});
