import { describe, expect, it } from "vitest";
import { Binary, Secret } from "../../src/catalog/catalog.ts";
import { withConcerns } from "../../src/catalog/concerns.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { catalog, type Short } from "./build.ts";

/** What is called out of the changes between two catalogs, each change's in one text. */
function concerns(before: readonly Short[] | null, after: readonly Short[]): string[] {
  const [was, is] = [before === null ? null : catalog(before), catalog(after)];
  return withConcerns(diffCatalogs(was, is), was, is).flatMap(({ concerns }) => (concerns === undefined ? [] : [concerns.join(" ")]));
}

const other: Short = ["Notify[x]"];
const cases: ReadonlyArray<{ name: string; before?: readonly Short[] | null; after: readonly Short[]; called: readonly string[] }> = [
  {
    name: "a file that becomes absent",
    before: [["File[/a]", { ensure: "file" }]],
    after: [["File[/a]", { ensure: "absent" }]],
    called: ["deletes"],
  },
  {
    name: "a file that becomes absent, said in a list of one",
    before: [["File[/a]", { ensure: "file" }]],
    after: [["File[/a]", { ensure: ["absent"] }]],
    called: ["deletes"],
  },
  { name: "a new wish in a list of one", before: [other], after: [other, ["Package[a]", { ensure: ["absent"] }]], called: ["deletes"] },
  {
    name: "a package that is purged",
    before: [["Package[a]", { ensure: "present" }]],
    after: [["Package[a]", { ensure: "purged" }]],
    called: ["deletes"],
  },
  { name: "a new wish that something be gone", before: [other], after: [other, ["Package[a]", { ensure: "absent" }]], called: ["deletes"] },
  { name: "a file that leaves the catalog", before: [["File[/a]"], other], after: [other], called: ["unmanaged"] },
  { name: "what was absent and leaves the catalog", before: [["File[/a]", { ensure: "absent" }], other], after: [other], called: [] },
  {
    name: "an Exec and a fragment that leave the catalog",
    before: [["Exec[a]"], ["Concat_fragment[b]", { target: "/b" }], other],
    after: [other],
    called: [],
  },
  {
    name: "a file that leaves a folder which is purged",
    before: [["File[/a/b/c]"], ["File[/a]", { purge: true, recurse: true }]],
    after: [["File[/a]", { purge: true, recurse: true }]],
    called: ["deletes"],
  },
  {
    name: "a file that leaves a folder which is not recursed into",
    before: [["File[/a/b]"], ["File[/a]", { purge: true }]],
    after: [["File[/a]", { purge: true }]],
    called: ["unmanaged"],
  },
  {
    name: "a user that leaves where all others are purged",
    before: [["User[ann]"], ["Resources[user]", { purge: true }]],
    after: [["Resources[user]", { purge: true }]],
    called: ["accounts deletes"],
  },
  {
    name: "a service that stops",
    before: [["Service[a]", { ensure: "running" }]],
    after: [["Service[a]", { ensure: "stopped" }]],
    called: ["stops"],
  },
  {
    name: "a service that does not start with the machine",
    before: [["Service[a]", { enable: true }]],
    after: [["Service[a]", { enable: false }]],
    called: ["stops"],
  },
  {
    name: "a service that starts",
    before: [["Service[a]", { ensure: "stopped" }]],
    after: [["Service[a]", { ensure: "running" }]],
    called: [],
  },
  { name: "noop that comes", before: [["File[/a]"]], after: [["File[/a]", { noop: true }]], called: ["disarmed"] },
  { name: "a new resource in noop", before: [other], after: [other, ["File[/a]", { noop: true }]], called: ["disarmed"] },
  { name: "noop that goes", before: [["File[/a]", { noop: true }]], after: [["File[/a]"]], called: ["armed"] },
  {
    name: "noop that is said to be false",
    before: [["File[/a]", { noop: true }]],
    after: [["File[/a]", { noop: false }]],
    called: ["armed"],
  },
  {
    name: "another attribute of what is in noop",
    before: [["File[/a]", { noop: true, mode: "0644" }]],
    after: [["File[/a]", { noop: true, mode: "0600" }]],
    called: [],
  },
  {
    name: "what a failed base can't be compared with",
    before: null,
    after: [["User[ann]"], ["File[/b]", { ensure: "absent" }]],
    called: ["deletes"],
  },
  { name: "parameters of classes", before: [["Class[Sudo]", { a: 1 }]], after: [["Class[Sudo]", { a: 2 }]], called: [] },
  { name: "an order alone", before: [["User[a]"], other], after: [["User[a]", { require: "Notify[x]" }], other], called: [] },
];

