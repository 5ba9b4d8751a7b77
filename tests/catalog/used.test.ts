import { describe, expect, it } from "vitest";
import { Used } from "../../src/catalog/used.ts";
import { catalog } from "./build.ts";

/** A change that shows on no node may be one for the very nodes that can't be compiled: which files could be that. */
const cases: Array<{ path: string; unknown: boolean }> = [
  { path: "site/profile/manifests/motd.pp", unknown: false },
  { path: "modules/ntp/manifests/init.pp", unknown: false },
  { path: "site/profile/manifests/vhost.pp", unknown: false },
  { path: "site/profile/manifests/legacy.pp", unknown: true },
  { path: "site/profile/manifests/init.pp", unknown: true },
  // A main manifest's node statements are each of some nodes alone, whoever's resources stand in it.
  { path: "manifests/site.pp", unknown: true },
  { path: "data/nodes/legacy1.yaml", unknown: true },
  { path: "site/profile/templates/legacy.erb", unknown: true },
  { path: "site/profile/files/legacy.conf", unknown: true },
  { path: "hiera.yaml", unknown: true },
  { path: "Puppetfile", unknown: true },
  { path: "modules/ntp/lib/puppet/functions/ntp.rb", unknown: true },
  { path: "site/spec/manifests/init.pp", unknown: true },
  { path: "README.md", unknown: false },
  { path: "modules/ntp/CHANGELOG", unknown: false },
  { path: "docs/runbook.pp", unknown: false },
  { path: ".github/workflows/ci.yml", unknown: false },
  { path: "spec/hosts/web_spec.rb", unknown: false },
  { path: "modules/ntp/spec/classes/ntp_spec.rb", unknown: false },
  { path: "facts/web01.example.com.json", unknown: false },
];

describe("files of a change that no compiled node is known to use", () => {
  const used = new Used();
  used.add({ ...catalog([["Class[Profile::Motd]"], ["Profile::Vhost[a]"], ["File[/etc/motd]"]]), classes: ["profile::motd", "ntp"] });

  it.each(cases)("$path: $unknown", ({ path, unknown }) => {
    expect(used.unknownOf([path])).toEqual(unknown ? [path] : []);
  });
});
