import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { Problem } from "./problem.ts";

/** What `puppet-gate serve` is told by its environment: read once, checked whole, and never looked at again. */
export interface Config {
  readonly app: { readonly id: number; /** PEM. */ readonly privateKey: string };
  readonly webhookSecret: string;
  /** Where to listen. Loopback unless told otherwise: TLS is the business of a proxy in front. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Absolute. Folder of the mirrors, and of the embedded database where there is no other. */
  readonly dataFolder: string;
  /** Of PostgreSQL, with user and password; the embedded database where it is not given. */
  readonly databaseUrl?: string;
  /** The site's, for policies that take node facts from it. Certificates are absolute paths of PEM files. */
  readonly puppetdb?: { readonly url: string; readonly ca: string | null; readonly cert: string | null; readonly key: string | null };
  /** Absolute paths, each instead of what the policy says: node facts, an ENC's files, stand-ins. */
  readonly site?: { readonly facts: string | null; readonly enc: string | null; readonly standIns: string | null };
  /** Without slashes at the end. Pull requests' repositories are at `${html}/OWNER/NAME.git`. */
  readonly github: { readonly api: string; readonly html: string };
  /** `auto`: an organisation's policy holds where one was ever read; `none`: it is never looked for; `required`: without one nothing lands. */
  readonly organisationPolicy: "auto" | "none" | "required";
  /** Patterns of addresses that modules may be fetched from, beside the policy's; absent where the policy's word is enough. */
  readonly moduleSources?: readonly string[];
  /** Where base's compiles are kept, and how many bytes of them; absent: nowhere. */
  readonly cache?: { readonly limit: number } & (
    | { readonly kind: "folder"; /** Absolute. */ readonly folder: string }
    | { readonly kind: "database"; readonly url: string }
  );
  /** What waits and stays for the next check: sandboxes without a tree, and trees of base branches. Absent: nothing does. */
  readonly warm?: { readonly spares: number; readonly bases: number; readonly minutes: number };
  /** At which minute of UTC's day nightly compiles begin; absent: there are none. */
  readonly night?: number;
  /** Absolute: the site's own file of what deploys and where agents' reports are; absent: nothing is rolled out. */
  readonly rollout?: string;
  /** Where people reach this server, without a slash at the end: for links to it; absent: nobody is given any. */
  readonly url?: string;
  /** Who sees pages: whoever signs in with GitHub, or whoever is on this machine, which is all there is then; absent: there are none. */
  readonly pages?: { readonly kind: "local" } | { readonly kind: "sign-in"; readonly clientId: string; readonly clientSecret: string };
  /** Absolute: the site's own file of the channels where releases are announced; absent: nowhere. */
  readonly announce?: string;
  /** Absent: as `ledgerDefaults` has it. */
  readonly ledger?: LedgerSettings;
  /** Where numbers and readiness are told besides PORT; absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** With which numbers are told at PORT too, and at addresses that others reach. */
  readonly metricsToken?: string;
  /** Between being told to stop and stopping, while it says that it is not ready. */
  readonly drainSeconds?: number;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
}

/** How the ledger is signed and published; paths are absolute. */
export interface LedgerSettings {
  /** The file of its key. */
  readonly key: string;
  /** The file of the last checkpoint that was signed. */
  readonly kept: string;
  /** Folders, webhooks as `https://…`, branches as `git+https://…/OWNER/NAME.git#BRANCH`. */
  readonly places: readonly string[];
  /** The log's name for itself, for a key that is yet to be made; null takes one that no other log has. */
  readonly origin: string | null;
  /** For branches; null takes the App's own. */
  readonly token: string | null;
  /** Whether `serve` signs, or `puppet-gate ledger sign` apart from it. */
  readonly sign: "here" | "apart";
}

