import { z } from "zod";

/** The site's file as people write it, and as code sees it. */

/** Any other word in braces would reach a program as it stands, and be looked for on a compiler. */
const strange = /\{(?!environment\})[a-z_]+\}/u;
const placeholder = "{environment}";

const argument = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/u, "an argument without a NUL character")
  .refine((text) => !strange.test(text), "no word in braces but `{environment}`");
const argv = z.array(argument).min(1).max(200);
const argvOfOne = argv.refine((all) => all.some((each) => each.includes(placeholder)), "arguments with `{environment}` in one of them");

const absolute = z.string().regex(/^\/[^\0]*$/u, "an absolute path");
const folderOfOne = absolute
  .refine((path) => path.includes(placeholder), "an absolute path with `{environment}` in it")
  .refine((path) => !strange.test(path), "no word in braces but `{environment}`");

const servedSchema = z
  .strictObject({
    folder: folderOfOne.optional().describe("The environment's folder, if this machine can read it: the deploy file is in it."),
    command: argvOfOne.optional().describe("Prints the deploy file. Exit code 1 says that there is none; any other, that nobody answers."),
  })
  .describe("How to learn what it serves: exactly one of `folder` and `command`.");

const environmentsSchema = z
  .strictObject({
    folder: absolute.optional().describe("The folder of all environments, if this machine can read it."),
    command: argv.optional().describe("Prints their names, one a line, as `ls` does."),
  })
  .describe("How to learn which environments it has, for `puppet-gate doctor`: exactly one of `folder` and `command`.");

const compilerSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/u, "a host's name: letters, digits, `.` and `-`")
      .max(100)
      .describe("What people call it."),
    deploy: argvOfOne.describe("Program and arguments that deploy an environment. There is no shell; `{environment}` stands for its name."),
    served: servedSchema,
    environments: environmentsSchema.optional(),
    alone_for: z
      .array(z.string().regex(/^\w{1,100}$/u, "an environment's name: letters, digits and `_`"))
      .max(50)
      .default([])
      .describe(
        "Environments that no other compiler deploys: the first lane's, so that changed Ruby runs on one machine first. Default: none.",
      ),
    flush: argv.optional().describe("What is run after that, so that it forgets what it kept of the environment. Default: nothing."),
    minutes: z.number().gt(0, "more than nothing").max(240).default(15).describe("After so many minutes a command is ended."),
  })
  .describe("A machine that compiles catalogs.");

export const siteSchema = z.strictObject({
  version: z.literal(1),
  repository: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+$/u, "a repository with its owner, like `acme/control`")
    .describe("The control repo whose releases these machines serve."),
  reports: z
    .strictObject({
      folder: absolute.optional().describe("Puppet's own stored reports (`reports = store`), as a folder that this machine can read."),
      puppetdb: z.literal(true).optional().describe("The PuppetDB that node facts come from."),
    })
    .describe("Where agents' reports are: exactly one of `folder` and `puppetdb`."),
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, "a variable's name"), z.string().regex(/^[^\0]*$/u, "a text without NUL"))
    .default({})
    .describe("The whole environment of every command, beside a PATH of the system's folders."),
  lanes_file: absolute
    .optional()
    .describe(
      "Where the environments of nodes are written for `enc.sh`. Default: nowhere, and the site itself says which node gets which.",
    ),
  compilers: z.array(compilerSchema).min(1).max(100).describe("Every machine that compiles catalogs: one that is left out is not watched."),
});

export type SiteFile = z.output<typeof siteSchema>;

/** What a site says of its machines. */
export interface Site {
  /** `OWNER/NAME`. */
  repository: string;
  reports: { kind: "folder"; folder: string } | { kind: "puppetdb" };
  /** Where the environments of nodes are written for an ENC; null for nowhere. */
  lanesFile: string | null;
  compilers: readonly Compiler[];
}

/** A machine that compiles catalogs. `{environment}` in an argument or a path stands for an environment's name. */
export interface Compiler {
  name: string;
  /** Program and arguments. */
  deploy: readonly string[];
  served: { kind: "folder"; folder: string } | { kind: "command"; command: readonly string[] };
  /** How its environments are listed; absent where nobody said. */
  environments?: { kind: "folder"; folder: string } | { kind: "command"; command: readonly string[] };
  /** Null where nothing is kept that had to be flushed. */
  flush: readonly string[] | null;
  minutes: number;
  /** Environments that are deployed here, and on no compiler that does not name them. */
  aloneFor?: readonly string[];
  /** The whole environment of its commands. */
  variables: Readonly<Record<string, string>>;
}

/** Where r10k, ssh and curl are, also Puppet's own packages of them. */
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/puppetlabs/puppet/bin:/opt/puppetlabs/bin";

/** That each names exactly one of two ways, `site.ts` has seen to. */
export function toSite({ repository, reports, lanes_file: lanesFile, variables, compilers }: SiteFile): Site {
  return {
    repository,
    reports: reports.folder === undefined ? { kind: "puppetdb" } : { kind: "folder", folder: reports.folder },
    lanesFile: lanesFile ?? null,
    compilers: compilers.map(({ name, deploy, served, environments, alone_for: aloneFor, flush, minutes }) => ({
      name,
      deploy,
      served: eitherOf(served),
      ...(environments === undefined ? {} : { environments: eitherOf(environments) }),
      ...(aloneFor.length === 0 ? {} : { aloneFor }),
      flush: flush ?? null,
      minutes,
      variables: { PATH: systemPath, ...variables },
    })),
  };
}

/** Which of the two it is, `site.ts` has seen to. */
const eitherOf = ({ folder, command = [] }: { folder?: string | undefined; command?: string[] | undefined }) =>
  folder === undefined ? ({ kind: "command", command } as const) : ({ kind: "folder", folder } as const);

/** An argument or a path for one environment. */
export const forEnvironment = (text: string, environment: string): string => text.replaceAll(placeholder, environment);