/** A resource that is guarded, or not, by what it is: whatever changes of it is called out. */
const guarded: ReadonlyArray<readonly [Short, string]> = [
  [["File[/etc/sudoers]"], "sudo"],
  [["File[/etc/sudoers.d/ops]"], "sudo"],
  [["File[operators]", { path: "/etc/sudoers.d/ops" }], "sudo"],
  [["Augeas[ops]", { context: "/files/etc/sudoers" }], "sudo"],
  [["Concat_fragment[ops]", { target: "/etc/sudoers" }], "sudo"],
  [["File_line[ops]", { path: "/etc/sudoers" }], "sudo"],
  [["File[/etc/sudoers_readme]"], ""],
  [["File[/srv/etc/sudoers]"], ""],
  [["Firewall[100 ssh]"], "firewall"],
  [["Firewallchain[INPUT:filter:IPv4]"], "firewall"],
  [["File[/etc/nftables.conf]"], "firewall"],
  [["File[/etc/iptables/rules.v4]"], "firewall"],
  [["File[/etc/ferm/conf.d/web]"], "firewall"],
  [["User[ann]"], "accounts"],
  [["Group[ops]"], "accounts"],
  [["File[/etc/passwd]"], "accounts"],
  [["Ssh_authorized_key[ann@home]"], "ssh-keys"],
  [["File[/home/ann/.ssh/authorized_keys]"], "ssh-keys"],
  [["File[/etc/ssh/authorized_keys.d/ann]"], "ssh-keys"],
  [["File[/etc/ssh/userkeys/ann]"], "ssh-keys"],
  [["File[/etc/pam.d/sshd]"], "login"],
  [["File[/etc/security/access.conf]"], "login"],
  [["File[/etc/ssh/sshd_config]"], "login"],
  [["File[/etc/ssh/ssh_config]"], ""],
  [["Mount[/srv]"], "mounts"],
  [["File[/etc/fstab]"], "mounts"],
  [["File[/etc/systemd/system/srv-disk.mount]"], "mounts"],
  [["File[/etc/systemd/system/web.service]"], ""],
  [["Cron[tidy]", { command: "x" }], "root-cron"],
  [["Cron[tidy]", { command: "x", user: "root" }], "root-cron"],
  [["Cron[tidy]", { command: "x", user: "web" }], ""],
  [["File[/etc/cron.daily/tidy]"], "root-cron"],
  [["File[/etc/cron.d/tidy]", { content: "# m h\n5 4 * * * root /bin/x\n" }], "root-cron"],
  [["File[/etc/cron.d/tidy]", { content: "@daily root /bin/x\n" }], "root-cron"],
  [["File[/etc/cron.d/tidy]", { content: "5 4 * * * web /bin/root x\n" }], ""],
  [["File[/etc/cron.d/tidy]", { content: new Binary("00", 3) }], "root-cron"],
  [["File[/etc/cron.d/tidy]", { content: new Secret("1") }], "root-cron"],
  [["File[/usr/bin/x]", { mode: "4755" }], "setuid"],
  [["File[/usr/bin/x]", { mode: "02755" }], "setuid"],
  [["File[/usr/bin/x]", { mode: "u=rwxs,go=rx" }], "setuid"],
  [["File[/usr/bin/x]", { mode: "0755" }], ""],
  [["File[/srv/shared]", { mode: "2775", ensure: "directory" }], ""],
  [["File[/srv/shared]", { mode: "u+s", ensure: "directory" }], "setuid"],
  [["File[/srv/x]", { mode: "u".repeat(100_000) }], "setuid"],
  [["Sudo::Conf[ops]"], ""],
];

describe("withConcerns", () => {
  it.each(cases)("calls out $name: $called", ({ before = [], after, called }) => {
    expect(concerns(before, after)).toEqual(called);
  });

  it.each(guarded)("calls %j out for %s", ([reference, parameters], called) => {
    const changed: Short[] = [[reference, { ...parameters, loglevel: "debug" }]];
    expect(concerns([[reference, { ...parameters }]], changed)).toEqual(called === "" ? [] : [called]);
  });

  it("calls out what a resource was, too", () => {
    expect(concerns([["File[/usr/bin/x]", { mode: "4755" }]], [["File[/usr/bin/x]", { mode: "0755" }]])).toEqual(["setuid"]);
  });

  it("is linear in the catalog", () => {
    const files = (mode: string): Short[] => Array.from({ length: 20_000 }, (_, at): Short => [`File[/a/b/c/d/${at}]`, { mode }]);
    expect(concerns(files("4755"), files("0755"))).toHaveLength(20_000);
  });
});