/** One line for each variable, for `serve --help` and for error messages. */
export const variables = {
  APP_ID: "the GitHub App's id, from its settings page",
  PRIVATE_KEY: "its private key: the PEM text itself, in one line with \\n, or in base64",
  PRIVATE_KEY_PATH: "or the file that holds it",
  WEBHOOK_SECRET: "the secret that the App's webhooks are signed with",
  PUPPET_GATE_DATA: "a folder of its own for the database and for mirrors of the repositories",
  DATABASE_URL: "a PostgreSQL 13 or newer, as postgres://user:password@host/database; embedded in PUPPET_GATE_DATA if not given",
  PUPPET_GATE_CACHE:
    "where base's compiles are kept, sealed: a folder, `database` (of DATABASE_URL, for several servers) or `none`; compiles in PUPPET_GATE_DATA if not given",
  PUPPET_GATE_CACHE_MIB: "how many MiB of them, 2048 if not given",
  PUPPET_GATE_NIGHT:
    "when base is compiled anew each day, and compared with what is kept of it: HH:MM in UTC, 02:00 if not given, or none (docs/incremental.md)",
  PUPPETDB_URL:
    "the site's PuppetDB, for policies with `facts.puppetdb` and for rollouts with `reports.puppetdb`, as https://puppetdb.example.com:8081",
  PUPPETDB_CA: "the file of the CA that its certificate is of",
  PUPPETDB_CERT: "the file of a client certificate that it lets in",
  PUPPETDB_KEY: "and of its key",
  PUPPET_GATE_FACTS: "a folder of node facts, instead of what policies say",
  PUPPET_GATE_ENC: "what an ENC says, as a file or a folder, instead of what policies say",
  PUPPET_GATE_STAND_INS: "a folder of stand-ins, instead of what policies say (docs/stand-ins.md)",
  PORT: "where to listen, 3000 if not given",
  HOST: "and on which address, 127.0.0.1 if not given (put a proxy with TLS in front)",
  GHE_HOST: "the host of a GitHub Enterprise Server, github.com if not given",
  GHE_PROTOCOL: "https, or http for trials on the loopback interface",
  ORGANISATION_POLICY:
    "auto (if not given): the policy in an organisation's .github repository holds wherever one was seen; none: it is never looked for; required: nothing lands without one",
  PUPPET_GATE_MODULE_SOURCES:
    "patterns of addresses, separated by blanks, beyond which no policy lets modules be fetched; no bound if not given",
  PUPPET_GATE_SPARES: "sandboxes that wait for the next check, about 110 MB each; 2 if not given, 0: none",
  PUPPET_GATE_WARM_BASES:
    "base branches whose compilers stay for the next check, 100 to 300 MB for each core; 2 if not given, 0: none; none stays where less than 1 GiB is free",
  PUPPET_GATE_WARM_MINUTES: "and for how long after the last one, 30 if not given",
  PUPPET_GATE_ROLLOUT:
    "the site's own file of the machines that compile, and of where agents' reports are (docs/rollout-site.md); without it nothing is rolled out",
  PUPPET_GATE_URL: "where people reach this server, as https://gate.example.com, for links and for signing in",
  PUPPET_GATE_PAGES:
    "none (if not given); sign-in: pages for whoever signs in with GitHub; local: for everybody on this machine, to be read only",
  CLIENT_ID: "the App's client id, from its settings page, for PUPPET_GATE_PAGES=sign-in",
  CLIENT_SECRET: "and a client secret of it",
  PUPPET_GATE_ANNOUNCE:
    "the site's own file of channels, with their addresses and secrets, where releases are announced (docs/announcements.md); without it nowhere",
  PUPPET_GATE_LEDGER_KEY:
    "the file of the ledger's key, made at the first start; ledger.key in PUPPET_GATE_DATA if not given (docs/audit.md)",
  PUPPET_GATE_LEDGER_KEPT:
    "the file of the last checkpoint that was signed, best on another disk than the database; ledger.checkpoint in PUPPET_GATE_DATA if not given",
  PUPPET_GATE_LEDGER_PLACES:
    "where checkpoints are published, separated by blanks: folders, webhooks (https://…) and branches (git+https://…/OWNER/NAME.git#BRANCH); the folder ledger in PUPPET_GATE_DATA if not given",
  PUPPET_GATE_LEDGER_TOKEN: "a token that may write to those branches; the App's own if not given, where it is installed there",
  PUPPET_GATE_LEDGER_ORIGIN: "the ledger's name in its checkpoints, such as ledger.example.com/gate, for a key that is yet to be made",
  PUPPET_GATE_LEDGER_SIGN: "here (if not given): serve signs; apart: `puppet-gate ledger sign` does, where serve need not read the key",
  PUPPET_GATE_METRICS:
    "where /metrics, /healthz and /readyz are told to operators, as 127.0.0.1:9464 (docs/operations.md); nowhere if not given",
  PUPPET_GATE_METRICS_TOKEN:
    "a secret with which /metrics is told at PORT, too, and at an address of PUPPET_GATE_METRICS that other machines reach",
  PUPPET_GATE_DRAIN: "seconds for which /readyz says 503 before serve stops, so that a load balancer sends nothing more; 0 if not given",
  LOG_LEVEL: "trace, debug, info (if not given), warn, error or fatal",
} as const;

