import { addAfter, replace, write } from "./edits.ts";
import type { Person } from "./history.ts";
import { hostileStory } from "./hostile.ts";
import type { Story, Traps } from "./story.ts";

export const stories = (traps: Traps): Story[] => [...ordinary, hostileStory(traps)];

const profile = "site-modules/profile";
const everywhere = ["ash", "lon", "sto"];
/** The node whose data is wrong on base. */
const brokenOnBase = 1;
const fleet = 65;
const sound = fleet - brokenOnBase;

const people = {
  dagny: { name: "Dagny Berg", email: "dagny@tonearm.example" },
  emeka: { name: "Emeka Obi", email: "emeka@tonearm.example" },
  farah: { name: "Farah Karimi", email: "farah@tonearm.example" },
} satisfies Record<string, Person>;

const ordinary: readonly Story[] = [
  {
    branch: "refactor",
    title: "Plainer names in the profiles, and nothing else",
    lookAt:
      "Five files change and no node does: variables renamed, a file retitled, resources in another order, the same words in another quote.",
    author: people.dagny,
    from: "tip",
    edits: [
      replace(`${profile}/manifests/base/packages.pp`, "$everything = $wanted", "$packages = $wanted"),
      replace(`${profile}/manifests/base/packages.pp`, "package { $everything:", "package { $packages:"),
      replace(`${profile}/manifests/jvm_service.pp`, "  $heap = profile::heap_mb", "  $heap_mb = profile::heap_mb"),
      replace(`${profile}/manifests/jvm_service.pp`, "'heap' => $heap }", "'heap' => $heap_mb }"),
      replace(
        `${profile}/manifests/cache.pp`,
        "  file { '/etc/redis/redis.conf':\n    ensure  => file,\n",
        "  file { 'settings of the cache':\n    ensure  => file,\n    path    => '/etc/redis/redis.conf',\n",
      ),
      replace(
        `${profile}/manifests/base.pp`,
        "  include profile::base::packages\n  include profile::base::motd\n",
        "  include profile::base::motd\n  include profile::base::packages\n",
      ),
      replace("data/services/web.yaml", "backend: 127.0.0.1:3000", 'backend: "127.0.0.1:3000"'),
    ],
    expected: {
      verdict: "pass",
      nodes: { unchanged: sound, "pre-existing": brokenOnBase },
      size: "none",
      services: [],
      restarts: {},
      noEffects: true,
    },
  },
  {
    branch: "one-service",
    title: "Warm the playlists' cache before people wake up",
    lookAt:
      "One new file on the twelve playlist machines, nothing restarts. The branch is one commit behind production: the merge result was judged, so the newer commit's ads don't show up as if this change took them back.",
    author: people.emeka,
    from: "before",
    edits: [
      addAfter(
        `${profile}/manifests/playlist.pp`,
        "  package { 'tonearm-playlist':\n    ensure => $version,\n  }\n",
        `
  file { '/etc/cron.d/playlist-warm':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => "\${fqdn_rand(60)} 5 * * * playlist /usr/bin/tonearm-playlist warm --most-heard 5000\\n",
  }
`,
      ),
    ],
    expected: {
      verdict: "pass",
      nodes: { changed: 12, unchanged: sound - 12, "pre-existing": brokenOnBase },
      size: "medium",
      services: ["playlist"],
      datacentres: everywhere,
      restarts: {},
      effects: [{ resource: "File[/etc/cron.d/playlist-warm]", change: "added", nodes: 12 }],
    },
  },
  {
    branch: "template-restart",
    title: "Let Java end itself when it runs out of memory",
    lookAt: "One line of one template, and three services restart on 24 machines: what a reviewer would not see in the diff of the code.",
    author: people.farah,
    from: "tip",
    edits: [addAfter(`${profile}/templates/jvm/jvm.options.epp`, "-XX:+HeapDumpOnOutOfMemoryError\n", "-XX:+ExitOnOutOfMemoryError\n")],
    expected: {
      verdict: "pass",
      nodes: { changed: 24, unchanged: sound - 24, "pre-existing": brokenOnBase },
      size: "large",
      services: ["ads", "metadata", "search"],
      datacentres: everywhere,
      restarts: { "Service[ads]": 6, "Service[metadata]": 9, "Service[search]": 9 },
    },
  },
  {
    branch: "hiera",
    title: "Take the time in Stockholm from Ashburn, not from London",
    lookAt: "One line of data reaches every machine of one datacentre, whatever its service, and restarts its clock's daemon.",
    author: people.farah,
    from: "tip",
    edits: [replace("data/datacentres/sto.yaml", "ntp1.lon.tonearm.example", "ntp1.ash.tonearm.example")],
    expected: {
      verdict: "pass",
      nodes: { changed: 21, unchanged: sound - 21, "pre-existing": brokenOnBase },
      size: "large",
      datacentres: ["sto"],
      restarts: { "Service[ntp]": 21 },
      effects: [{ resource: "File[/etc/ntp.conf]", attribute: "content", change: "changed", nodes: 21 }],
    },
  },
  {
    branch: "fleet-wide",
    title: "Half as many tries to log in",
    lookAt: "Size fleet: every machine, every service, and sshd restarts on all of them, under the name that it has on each system.",
    author: people.dagny,
    from: "tip",
    edits: [replace("data/common.yaml", "MaxAuthTries: 6", "MaxAuthTries: 3")],
    expected: {
      verdict: "pass",
      nodes: { changed: sound, "pre-existing": brokenOnBase },
      size: "fleet",
      datacentres: everywhere,
      restarts: { "Service[ssh]": 62, "Service[sshd]": 2 },
    },
  },
  {
    branch: "does-not-compile",
    title: "Keep the index of search on a disk of its own",
    lookAt:
      "It works where its author tried it. Ashburn has no such setting yet: three machines would stop compiling, and the first one is named with file and line.",
    author: people.emeka,
    from: "tip",
    edits: [
      replace(
        `${profile}/manifests/search.pp`,
        "# @param version of the service\n",
        "# @param version of the service\n# @param index_disk where the index lies\n",
      ),
      replace(`${profile}/manifests/search.pp`, "  String[1]     $version,\n", "  String[1]     $version,\n  String[1]     $index_disk,\n"),
      replace(
        `${profile}/manifests/search.pp`,
        "      'replicas' => $replicas,\n",
        "      'replicas' => $replicas,\n      'index'    => $index_disk,\n",
      ),
      write("data/services/search-lon.yaml", "---\nprofile::search::index_disk: /srv/nvme0/index\n"),
      write("data/services/search-sto.yaml", "---\nprofile::search::index_disk: /srv/nvme0/index\n"),
    ],
    expected: {
      verdict: "blocked",
      fails: ["compile"],
      nodes: { broken: 3, changed: 6, unchanged: sound - 9, "pre-existing": brokenOnBase },
      services: ["search"],
      restarts: { "Service[search]": 6 },
    },
  },
  {
    branch: "lint-errors",
    title: "Keep robots off the pages that only people should read",
    lookAt: "Blocked for what this change adds and for nothing else: the warnings that the file had already are counted as debt.",
    author: people.emeka,
    from: "tip",
    edits: [
      addAfter(
        `${profile}/manifests/web/site.pp`,
        "    notify => Service['nginx'],\n  }\n",
        `
  file { "/var/www/\${title}/robots.txt":
    ensure => "file",
    mode   => '644', \n\tcontent => "User-agent: *\\nDisallow: /private\\n",
  }
`,
      ),
    ],
    expected: {
      verdict: "blocked",
      fails: ["lint"],
      nodes: { changed: 9, unchanged: sound - 9, "pre-existing": brokenOnBase },
      services: ["web"],
      restarts: {},
      findings: [
        { check: "lint", path: `${profile}/manifests/web/site.pp`, code: "hard_tabs" },
        { check: "lint", path: `${profile}/manifests/web/site.pp`, code: "trailing_whitespace" },
      ],
    },
  },
  {
    branch: "repairs-node",
    title: "Name storage3's new disk by its lasting name",
    lookAt: "A machine that does not compile on production compiles again, and no other one changes.",
    author: people.farah,
    from: "tip",
    edits: [replace("data/nodes/storage3.ash.tonearm.example.yaml", "/dev/sdd", "/dev/disk/by-id/wwn-0x5000c500d4e5f603")],
    expected: { verdict: "pass", nodes: { fixed: brokenOnBase, unchanged: sound } },
  },
  {
    branch: "conflict",
    title: "More ads an hour",
    lookAt: "Production changed the same line meanwhile. There is nothing to compile: the conflict is the finding.",
    author: people.dagny,
    from: "before",
    edits: [replace("data/services/ads.yaml", "most_per_hour: 5", "most_per_hour: 6")],
    expected: { verdict: "blocked", fails: ["merge"], findings: [{ check: "merge", path: "data/services/ads.yaml" }] },
  },
];
