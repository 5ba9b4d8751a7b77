import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { noticeBranches } from "../branches.ts";
import { gitEnvironment } from "../git.ts";
import { repoByName } from "../lookup.ts";
import type { Repo } from "../state.ts";
import type { World } from "../world.ts";
import { authenticate, mayWrite, sees, accountOf, granted, type Actor } from "./actor.ts";
import { Refusal } from "./answers.ts";

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
  const { repo, actor } = admitted;
  if (asked.action !== "/git-receive-pack") {
    await runBackend(repo, asked, request, response);
    response.end();
    return;
  }
  // The client's wait ends after pull requests followed, so that whoever pushed finds them moved.
  await world.exclusively(repo, async () => {
    await runBackend(repo, asked, request, response);
    await noticeBranches(world, repo, accountOf(actor));
  });
  response.end();
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

/** Runs the CGI program and copies its answer, all but the end. */
async function runBackend(repo: Repo, asked: GitRequest, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const env = {
    ...gitEnvironment,
    GIT_PROJECT_ROOT: repo.folder,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: asked.action,
    QUERY_STRING: asked.query,
    REQUEST_METHOD: request.method ?? "GET",
    CONTENT_TYPE: header("content-type"),
    HTTP_CONTENT_ENCODING: header("content-encoding"),
    GIT_PROTOCOL: header("git-protocol"),
    REMOTE_USER: "stand-in",
    REMOTE_ADDR: "127.0.0.1",
    ...(request.headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: header("content-length") }),
  };
  const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "ignore"] });
  // The backend may end before it has read everything, and the client may go away; either ends the copy.
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  response.on("close", () => child.kill());
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  });
  let head = Buffer.alloc(0);
  let open = false;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    if (open) {
      response.write(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    open = true;
    writeHead(response, head.subarray(0, end).toString("latin1"));
    response.write(head.subarray(end + 4));
  }
  await ended;
  if (!open) response.writeHead(500);
}

function writeHead(response: ServerResponse, text: string): void {
  let status = 200;
  for (const line of text.split("\r\n")) {
    const [, name = "", value = ""] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status);
}