/** A cache of fewer MiB would hold little of a large fleet, and no catalog of thousands of resources. */
export const leastCacheMib = 64;

type Variable = keyof typeof variables;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; paths in it are relative to `cwd`. Throws a Problem that names the first variable that is missing or wrong. */
export function readConfig(environment: Environment, cwd: string = process.cwd()): Config {
  const appId = take(environment, "APP_ID", z.coerce.number().int().positive(), "a number");
  const privateKey = readKey(environment, cwd);
  const webhookSecret = take(
    environment,
    "WEBHOOK_SECRET",
    // Probot's own fallback is "development", which everybody knows.
    z.string().refine((secret) => secret !== "development" && secret.length >= 8),
    "at least eight characters that nobody else knows",
  );
  const dataFolder = resolve(cwd, take(environment, "PUPPET_GATE_DATA", z.string(), "a folder"));
  const databaseUrl = take(environment, "DATABASE_URL", z.string().refine(isPostgresUrl).optional(), "the URL of one");
  const puppetdbUrl = take(environment, "PUPPETDB_URL", z.url({ protocol: /^https?$/u }).optional(), "its URL");
  const path = (name: Variable): string | null => {
    const written = given(environment, name);
    return written === undefined ? null : resolve(cwd, written);
  };
  const site = { facts: path("PUPPET_GATE_FACTS"), enc: path("PUPPET_GATE_ENC"), standIns: path("PUPPET_GATE_STAND_INS") };
  const rollout = path("PUPPET_GATE_ROLLOUT");
  const announce = path("PUPPET_GATE_ANNOUNCE");
  const cache = readCache(environment, cwd, dataFolder, databaseUrl);
  const listensAt = take(environment, "HOST", z.string().default("127.0.0.1"), "an address");
  const pages = readPages(environment, listensAt);
  const night = readNight(environment);
  const moduleSources = given(environment, "PUPPET_GATE_MODULE_SOURCES")?.split(/\s+/u);
  return deepFreeze({
    app: { id: appId, privateKey },
    webhookSecret,
    host: listensAt,
    port: take(environment, "PORT", z.coerce.number().int().min(0).max(65_535).default(3000), "a port number"),
    dataFolder,
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(puppetdbUrl === undefined
      ? {}
      : { puppetdb: { url: puppetdbUrl, ca: path("PUPPETDB_CA"), cert: path("PUPPETDB_CERT"), key: path("PUPPETDB_KEY") } }),
    ...(Object.values(site).some((each) => each !== null) ? { site } : {}),
    ...(moduleSources === undefined ? {} : { moduleSources }),
    ...(cache === null ? {} : { cache }),
    ...(rollout === null ? {} : { rollout }),
    ...(announce === null ? {} : { announce }),
    ...pages,
    // Without kept compiles there is nothing to compare with.
    ...(cache === null || night === null ? {} : { night }),
    github: readGitHub(environment),
    organisationPolicy: take(
      environment,
      "ORGANISATION_POLICY",
      z.enum(["auto", "none", "required"]).default("auto"),
      "auto, none or required",
    ),
    warm: {
      spares: take(environment, "PUPPET_GATE_SPARES", z.coerce.number().int().min(0).max(64).default(2), "a number from 0 to 64"),
      bases: take(environment, "PUPPET_GATE_WARM_BASES", z.coerce.number().int().min(0).max(64).default(2), "a number from 0 to 64"),
      minutes: take(
        environment,
        "PUPPET_GATE_WARM_MINUTES",
        z.coerce.number().int().min(1).max(1440).default(30),
        "a number from 1 to 1440",
      ),
    },
    ...readMetrics(environment),
    drainSeconds: take(environment, "PUPPET_GATE_DRAIN", z.coerce.number().int().min(0).max(300).default(0), "a number from 0 to 300"),
    logLevel: take(
      environment,
      "LOG_LEVEL",
      z.enum(["trace", "debug", "info", "warn", "error", "fatal"]).default("info"),
      "one of its levels",
    ),
  });
}

