import type { Command } from "commander";
import { commaList, wholeNumber } from "../cli/options.ts";
import { leastCacheMib } from "../config.ts";

/** What to check, of what, and by what: the options that every command has which runs a check. */
export const addCheckOptions = (command: Command): Command =>
  command
    .option("--repo <dir>", "the control repo's clone (default: the current folder)")
    .option("--base <ref>", "what it would be merged into (default: the remote's default branch)")
    .option("--head <ref>", "the change; `worktree` takes uncommitted work too", "HEAD")
    .option("--facts <dir>", "node facts: PuppetDB, octocatalog-diff, puppet facts or Facter files, YAML or JSON")
    .option("--puppetdb <url>", "take them from this PuppetDB's inventory instead, such as https://puppetdb.example.com:8081")
    .option("--puppetdb-ca <file>", "the CA that its certificate is of, in PEM")
    .option("--puppetdb-cert <file>", "a client certificate that it lets in")
    .option("--puppetdb-key <file>", "and its key")
    .option("--enc <path>", "what an ENC says: a file of nodes by certname, or a folder with one file a node; nothing is run")
    .option("--stand-ins <dir>", "stand-ins for private data, DNS and PuppetDB queries (docs/stand-ins.md)")
    .option("--nodes <globs>", "only these certnames, separated by commas", commaList("--nodes"))
    .option("--modulepath <dirs>", "module folders, separated by commas: of the tree, or of this machine", commaList("--modulepath"))
    .option(
      "--module-cache <dir>",
      "where modules that the policy lets be fetched are kept (default: puppet-gate/modules in your cache folder)",
    )
    .option("--cache <dir>", "where base's compiles are kept, sealed (default: puppet-gate/compiles in your cache folder; docs/cache.md)")
    .option("--no-cache", "keep none, and use none that were kept")
    .option("--cache-mib <number>", "how many MiB of them (default: 2048)", wholeNumber("--cache-mib", leastCacheMib))
    .option(
      "--sample <percent>",
      "compile so many of the nodes that the change does not reach, to prove it (default: a few)",
      wholeNumber("--sample", 0, 100),
    )
    .option("--config <file>", "a policy instead of base's .github/puppet-gate.yml");
