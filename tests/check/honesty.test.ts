import { describe, expect, it } from "vitest";
import { renderReport } from "../../src/cli/words.ts";
import { check, clone, git, small, write, type Checked, type Files } from "./stage.ts";

/** What a report says of what nobody can see: chance, code that runs on the nodes, files from elsewhere, catalogs that are too small. */

const site = (web: string, more = ""): string => `node 'web01.example.com' {\n${web}\n}\nnode 'db01.example.com' {\n${more}\n}\n`;
const chance = (body: string): string => `# made at <%= Time.now.to_f %> with <%= rand %>\n${body}\n`;
const web = `  include profile::motd
  file { '/etc/chance':
    content => template('profile/chance.erb'),
    notify  => Service['chance'],
  }
  file { '/etc/edited':
    content => template('profile/edited.erb'),
  }
  service { 'chance':
    ensure => running,
  }
  notify { "at \${Timestamp.new}":
  }
  notify { 'steady':
    message => fqdn_rand(1000),
  }
  notify { 'from-now-on':
    message => 'quiet',
  }
  gadget { 'player':
    release => 'V2',
  }
  file { '/etc/elsewhere':
    source => 'http://files.example.com/x',
  }`;
const data = (names: readonly string[]): string => `---\nprofile::motd::text: hello\nprofile::motd::names: [${names.join(", ")}]\n`;
const motd = `# @summary The message of the day
class profile::motd (String $text, Array[String] $names = []) {
  file { '/etc/motd':
    content => "\${text}\\n",
  }
  $names.each |$name| {
    file { "/etc/motd.\${name}":
      content => $name,
    }
  }
}
`;
/** A type that asks the node before it takes a value. */
const gadget = `Puppet::Type.newtype(:gadget) do
  newparam(:name, namevar: true)
  newproperty(:release) { munge { |value| Facter.value(:kernel) ? value.downcase : value } }
end
`;
const base: Files = {
  ...small,
  "manifests/site.pp": site(web, "  include profile::motd"),
  "site/profile/manifests/motd.pp": motd,
  "site/profile/templates/chance.erb": chance("port 80"),
  "site/profile/templates/edited.erb": chance("port 80"),
  "site/profile/lib/puppet/type/gadget.rb": gadget,
  "data/common.yaml": data(["a", "b", "c", "d", "e", "f", "g"]),
};

describe("chance, and what no catalog shows", { timeout: 120_000 }, () => {
  it("case 58 and 67: what differs at every compile is no effect; a real edit beside it stays; what head alone makes differ counts", async () => {
    const head = {
      "site/profile/templates/edited.erb": chance("port 81"),
      "manifests/site.pp": site(web.replace("'quiet'", "inline_template('<%= rand %>')").replace("V2", "v2"), "  include profile::motd"),
      "site/profile/lib/facter/site.rb": "Facter.add(:site) { setcode { 'x' } }\n",
    };
    const { report } = await check(clone(base, head));
    const change = (title: string): unknown => report.groups.find((each) => each.title === title)?.change;
    const messages = report.findings.map(({ code, message }) => `${code}: ${message}`).join("\n");

    expect(change("/etc/chance")).toBeUndefined();
    expect(report.groups.filter(({ title }) => title.startsWith("at "))).toEqual([]);
    expect(report.radius.restarts).toEqual([]);
    expect(messages).toContain("differs-at-every-compile: content of File[/etc/chance] differs at every compile, on base too");
    expect(change("/etc/edited")).toBe("changed");
    expect(messages).toContain("content of File[/etc/edited] differs at every compile, on base too, and more of it differs here");
    expect(change("from-now-on")).toBe("changed");
    expect(messages).toContain("differs-from-now-on: from this change on, message of Notify[from-now-on] differs at every compile");
    // Case 59: fqdn_rand is steady.
    expect(messages).not.toContain("steady");

    // Cases 46 and 67: what was not seen is said with the coverage, and where to read on.
    const unseen = [
      { what: "facts", count: 1, text: expect.stringContaining("changed custom fact ") },
      { what: "sources", count: 1, text: expect.stringContaining("file from outside") },
      {
        what: "values",
        count: 1,
        text: "changed value that the type would not take without the node (Gadget[player] release): compared as written, so an agent may find nothing to do",
      },
    ];
    expect(report.coverage).toEqual({ nodes: 2, compared: 2, unseen, missing: [], plan: { kept: 0, reached: 2, sampled: 0, missed: [] } });
    const text = renderReport(report, (_, words) => words);
    expect(text).toContain("catalogs of all 2 nodes were compared; not seen: 1 changed custom fact (nodes have");
    expect(text).toContain("docs/limitations.md");
  });
});