function readCache(
  environment: Environment,
  cwd: string,
  dataFolder: string,
  databaseUrl: string | undefined,
): NonNullable<Config["cache"]> | null {
  const mib = take(environment, "PUPPET_GATE_CACHE_MIB", z.coerce.number().int().min(leastCacheMib).default(2048), "a number, at least 64");
  const limit = mib * 1024 * 1024;
  const written = given(environment, "PUPPET_GATE_CACHE");
  if (written === "none") return null;
  if (written !== "database") return { kind: "folder", folder: resolve(cwd, written ?? join(dataFolder, "compiles")), limit };
  if (databaseUrl !== undefined) return { kind: "database", url: databaseUrl, limit };
  const hint = "Give that too, or a folder: the embedded database is one process's, and slower than files.";
  throw wrong("PUPPET_GATE_CACHE", "is `database`, and DATABASE_URL is not set", hint);
}

function readNight(environment: Environment): number | null {
  const written = take(
    environment,
    "PUPPET_GATE_NIGHT",
    z
      .string()
      .regex(/^(?:none|(?:[01]\d|2[0-3]):[0-5]\d)$/u)
      .default("02:00"),
    "HH:MM or none",
  );
  if (written === "none") return null;
  const [hour, minute] = written.split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/u.test(host);

const metricsAddress = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/u)
  .optional();

function readMetrics(environment: Environment): Pick<Config, "metrics" | "metricsToken"> {
  const written = take(environment, "PUPPET_GATE_METRICS", metricsAddress, "an address and a port, as 127.0.0.1:9464");
  const token = take(environment, "PUPPET_GATE_METRICS_TOKEN", z.string().min(16).optional(), "at least sixteen characters");
  const withToken = token === undefined ? {} : { metricsToken: token };
  if (written === undefined) return withToken;
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/u.exec(written) ?? [];
  if (Number(port) > 65_535) throw wrong("PUPPET_GATE_METRICS", `is ${JSON.stringify(written)}: there is no such port`, "Take another.");
  if (token === undefined && !isLoopback(host))
    throw wrong(
      "PUPPET_GATE_METRICS",
      `is ${written}, which other machines reach, and PUPPET_GATE_METRICS_TOKEN is not set`,
      "Give a token (`openssl rand -hex 32`), which Prometheus sends as a bearer token; or take 127.0.0.1.",
    );
  return { ...withToken, metrics: { host, port: Number(port) } };
}

function readPages(environment: Environment, listensAt: string): Pick<Config, "url" | "pages"> {
  const address = z.url({ protocol: /^https?$/u }).optional();
  const url = take(environment, "PUPPET_GATE_URL", address, "its URL")?.replace(/\/+$/u, "");
  if (url !== undefined && new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname))
    throw wrong(
      "PUPPET_GATE_URL",
      "is http: sessions would cross the network in clear text",
      "Put a proxy with TLS in front, and give https.",
    );
  const known = url === undefined ? {} : { url };
  const kind = take(environment, "PUPPET_GATE_PAGES", z.enum(["none", "sign-in", "local"]).default("none"), "none, sign-in or local");
  if (kind === "none") return known;
  if (kind === "local") {
    if (isLoopback(listensAt)) return { ...known, pages: { kind } };
    throw wrong("PUPPET_GATE_PAGES", `is local, and HOST is ${listensAt}: others would read them too`, "Take sign-in, or HOST=127.0.0.1.");
  }
  if (url === undefined) throw wrong("PUPPET_GATE_URL", "is not set, and signing in needs it", `Give ${variables.PUPPET_GATE_URL}.`);
  const clientId = take(environment, "CLIENT_ID", z.string().regex(/^[\w.-]+$/u), "it");
  const clientSecret = take(environment, "CLIENT_SECRET", z.string().min(8), "it");
  return { ...known, pages: { kind, clientId, clientSecret } };
}

