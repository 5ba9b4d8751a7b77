import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { controlRequest, type ControlAnswer, type ControlRequest } from "../cli/control.ts";
import type { Log } from "../engine/ports/log.ts";
import { askOrder, type AskPorts } from "../engine/rollout/ask-order.ts";
import type { Origin } from "../gate/event.ts";
import { mayWrite } from "../gate/access.ts";
import type { GitHubForge } from "../github/forge.ts";
import type { Who } from "../rollout/state.ts";
import { controlSocket } from "./control-socket.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { answerLedgerCall, ledgerPath } from "./ledger-socket.ts";

export interface ControlPorts {
  store: AskPorts;
  forge: Pick<GitHubForge, "permissionOf" | "personNamed">;
  /** The repository that this server rolls out; null for none. */
  origin: () => Promise<Origin | null>;
  nudge: () => void;
  /** What `puppet-gate audit` and `ledger` ask. */
  ledger: LedgerDatabase;
  now: () => Date;
  log: Log;
}

/** So long the command waits for its answer: a look at a rollout takes seconds, and a word is heard while it deploys. */
const patience = 60_000;
const mostBytes = 64 * 1024;

/**
 * Listens for `puppet-gate rollout`, `audit` and `ledger` on a socket in the data folder, for the user that runs the gate: whoever can open it could as well take the App's key and the
 * database, so that it asks for no other proof. Gives what closes it.
 */
export async function listenForCommands(dataFolder: string, ports: ControlPorts): Promise<() => Promise<void>> {
  const path = controlSocket(dataFolder);
  if (path === null) {
    ports.log.error({ dataFolder }, "`puppet-gate rollout` can't reach this server: the path of PUPPET_GATE_DATA is too long for a socket");
    return async () => undefined;
  }
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === ledgerPath) {
        const answer = await answerLedgerCall(request, ports.ledger, ports.log);
        response.writeHead(answer === null ? 400 : 200, { "content-type": "application/octet-stream" }).end(answer ?? "");
        return;
      }
      const { status, body } = await respond(request, ports);
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    })();
  });
  // Of a process that was killed; where two share a folder and a database, either takes a word for both.
  rmSync(path, { force: true });
  const umask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(umask);
  }
  await once(server, "listening");
  chmodSync(path, 0o600);
  return async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
}

async function respond(
  request: IncomingMessage,
  ports: ControlPorts,
): Promise<{ status: number; body: ControlAnswer | { error: string } }> {
  try {
    const asked = controlRequest.safeParse(await bodyOf(request));
    if (!asked.success)
      return { status: 400, body: { error: "this is no request of `puppet-gate rollout`: use the same version of both" } };
    return { status: 200, body: await answerTo(asked.data, ports) };
  } catch (error) {
    ports.log.error({ err: error }, "a command of this machine failed over a fault of the gate");
    return { status: 500, body: { error: "it failed over a fault of the gate, which its log has" } };
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    // No JSON is no request.
    return null;
  }
}

const refused = (text: string, hint: string): ControlAnswer => ({ outcome: "refused", text: `refused: ${text}`, lines: [hint] });

async function answerTo(asked: ControlRequest, ports: ControlPorts): Promise<ControlAnswer> {
  const origin = await ports.origin();
  if (origin === null)
    return refused("this server rolls nothing out", "Name its site's file in PUPPET_GATE_ROLLOUT, and install the App in the repository.");
  const who = await whoSays(asked, origin, ports);
  if ("outcome" in who) return who;
  const at = ports.now();
  const { verb, text, user, key } = asked;
  const order = { key: `shell/${key}`, number: null, verb, text, who, via: `shell of ${user}`, at: at.toISOString() };
  const answer = await askOrder(ports.store, origin.repository.id, order, { at, milliseconds: patience, nudge: ports.nudge });
  if (answer === null)
    return {
      outcome: "kept",
      text: "kept, and not done yet: it is done by itself",
      lines: ["`puppet-gate rollout status` says when it is."],
    };
  const { ok, status } = answer;
  return { outcome: ok ? "done" : "refused", text: answer.text, lines: [...answer.lines], ...(status !== undefined && { status }) };
}

/** These stop things, or only ask: nobody has to be known to GitHub for them. */
const anybody: ReadonlySet<ControlRequest["verb"]> = new Set(["status", "pause", "abort"]);

/** Who goes wider or around names a GitHub account, of which it can be told that it had no part in the release. */
async function whoSays({ verb, as, user }: ControlRequest, origin: Origin, { forge }: ControlPorts): Promise<Who | ControlAnswer> {
  const unnamed: Who = {
    id: null,
    name: as === null ? `${user} (on the server)` : `${as.replace(/^@/u, "")} (on the server, as they say)`,
  };
  if (anybody.has(verb)) {
    const found = as === null ? null : await forge.personNamed(origin, as.replace(/^@/u, ""));
    return found?.known === true && found.value !== null ? { id: found.value.id, name: found.value.login } : unnamed;
  }
  if (as === null)
    return refused(
      "it has to be known who you are on GitHub",
      "Say `--as LOGIN`, or set PUPPET_GATE_AS: what goes wider or around takes somebody who had no part in it, and what ends a pause somebody with write access. `status`, `pause` and `abort` need nobody's name.",
    );
  const login = as.replace(/^@/u, "");
  const person = await forge.personNamed(origin, login);
  if (!person.known)
    return refused(`who ${login} is can't be told now: ${person.reason}`, "Try again in a minute. `pause` and `abort` work all the same.");
  if (person.value === null || person.value.bot)
    return refused(`${login} is no person on GitHub`, "Name the account that you review with.");
  const permission = await forge.permissionOf(origin, person.value);
  if (!permission.known) return refused(`what ${login} may do can't be told now: ${permission.reason}`, "Try again in a minute.");
  if (!mayWrite(permission.value)) return refused(`${login} has no write access to the repository`, "Ask somebody who has.");
  return { id: person.value.id, name: person.value.login };
}
