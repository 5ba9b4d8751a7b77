import type { Problem } from "../problem.ts";
import { type Environment, gitEnvironment } from "./environment.ts";
import { badCredentials, badUrl, noSuchRemoteRef, problem, refused, saidBy, unreachable } from "./problems.ts";

export type Credentials = () => Promise<string | null>;

/** Throws a Problem for an address that a mirror must not have. */
export function checkUrl(url: string): URL {
  const parsed = URL.parse(url);
  const isLoopback = parsed !== null && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(parsed.hostname);
  const isAllowed = parsed !== null && (parsed.protocol === "https:" || (parsed.protocol === "http:" && isLoopback));
  // What stands in an address is shown in error messages and lists of processes.
  if (!isAllowed || parsed.username || parsed.password || parsed.search || parsed.hash)
    throw problem(badUrl(parsed ? withoutSecrets(parsed) : "the address"));
  return parsed;
}

/**
 * The environment for one question to a remote. The token is in it and nowhere else: not on the command line, not in a file. It goes to
 * this one host; a redirect elsewhere is not followed. A server's proxy and certificates are taken from its environment.
 */
export function remoteEnvironment({ url, gitDir, token }: { url: string; gitDir: string; token: string | null }): Environment {
  const { protocol, origin } = checkUrl(url);
  if (token !== null && !/^[\x21-\x7e]+$/u.test(token)) throw problem(badCredentials(url));
  const settings: Array<readonly [string, string]> = [
    ["http.followRedirects", "false"],
    ["http.lowSpeedLimit", "1000"],
    ["http.lowSpeedTime", "60"],
    ["transfer.credentialsInUrl", "die"],
  ];
  if (token !== null) settings.push([`http.${origin}/.extraHeader`, `Authorization: Basic ${basic(token)}`]);
  const network = Object.entries(process.env).filter((entry): entry is [string, string] => NETWORK.has(entry[0]) && entry[1] !== undefined);
  return { ...Object.fromEntries(network), ...gitEnvironment({ settings, protocols: [protocol.slice(0, -1)] }), GIT_DIR: gitDir };
}

const NETWORK = new Set(["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"]);

/** GitHub takes an installation token as the password of this user. */
const basic = (token: string): string => Buffer.from(`x-access-token:${token}`).toString("base64");

/** The forms in which a token could be said back. */
export const secretsOf = (token: string | null): string[] => (token === null ? [] : [token, basic(token)]);

/** What a remote's refusal means; null where git itself failed. */
export function remoteFailure(url: string, stderr: string): Problem | null {
  const said = saidBy(stderr);
  const [, ref] = /(?:couldn't find remote ref|not our ref) (\S+)/u.exec(stderr) ?? [];
  if (ref !== undefined) return problem(noSuchRemoteRef(url, ref));
  if (REFUSED.test(stderr)) return problem(refused(url, said));
  if (UNREACHABLE.test(stderr)) return problem(unreachable(url, said));
  return null;
}

/** Whether the remote did not let us in: then nothing was done there. */
export const isRefusal = (stderr: string): boolean => REFUSED.test(stderr);

const REFUSED =
  /Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|returned error: 40[134]|[Rr]epository .*not found/u;
const UNREACHABLE =
  /unable to access|Could not resolve|Failed to connect|Connection refused|timed out|early EOF|unexpected disconnect|RPC failed|remote end hung up/u;

function withoutSecrets(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}