export function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname } = new URL(text);
  return (protocol === "postgres:" || protocol === "postgresql:") && pathname.length > 1;
}

/** Which GitHub: that of GHE_HOST, or github.com. Throws a Problem where it is wrong. */
export function readGitHub(environment: Environment): Config["github"] {
  const protocol = take(environment, "GHE_PROTOCOL", z.enum(["https", "http"]).default("https"), "https or http");
  const host = take(
    environment,
    "GHE_HOST",
    z
      .string()
      .regex(/^[A-Za-z0-9.-]+(?::\d+)?$/u)
      .optional(),
    "a host name, without protocol or path",
  );
  return addresses(host, protocol);
}

function addresses(host: string | undefined, protocol: "https" | "http"): Config["github"] {
  if (host === undefined || host === "github.com") return { api: "https://api.github.com", html: "https://github.com" };
  if (protocol === "http" && !/^(?:localhost|127(?:\.\d{1,3}){3})(?::\d+)?$/u.test(host))
    throw wrong("GHE_PROTOCOL", `is http, and ${host} is not this machine: tokens would cross the network in clear text`, "Take https.");
  return { api: `${protocol}://${host}/api/v3`, html: `${protocol}://${host}` };
}

function readKey(environment: Environment, cwd: string): string {
  const written = given(environment, "PRIVATE_KEY_PATH");
  const path = written === undefined ? undefined : resolve(cwd, written);
  const text = given(environment, "PRIVATE_KEY") ?? (path === undefined ? undefined : keyFile(path));
  if (text === undefined)
    throw wrong(
      "PRIVATE_KEY",
      "is not set, nor is PRIVATE_KEY_PATH",
      "Generate a private key on the App's settings page and give one of the two.",
    );
  const unfolded = text.replaceAll(String.raw`\n`, "\n");
  const pem = unfolded.includes("-----BEGIN") ? unfolded : Buffer.from(unfolded, "base64").toString("utf8");
  try {
    createPrivateKey(pem);
  } catch (cause) {
    throw wrong(
      path === undefined ? "PRIVATE_KEY" : "PRIVATE_KEY_PATH",
      "holds no private key that can be read",
      "Give the PEM file that GitHub made, unchanged.",
      cause,
    );
  }
  return pem;
}

function keyFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw wrong("PRIVATE_KEY_PATH", `names ${path}, which can't be read`, "Give the path of the PEM file that GitHub made.", cause);
  }
}

export function take<T>(environment: Environment, name: Variable, schema: z.ZodType<T>, expected: string): T {
  const value = given(environment, name);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const what = value === undefined ? "is not set" : (unquoted[name] ?? `is ${JSON.stringify(value)}`);
  throw wrong(name, what, `Give ${expected}: ${variables[name]}.`);
}

/** What is said instead of the value where that is, or holds, a secret. */
const unquoted: { readonly [Name in Variable]?: string } = {
  WEBHOOK_SECRET: "is not a secret",
  DATABASE_URL: "is not the URL of a PostgreSQL database",
  PUPPETDB_URL: "is not a URL of https or http",
  CLIENT_SECRET: "is not a secret",
  PUPPET_GATE_METRICS_TOKEN: "is too short",
};

/** An empty variable is one that is not set. */
export const given = (environment: Environment, name: Variable): string | undefined => {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
};

export const wrong = (name: Variable, what: string, hint: string, cause?: unknown): Problem =>
  new Problem({ code: "bad-environment", text: `The environment variable ${name} ${what}.`, hint }, { cause });

function deepFreeze(config: Config): Config {
  Object.freeze(config.app);
  Object.freeze(config.github);
  Object.freeze(config.site);
  Object.freeze(config.puppetdb);
  Object.freeze(config.cache);
  Object.freeze(config.warm);
  Object.freeze(config.ledger);
  Object.freeze(config.pages);
  return Object.freeze(config);
}
