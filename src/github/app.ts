import { Probot, ProbotOctokit } from "probot";
import { Problem } from "../problem.ts";
import type { Authenticate } from "./api.ts";
import { failureText, isOfGitHub, statusOf } from "./failure.ts";

type Logger = NonNullable<NonNullable<ConstructorParameters<typeof Probot>[0]>["log"]>;

export interface AppSettings {
  id: number;
  /** PEM. */
  privateKey: string;
  webhookSecret: string;
  /** Base of the REST API. */
  api: string;
  logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  /** Where it logs, instead of lines of its own on standard output at that level. */
  log?: Logger;
  fetch: typeof fetch;
  /** Spaces writes a second apart, as GitHub asks for. */
  throttled: boolean;
}

/** What the App is and may do, by GitHub's own word. */
export interface KnownApp {
  slug: string;
  /** Permissions and events that the gate needs and the App lacks. */
  missing: readonly string[];
}

/** Longest wait for one answer of GitHub, in seconds; its own limit for a request is ten. */
const patience = 30;

/** Probot with its traps taken out; it is ready when this resolves. */
export async function createApp(settings: AppSettings): Promise<Probot> {
  const probot = new Probot({
    appId: settings.id,
    privateKey: settings.privateKey,
    // Never empty, for Probot would take a secret that everybody knows: `config.ts` has seen to it.
    secret: settings.webhookSecret,
    baseUrl: settings.api,
    logLevel: settings.logLevel,
    logFormat: "json",
    ...(settings.log === undefined ? {} : { log: settings.log }),
    Octokit: octokitClass(settings),
    request: { fetch: withPatience(settings.fetch) },
  });
  return probot.ready();
}

/**
 * Only the function form of `defaults` can turn plugins off. The retry plugin is off for everything: it would repeat merges and other
 * writes that may have happened, and hold a repository's lane while it waits; the worker tries a whole turn again instead. For the
 * same reason nothing waits for a rate limit to be lifted inside a call.
 *
 * Tokens that are asked for by themselves, as git's are, would be asked of github.com whatever the GitHub: Probot gives its address to all
 * requests but those.
 */
const octokitClass = ({ throttled, api }: Pick<AppSettings, "throttled" | "api">): typeof ProbotOctokit =>
  ProbotOctokit.defaults(({ auth, ...options }: { auth?: { request?: { defaults(more: object): unknown } } }) => ({
    ...options,
    ...(auth?.request === undefined ? { auth } : { auth: { ...auth, request: auth.request.defaults({ baseUrl: api }) } }),
    retry: { enabled: false },
    throttle: { enabled: throttled, onRateLimit: () => false, onSecondaryRateLimit: () => false },
  }));

export const withPatience =
  (ask: typeof fetch): typeof fetch =>
  async (input, init) => {
    const patient = AbortSignal.timeout(patience * 1000);
    return ask(input, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, patient]) : patient });
  };

export const authenticateBy =
  (probot: Probot): Authenticate =>
  (installation) =>
    probot.auth(installation);

/** The token of an installation, for git. It lives for an hour. */
export async function tokenOf(authenticate: Authenticate, installation: number): Promise<string> {
  const api = await authenticate(installation);
  const { token } = (await api.auth({ type: "installation" })) as { token: string };
  return token;
}

/** What the gate asks for, as `app.yml` does, which says what each is for. */
export const needed: { permissions: Readonly<Record<string, "read" | "write">>; events: readonly string[] } = {
  permissions: {
    metadata: "read",
    contents: "write",
    pull_requests: "write",
    checks: "write",
    deployments: "write",
    statuses: "read",
    actions: "read",
    members: "read",
    merge_queues: "read",
  },
  events: [
    "pull_request",
    "pull_request_review",
    "issue_comment",
    "push",
    "check_run",
    "check_suite",
    "status",
    "member",
    "membership",
    "team",
    "organization",
    "merge_group",
  ],
};

/** What of it was not granted, in words. */
export const lacking = (granted: Readonly<Record<string, string | undefined>>, events: readonly string[]): string[] => [
  ...Object.entries(needed.permissions).flatMap(([name, level]) =>
    granted[name] === level || granted[name] === "write" ? [] : [`${name}: ${level}`],
  ),
  ...needed.events.filter((event) => !events.includes(event)).map((event) => `the event ${event}`),
];

/**
 * Asks GitHub who we are. Throws a Problem where it does not accept the credentials; null where it can't be asked now, which is no
 * reason to refuse webhooks in the meantime.
 */
export async function identify(probot: Probot): Promise<KnownApp | null> {
  try {
    const api = await probot.auth();
    const { data } = await api.rest.apps.getAuthenticated();
    if (data === null) return null;
    return { slug: data.slug ?? "", missing: lacking(data.permissions, data.events) };
  } catch (error) {
    const status = statusOf(error);
    if (status === 401 || status === 403 || status === 404) {
      throw new Problem(
        {
          code: "bad-credentials",
          text: `GitHub does not accept these App credentials: ${failureText(error)}.`,
          hint: "Check that APP_ID and the private key belong to the same App, on the GitHub that GHE_HOST names, and that this machine's clock is right.",
        },
        { cause: error },
      );
    }
    if (isOfGitHub(error)) return null;
    throw error;
  }
}