describe("catalogs that are too small", { timeout: 120_000 }, () => {
  const verdict = ({ report }: Checked): string => report.verdict.outcome;
  const compile = ({ report }: Checked): string => report.verdict.reasons.find(({ rule }) => rule === "compile")?.text ?? "";

  it("a catalog that loses its resources by data alone blocks; by a manifest's word it does not, nor where the policy allows it", async () => {
    const repo = clone(base, { "data/common.yaml": data([]) });
    const lost = await check(repo);
    expect(verdict(lost)).toBe("blocked");
    expect(compile(lost)).toContain("db01.example.com would lose 7 of its 8 resources, and no manifest changes");
    git(repo, "switch", "-q", "main");
    write(repo, {
      ".github/puppet-gate.yml": "version: 1\ncompile: {lost_percent: 90}\nrules: [{name: peer, require: {approvals: {count: 1}}}]\n",
    });
    git(repo, "add", "-A");
    git(repo, "commit", "-q", "-m", "policy");
    git(repo, "switch", "-q", "change");
    expect(verdict(await check(repo))).toBe("pass");
  });

  it("a catalog that is empty on both sides is no catalog without changes", async () => {
    const files: Files = { ...base, "manifests/site.pp": site("  include profile::motd", "  # its classes would come from an ENC") };
    const ran = await check(clone(files, { "data/common.yaml": data(["a", "b", "c", "d", "e", "f"]) }));
    expect(verdict(ran)).toBe("unknown");
    expect(compile(ran)).toContain("db01.example.com: its catalog is empty on both sides");
    expect(ran.report.coverage).toMatchObject({ nodes: 2, compared: 1 });
  });

  it("an empty catalog is none to worry about where base's policy says that it is meant, and a head's word for that counts for nothing", async () => {
    const bare = site("  include profile::motd", "  # nothing is managed here");
    const policy = `version: 1\nempty: [{nodes: ["db*.example.com"], owner: "@acme/db", reason: a vendor's appliance}]\n`;
    const meant: Files = { ...base, "manifests/site.pp": bare, ".github/puppet-gate.yml": policy };
    const edit: Files = { "data/common.yaml": data(["a", "b", "c", "d", "e", "f"]) };
    const ran = await check(clone(meant, edit));
    expect(verdict(ran)).toBe("pass");
    expect(ran.report.nodes.find(({ certname }) => certname.startsWith("db"))).toMatchObject({
      outcome: "unchanged",
      reason: "its catalog is empty, as it is meant to be: a vendor's appliance (@acme/db)",
    });
    expect(verdict(await check(clone({ ...base, "manifests/site.pp": bare }, { ...edit, ".github/puppet-gate.yml": policy })))).toBe(
      "unknown",
    );
  });
});

describe("case 63: what base's policy calls noise", { timeout: 120_000 }, () => {
  const text = (version: string, rest: string): Files => ({
    "data/common.yaml": `---\nprofile::motd::text: "# made ${version}\\n${rest}"\n`,
  });
  const policy: Files = {
    ".github/puppet-gate.yml": `version: 1\ndifferences: {ignore: [{type: File, title: /etc/m*, attribute: content, every_line: "# made *", reason: a stamp}]}\n`,
  };

  it("is left out, counted with its reason, and no more than that", async () => {
    const noise = await check(clone({ ...base, ...text("1", "hello"), ...policy }, text("2", "hello")));
    expect(noise.report.groups.filter(({ kind }) => kind !== "class-parameter")).toEqual([]);
    expect(noise.report.nodes.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged"]);
    expect(noise.report.nodes[0]?.reason).toBe("nothing differs but what the policy leaves out (`differences.ignore`)");
    expect(noise.report.coverage?.unseen).toContainEqual({
      what: "ignored",
      count: 1,
      text: "difference that the policy leaves out (File[/etc/motd] content): a stamp",
    });
    expect(renderReport(noise.report, (_, words) => words)).toContain(
      "nothing changes on 2 nodes, but for differences that the policy leaves out",
    );

    const more = await check(clone({ ...base, ...text("1", "hello"), ...policy }, text("2", "goodbye")));
    expect(more.report.radius.nodes).toBe(2);
    const headsWord = await check(clone({ ...base, ...text("1", "hello") }, { ...text("2", "hello"), ...policy }));
    expect(headsWord.report.radius.nodes).toBe(2);
  });
});
