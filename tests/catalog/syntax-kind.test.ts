import { describe, expect, it } from "vitest";

import { type SyntaxKind, syntaxKind } from "../../src/catalog/syntax-kind.ts";

const cases: Array<[path: string, kind: SyntaxKind | null]> = [
  ["manifests/site.pp", "manifest"],
  ["site-modules/profile/manifests/plans/web.pp", "manifest"],
  ["site-modules/profile/plans/deploy.pp", "plan"],
  ["plans/deploy.pp", "plan"],
  ["site-modules/plans/manifests/init.pp", "manifest"], // a module called plans
  ["site-modules/profile/spec/fixtures/x.pp", "manifest"],
  ["site-modules/profile/files/selinux.pp", null],
  ["site-modules/profile/manifests/files/web.pp", "manifest"],
  ["site-modules/files/manifests/init.pp", "manifest"],
  ["site-modules/profile/templates/motd.epp", "epp"],
  ["site-modules/profile/templates/motd.erb", "erb"],
  ["site-modules/profile/templates/motd", null],
  ["site-modules/profile/templates/config.yaml", null],
  ["site-modules/profile/files/config.json", null],
  ["data/nodes/a.example.com.yaml", "hiera"],
  ["hieradata/common.yml", "hiera"],
  ["site-modules/profile/data/common.yaml", "hiera"],
  ["secrets/common.eyaml", "hiera"],
  ["hiera.yaml", "yaml"],
  ["data/common.json", "json"],
  ["modules/ntp/metadata.json", "json"],
  ["package.json", null],
  [".github/workflows/ci.yml", null],
  [".fixtures.yml", "yaml"],
  ["Puppetfile", null],
  ["README.md", null],
  ["lib/x.PP", null],
  [String.raw`"data/\377.yaml"`, "hiera"],
  [String.raw`"manifests/\377.pp"`, "manifest"],
];

describe("syntaxKind", () => {
  it.each(cases)("%s: %s", (path, kind) => {
    expect(syntaxKind(path)).toBe(kind);
  });
});
