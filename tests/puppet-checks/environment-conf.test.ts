import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseEnvironmentConf } from "../../src/puppet/environment-conf.ts";
import { ruby } from "./tree.ts";

/** What Puppet's own reader makes of the same text: settings of the main section, the first of each name; null where it refuses. */
const oracle = `
require 'puppet'
require 'json'
Puppet.initialize_settings(['--confdir', ARGV[0], '--vardir', ARGV[0]])
texts = JSON.parse($stdin.read)
read = texts.map do |text|
  file = File.join(ARGV[0], 'environment.conf')
  File.write(file, text)
  main = Puppet.settings.parse_file(file).sections[:main]
  main.settings.reverse.to_h { |setting| [setting.name, setting.value.to_s] }
rescue StandardError
  nil
end
puts JSON.generate(read)
`;

const texts = [
  "",
  "modulepath = a:b\n",
  "  modulepath=a:b  \n\n# comment\n   # another\nmanifest = x.pp",
  "modulepath = 'a:b'\nmanifest = \"x.pp\n",
  "modulepath = a # b\n",
  "modulepath = a\nmodulepath = b\n",
  "[main]\nmodulepath = a\n[agent]\nmanifest = y\n",
  "[agent]\nmodulepath = b\n[main]\nmodulepath = a\n",
  "config_version = scripts/version.sh $environment\nenvironment_timeout = unlimited\n",
  "modulepath =\n",
  "modulepath = a = b\n",
  "modulepath = a\r\nmanifest = b\r\n",
  "modulepath: a\n",
  "; comment\n",
  "[ma in]\n",
  "[main]\n nonsense\n",
  "modulepath\n",
  "mödulepath = a\n",
];

describe("parseEnvironmentConf", () => {
  let folder = "";
  let puppets: Array<Record<string, string> | null> = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "environment-conf-"));
    const script = join(folder, "oracle.rb");
    await writeFile(script, oracle);
    puppets = JSON.parse(await ruby([script, folder], JSON.stringify(texts))) as typeof puppets;
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it.each(texts.map((text, at) => [JSON.stringify(text), text, at] as const))("reads as Puppet does: %s", (_name, text, at) => {
    expect(ours(text)).toEqual(puppets[at]);
  });

  it("knows the lines", () => {
    expect([...parseEnvironmentConf("# x\nmodulepath = a\n\nmanifest = b\n")].map(([name, { line }]) => `${name} ${line}`)).toEqual([
      "modulepath 2",
      "manifest 4",
    ]);
  });
});

function ours(text: string): Record<string, string> | null {
  try {
    return Object.fromEntries([...parseEnvironmentConf(text)].map(([name, { value }]) => [name, value]));
  } catch {
    return null;
  }
}
