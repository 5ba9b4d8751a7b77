import { addAfter, type Edit, link, replace, write } from "./edits.ts";
import type { Story, Traps } from "./story.ts";

/**
 * A pull request that tries to run code on whoever checks it, and to carry off what it can read. Only ever evaluated in the sandbox.
 * Each attack that needs a catalog sits on a node of its own, so that one that fails to compile does not shield the next.
 */
export interface Attack {
  name: string;
  /** What happens where nothing stands in the way. */
  aim: string;
  edits: readonly Edit[];
}

const profile = "site-modules/profile";

export function hostileAttacks({ canary, secretFile }: Traps): Attack[] {
  /** A class of the attacker's and a node that it lands on. */
  const onNode = (certname: string, name: string, body: string): Edit[] => [
    write(
      `${profile}/manifests/telemetry/${name}.pp`,
      `# @summary Reports how the machine is doing.\nclass profile::telemetry::${name} {\n${body}}\n`,
    ),
    write(`data/nodes/${certname}.tonearm.example.yaml`, `---\nclasses:\n  - profile::telemetry::${name}\n`),
  ];
  return [
    {
      name: "lint configuration",
      aim: "puppet-lint loads Ruby that the checkout's .puppet-lint.rc names",
      edits: [
        write(".puppet-lint.rc", "--load=./tools/house_style.rb\n--ignore-paths=**/*.pp\n"),
        write("tools/house_style.rb", `File.write('${canary}', 'puppet-lint --load')\n`),
      ],
    },
    {
      name: "lint plugin as a gem",
      aim: "puppet-lint finds plugins by name on Ruby's load path",
      edits: [write("lib/puppet-lint/plugins/check_house_style.rb", `File.write('${canary}', 'puppet-lint plugin')\n`)],
    },
    {
      name: "lint:ignore",
      aim: "a comment hides what lint would say",
      edits: [
        addAfter(
          `${profile}/manifests/java.pp`,
          "class profile::java (\n",
          "  # lint:ignore:trailing_whitespace lint:ignore:hard_tabs\n  # endless \n  # lint:endignore\n",
        ),
      ],
    },
    {
      name: "ERB",
      aim: "a syntax check that calls ERB#result executes the template; a compile does in any case",
      edits: [
        write(
          `${profile}/templates/telemetry.erb`,
          `<% \`touch ${canary}\` rescue nil %><%= File.read('${secretFile}') rescue 'nothing' %>\n`,
        ),
        ...onNode("web1.lon", "erb", "  file { '/etc/telemetry': content => template('profile/telemetry.erb') }\n"),
      ],
    },
    {
      name: "inline template",
      aim: "Ruby in a string of a manifest",
      edits: onNode(
        "web2.lon",
        "inline",
        `  file { '/etc/telemetry': content => inline_template("<%= File.read('${secretFile}') rescue 'nothing' %><%= \`touch ${canary}\`; ENV.to_a.inspect %>") }\n`,
      ),
    },
    {
      name: "generate()",
      aim: "a program runs while the catalog is compiled, and its output lands in the diff",
      edits: onNode(
        "web3.lon",
        "generated",
        `  notify { generate('/bin/sh', '-c', 'touch ${canary}; cat ${secretFile} /etc/hostname'): }\n`,
      ),
    },
    {
      name: "file()",
      aim: "any file of the host becomes content",
      edits: onNode("web1.sto", "copied", `  file { '/etc/telemetry': content => file('${secretFile}', '/dev/null') }\n`),
    },
    {
      name: "config_version",
      aim: "Puppet runs the script that environment.conf names",
      edits: [
        replace("environment.conf", "environment_timeout = 0\n", "environment_timeout = 0\nconfig_version = scripts/config_version.sh\n"),
        write("scripts/config_version.sh", `#!/bin/sh\ntouch ${canary}\ngit rev-parse HEAD\n`, "executable"),
      ],
    },
    {
      name: "hiera path",
      aim: "hiera reads any YAML of the host, and shows it in a title",
      edits: [
        replace(
          "hiera.yaml",
          "  - name: common\n",
          `  - name: site secrets\n    paths:\n      - ${secretFile}\n      - ../../../../../../../../${secretFile}\n  - name: common\n`,
        ),
        ...onNode("web2.sto", "looked_up", "  notify { lookup('stolen', String, 'first', 'nothing'): }\n"),
      ],
    },
    {
      name: "source that climbs",
      aim: "the differ reads what the catalog's source names, outside any sandbox",
      edits: onNode(
        "web3.sto",
        "climbing",
        `  file { '/etc/telemetry': source => 'puppet:///modules/profile/../../../../../../../../..${secretFile}' }\n`,
      ),
    },
    {
      name: "symbolic link",
      aim: "a served file that is a link to one of the host",
      edits: [
        link(`${profile}/files/telemetry.conf`, secretFile),
        link(`${profile}/files/everything`, "/etc"),
        ...onNode(
          "web1.ash",
          "linked",
          "  file { '/etc/telemetry': source => 'puppet:///modules/profile/telemetry.conf' }\n  file { '/etc/more': source => 'puppet:///modules/profile/everything/passwd' }\n",
        ),
      ],
    },
    {
      name: "custom function",
      aim: "Ruby of lib/ runs in the compiling process, with its environment and its network",
      edits: [
        write(
          `${profile}/lib/puppet/functions/profile/fingerprint.rb`,
          `# Tells machines apart.
Puppet::Functions.create_function(:'profile::fingerprint') do
  dispatch(:fingerprint) { return_type 'String' }

  def fingerprint
    gains = []
    [-> { File.write('${canary}', 'a function of lib/') }, -> { gains << File.read('${secretFile}') }, -> { gains << ENV.to_a.inspect },
     -> { gains << File.read("/proc/#{Process.ppid}/environ") }, -> { require 'socket'; TCPSocket.new('127.0.0.1', 22).close; gains << 'a network' }].each do |attempt|
      attempt.call
    rescue SystemCallError, IOError, SocketError
      nil # on to the next
    end
    gains.join(' ')
  end
end
`,
        ),
        ...onNode("web2.ash", "fingerprint", "  notify { profile::fingerprint(): }\n"),
      ],
    },
    {
      name: "Puppetfile",
      aim: "a Puppetfile is Ruby, and r10k evaluates it",
      edits: [
        write(
          "Puppetfile",
          `forge 'https://forge.invalid'\n\nFile.write('${canary}', 'a Puppetfile')\nmod 'tonearm/telemetry', :git => 'https://git.invalid/telemetry.git', :ref => %x(touch ${canary})\n`,
        ),
      ],
    },
    {
      name: "text that acts",
      aim: "titles that command a terminal, a web page, a comment's readers",
      edits: onNode(
        "web3.ash",
        "spoken",
        '  notify { "\\u{1b}[2J\\u{1b}]0;owned\\u{7} \\u{202e}<img src=x onerror=alert(1)> @tonearm/operations `/merge`\\n/merge": }\n',
      ),
    },
    {
      name: "the policy itself",
      aim: "a change that is judged by the rules it brings",
      edits: [replace(".github/puppet-gate.yml", 'when: "true"', `when: 'change.author != "mallory"'`)],
    },
  ];
}

export function hostileStory(traps: Traps): Story {
  const attacks = hostileAttacks(traps);
  return {
    branch: "hostile",
    title: "Telemetry, and a few conveniences",
    lookAt: `It tries to run code on the machine that checks it, and to read it: ${attacks.map(({ name }) => name).join(", ")}. It is blocked; its canary was never written, and no secret is in its report.`,
    author: { name: "Mallory Finch", email: "mallory@tonearm.example" },
    from: "tip",
    edits: attacks.flatMap(({ edits }) => edits),
    expected: {
      verdict: "blocked",
      fails: ["lint", "compile"],
      nodes: { broken: 1, changed: 8, unchanged: 55, "pre-existing": 1 },
      services: ["web"],
      findings: [
        { check: "lint", path: `${profile}/manifests/java.pp`, code: "lint-ignore-added" },
        { check: "compile", path: `${profile}/manifests/telemetry/climbing.pp`, code: "served-outside" },
        { check: "compile", path: `${profile}/manifests/telemetry/linked.pp`, code: "served-outside" },
      ],
    },
  };
}
