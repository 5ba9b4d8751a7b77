import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { createGitHub } from "../../../src/demo/github/github.ts";
import type { Origin } from "../../../src/gate/event.ts";
import type { Known, Permission } from "../../../src/gate/facts.ts";
import { createSignIn } from "../../../src/github/sign-in.ts";
import type { SitePorts } from "../../../src/web/site/ports.ts";
import { createSite } from "../../../src/web/site/server.ts";
import { temporaryFolder } from "../../../src/process/temporary.ts";

/** The pages on a port of the loopback interface, with a GitHub to sign in with, and a browser that keeps cookies and follows nothing. */

export const client = { id: "Iv1.gate", secret: "a secret of the client" };

/** One for all tests of a file: making one takes longer than most of them. */
const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();

export const originOf = (owner: string, name: string, id: number): Origin => ({ installation: 1, repository: { id, owner, name } });

export interface Stage {
  url: string;
  /** Moves the present, in milliseconds. */
  later: (ms: number) => void;
  browser: () => Browser;
  /** Messages of the log. */
  logged: string[];
  permissions: Map<string, Known<Permission>>;
}

export interface Visit {
  status: number;
  headers: Headers;
  text: string;
  /** Where it was sent on to; null where it was not. */
  to: string | null;
}

export interface Browser {
  get(path: string, headers?: Record<string, string>): Promise<Visit>;
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Visit>;
  /** Through GitHub as this person, to the page that was asked for. */
  signIn(login: string, path?: string): Promise<Visit>;
  cookies: Map<string, string>;
}

export async function setStage(more: Partial<SitePorts> & { local?: boolean } = {}): Promise<Stage> {
  const folder = await temporaryFolder("site");
  let now = Date.parse("2026-11-23T09:00:00Z");
  const github = await createGitHub({ folder: folder.path, now: () => new Date(now) });
  const { origin } = await github.listen();
  const server = createServer();
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await github.close();
    await folder.remove();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const login of ["alice", "bob"]) github.user(login);
  const back = `${url}/sign-in/back`;
  github.app({
    name: "Puppet Gate",
    owner: "alice",
    permissions: {},
    events: [],
    webhookSecret: "hush hush",
    privateKey,
    client: { ...client, callbacks: [back] },
  });
  const logged: string[] = [];
  const permissions = new Map<string, Known<Permission>>();
  const signIn = createSignIn({ html: origin, api: `${origin}/api/v3` }, { ...client, back }, fetch);
  const { local, ...ports } = more;
  const site = createSite(
    {
      signIn: local === true ? null : signIn,
      repositories: async () => [originOf("acme", "control", 7), originOf("acme", "secret", 8)],
      permissionOf: async ({ repository }, { login }) => permissions.get(`${login} ${repository.name}`) ?? { known: true, value: "none" },
      changes: async () => [],
      change: async () => null,
      reportOf: async () => null,
      rollout: async () => null,
      saidTo: async () => [],
      say: async () => ({ ok: true, text: "done", lines: [] }),
      measures: async () => ({ changes: [], releases: [] }),
      expectations: async () => ({ expectations: [], drafts: [] }),
      measuredTo: async () => ({ seq: 0, of: 0 }),
      waited: async () => [],
      entries: async () => ({ rows: [], below: null, looked: null }),
      entry: async () => null,
      ask: async () => null,
      askAll: async () => null,
      mayAsk: (_question, seesNodes) => seesNodes,
      proof: async () => "",
      logHead: async () => ({ size: 0, note: null, signedAt: null, places: 0, failing: 0 }),
      nodesFrom: async () => "read",
      sessions: keptSessions(),
      github: "https://github.com",
      now: () => new Date(now),
      log: { error: (_fields, message) => void logged.push(message) },
      ...ports,
    },
    { key: new Uint8Array(32).fill(7), url: local === true ? null : url },
  );
  server.on("request", (request, response) => void site(request, response));
  return {
    url,
    later: (ms) => {
      now += ms;
    },
    browser: () => openBrowser(url),
    logged,
    permissions,
  };
}

/** As the store keeps them. */
function keptSessions(): NonNullable<SitePorts["sessions"]> {
  const kept = new Map<string, { person: number; until: Date }>();
  return {
    begin: async ({ id, person, until }) => void kept.set(id, { person, until }),
    holds: async ({ id, person, at }) => {
      const own = kept.get(id);
      return own !== undefined && own.person === person && at < own.until;
    },
    end: async (which) => {
      for (const [id, { person }] of kept) if ("id" in which ? which.id === id : which.person === person) kept.delete(id);
    },
  };
}

function openBrowser(url: string): Browser {
  const cookies = new Map<string, string>();
  const visit = async (address: string, init: RequestInit): Promise<Visit> => {
    const kept = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), ...(kept === "" || !address.startsWith(url) ? {} : { cookie: kept }) };
    const answer = await fetch(address, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";", 1);
      const [name = "", value = ""] = pair.split(/=(.*)/su, 2);
      if (/max-age=0/iu.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: answer.status, headers: answer.headers, text: await answer.text(), to: answer.headers.get("location") };
  };
  const get = (path: string, headers: Record<string, string> = {}): Promise<Visit> => visit(`${url}${path}`, { headers });
  return {
    cookies,
    get,
    post: (path, fields, headers = {}) => visit(`${url}${path}`, { method: "POST", headers, body: new URLSearchParams(fields) }),
    signIn: async (login, path = "/sign-in") => {
      const asked = await get(path);
      const github = new URL(asked.to ?? "");
      github.searchParams.set("login", login);
      const back = await visit(github.href, {});
      const done = await get((back.to ?? "").slice(url.length));
      return get(done.to ?? "");
    },
  };
}

export const tokenIn = ({ text }: Visit): string => /name="token" value="([^"]+)"/u.exec(text)?.[1] ?? "";
