import type { IncomingMessage, ServerResponse } from "node:http";
import { noticeBranches } from "../branches.ts";
import { runGit } from "../git.ts";
import { repoByName } from "../lookup.ts";
import { pushViolations, rejection } from "../rules/violations.ts";
import { workflowRefusal } from "../rules/workflow-files.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import { authenticate, mayWrite, sees, accountOf, granted, type Actor } from "./actor.ts";
import { Refusal } from "./answers.ts";
import { keepObjects, parsePush, refuse } from "./receiving.ts";

/** Git over HTTP: `git http-backend` behind GitHub's rules of who may read and push. https://git-scm.com/docs/git-http-backend */

export interface GitRequest {
  owner: string;
  name: string;
  /** `/info/refs`, `/git-upload-pack` or `/git-receive-pack` */
  action: string;
  query: string;
}

/** What a path asks of git, or null where it is none of git's. */
export function gitRequest({ pathname, search }: URL): GitRequest | null {
  const [, owner, name, action] = /^\/([^/]+)\/([^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/.exec(pathname) ?? [];
  return owner === undefined || name === undefined || action === undefined ? null : { owner, name, action, query: search.slice(1) };
}

export async function serveGit(world: World, asked: GitRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pushing = asked.action === "/git-receive-pack" || asked.query.includes("git-receive-pack");
  const admitted = admit(world, asked, pushing, request.headers.authorization ?? null);
  if ("refused" in admitted) {
    const headers = admitted.refused === 401 ? { "www-authenticate": 'Basic realm="GitHub"' } : {};
    response.writeHead(admitted.refused, { "content-type": "text/plain", ...headers }).end(admitted.text);
    return;
  }
  const { repo } = admitted;
  if (asked.action !== "/git-receive-pack") {
    const known = asksWhatItCan(asked, request) ? capabilities.get(repo.folder) : undefined;
    const answer = known ?? (await runBackend(repo, asked, request, await bodyOf(request)));
    if (asksWhatItCan(asked, request) && answer.status === 200) capabilities.set(repo.folder, answer);
    send(response, answer);
    return;
  }
  await receive(world, admitted, asked, request, response);
}

/**
 * By the repository's folder. The first answer of protocol version 2 tells what this git can do and nothing of any ref, and starting git takes longer than all else:
 * half of all questions of a story are this one. https://git-scm.com/docs/protocol-v2, "Initial Client Request".
 */
const capabilities = new Map<string, CgiAnswer>();

const asksWhatItCan = ({ action, query }: GitRequest, { headers }: IncomingMessage): boolean =>
  action === "/info/refs" && query === "service=git-upload-pack" && headers["git-protocol"] === "version=2";

/** The name that faults know a push by. */
export const pushRoute = "git-receive-pack";

async function receive(
  world: World,
  { repo, actor }: { repo: Repo; actor: Actor },
  asked: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { faults } = world;
  const body = await bodyOf(request);
  const push = parsePush(body);
  // Git asks with an empty request whether it is let in, before it sends much.
  const answer = async (): Promise<CgiAnswer> => runBackend(repo, asked, request, body);
  if (push.moves.length === 0) {
    send(response, await answer());
    return;
  }
  if (faults.takeRoute(pushRoute, "dropped-before") !== null) {
    breakOff(response);
    return;
  }
  const before = faults.takeRoute(pushRoute, "error-before");
  if (before?.kind === "error-before") {
    response.writeHead(before.status ?? 502).end();
    return;
  }
  const meanwhile = faults.takeRoute(pushRoute, "meanwhile");
  if (meanwhile?.kind === "meanwhile") await meanwhile.run();
  // The client's wait ends after pull requests followed, so that whoever pushed finds them moved.
  const answered = await world.exclusively(repo, async () => {
    const refused = await refusalOf(world, repo, actor, push);
    if (refused !== null)
      return { status: 200, headers: [["content-type", "application/x-git-receive-pack-result"]], body: refused } satisfies CgiAnswer;
    const done = await answer();
    await noticeBranches(world, repo, accountOf(actor));
    return done;
  });
  const dropped = faults.takeRoute(pushRoute, "dropped-after");
  const after = faults.takeRoute(pushRoute, "error-after");
  if (dropped !== null) breakOff(response);
  else if (after?.kind === "error-after") response.writeHead(after.status ?? 502).end();
  else send(response, answered);
}

/** Ends the connection in the midst of an answer: where none had begun, git's client would ask again by itself. */
function breakOff(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/x-git-receive-pack-result" });
  response.write("0", () => response.destroy());
}

/** What GitHub does before git moves anything: one refused ref refuses the push. */
async function refusalOf(world: World, repo: Repo, actor: Actor, push: ReturnType<typeof parsePush>): Promise<Buffer | null> {
  await keepObjects(repo, push.pack);
  for (const move of push.moves) {
    const workflow = await workflowRefusal(repo, actor, move);
    if (workflow !== null) return refuse(push, "", workflow);
    const found = await pushViolations(world, repo, actor, move);
    if (found.length > 0) return refuse(push, rejection(world, repo, move.ref, found), "push declined due to repository rule violations");
  }
  return null;
}

type Admission = { repo: Repo; actor: Actor } | { refused: number; text: string };

function admit(world: World, { owner, name }: GitRequest, pushing: boolean, header: string | null): Admission {
  let actor: Actor;
  try {
    actor = authenticate(world, header);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { refused: 401, text: "Invalid username or token. Password authentication is not supported for Git operations." };
  }
  const repo = repoByName(world.state, owner, name);
  const readable =
    repo !== undefined && sees(world.state, actor, repo) && (actor.kind !== "installation" || granted(actor.permissions, "contents:read"));
  if (actor.kind === "nobody" && (pushing || !readable)) return { refused: 401, text: "No anonymous write access." };
  if (!readable) return { refused: 404, text: "Repository not found." };
  if (pushing && !mayWrite(world.state, actor, repo, ["contents:write"]))
    return { refused: 403, text: "Write access to repository not granted." };
  return { repo, actor };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface CgiAnswer {
  status: number;
  headers: [string, string][];
  body: Buffer;
}

function send(response: ServerResponse, { status, headers, body }: CgiAnswer): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.writeHead(status).end(body);
}

/** Runs the CGI program to its end. */
async function runBackend(repo: Repo, asked: GitRequest, request: IncomingMessage, body: Buffer): Promise<CgiAnswer> {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const { stdout } = await runGit(repo.folder, ["http-backend"], {
    input: body,
    accept: [1, 128],
    env: {
      GIT_PROJECT_ROOT: repo.folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: asked.action,
      QUERY_STRING: asked.query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      CONTENT_LENGTH: String(body.length),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      REMOTE_USER: "stand-in",
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  const end = stdout.indexOf("\r\n\r\n");
  if (end < 0) return { status: 500, headers: [], body: Buffer.alloc(0) };
  const headers = stdout
    .subarray(0, end)
    .toString("latin1")
    .split("\r\n")
    .map((text): [string, string] => {
      const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(text) ?? [];
      return [name, value];
    });
  const status = headers.find(([name]) => name.toLowerCase() === "status");
  return {
    status: status === undefined ? 200 : Number.parseInt(status[1], 10),
    headers: headers.filter((entry) => entry !== status),
    body: stdout.subarray(end + 4),
  };
}
