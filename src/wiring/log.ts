import { pino, type DestinationStream, type Logger } from "pino";
import type { Config } from "../config.ts";
import { logContext } from "../engine/log-context.ts";

/** What is known to be secret and may stand in a text, in whatever form: it is taken out of every line before that is written. */
export function secretsOf(
  { app, webhookSecret, databaseUrl, pages, ledger, metricsToken }: Config,
  more: readonly string[] = [],
): string[] {
  const password = databaseUrl === undefined ? "" : new URL(databaseUrl).password;
  const key = app.privateKey.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const client = pages !== undefined && "clientSecret" in pages ? [pages.clientSecret] : [];
  return [webhookSecret, password, decodeURIComponent(password), ...key, ...client, ledger?.token ?? "", metricsToken ?? "", ...more];
}

/** Shorter ones are parts of ordinary words. */
const shortest = 6;
/** Tokens of GitHub's forms (its documentation, "Authenticating to the REST API"), keys, and passwords in addresses: whoever's they are. */
const forms: readonly [RegExp, string][] = [
  [/\b(?:gh[a-z]|github_pat)_\w{16,}/gu, "[token]"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/gu, "[private key]"],
  [/(\b[a-z][a-z+.-]{0,20}:\/\/[^\s:@/"\\]{0,80}:)[^\s@/"\\]{1,200}@/gu, "$1[password]@"],
  [/(\b(?:bearer|basic)\s+)[\w.~+/-]{20,}=*/giu, "$1[token]"],
  [/\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}/gu, "[token]"],
];

/** The line as it may be written. */
export function cleaned(line: string, secrets: readonly string[]): string {
  let clean = line;
  for (const secret of secrets) clean = clean.replaceAll(secret, "[secret]");
  for (const [form, instead] of forms) clean = clean.replaceAll(form, instead);
  return clean;
}

/**
 * The server's log: lines of JSON on standard output. Each has what it was written for: the delivery, or the job with its repository and change. `repository` is
 * always `OWNER/NAME`, by `names` where only GitHub's number is known, which is `repository_id`. Secrets are taken out of the finished line.
 */
export function createLog(
  level: Config["logLevel"],
  secrets: readonly string[],
  names: Map<number, string>,
  to?: DestinationStream,
): Logger {
  // As they stand in a string of JSON. The longest first: one may be a part of another.
  const hidden = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter(({ length }) => length >= shortest)
    .sort((one, other) => other.length - one.length);
  const options = {
    level,
    name: "puppet-gate",
    mixin: logContext,
    mixinMergeStrategy: (line: object, context: object) => ({ ...context, ...line }),
    formatters: {
      // Probot's and Octokit's own have names of their own, and a key that comes twice is refused by some who read JSON.
      bindings: ({ name, ...line }: Record<string, unknown>) => ("pid" in line ? { name, ...line } : line),
      log: (line: Record<string, unknown>) => named(line, names),
    },
    hooks: { streamWrite: (line: string) => cleaned(line, hidden) },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

function named({ repository, ...line }: Record<string, unknown>, names: Map<number, string>): Record<string, unknown> {
  if (isRepository(repository)) {
    const { id, owner, name } = repository;
    names.set(id, `${owner}/${name}`);
    return { ...line, repository: `${owner}/${name}`, repository_id: id };
  }
  if (typeof repository !== "number") return repository === undefined ? line : { ...line, repository };
  const name = names.get(repository);
  return { ...line, ...(name === undefined ? {} : { repository: name }), repository_id: repository };
}

const isRepository = (value: unknown): value is { id: number; owner: string; name: string } =>
  typeof value === "object" && value !== null && "id" in value && "owner" in value && "name" in value && typeof value.id === "number";
