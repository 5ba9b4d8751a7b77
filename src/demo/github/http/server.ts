import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DroppedError } from "../faults.ts";
import type { World } from "../world.ts";
import type { Handler } from "./handler.ts";
import { gitRequest, serveGit } from "./smart-git.ts";

/** The API and git on one port of the loopback interface, laid out as GitHub Enterprise Server does. */

export interface Server {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  /** `127.0.0.1:PORT`, as Probot's GHE_HOST wants it. */
  host: string;
  close(): Promise<void>;
}

export async function startServer(world: World, handler: Handler): Promise<Server> {
  const server = createServer((request, response) => {
    answer(world, handler, request, response).catch((error: unknown) => {
      if (error instanceof DroppedError) {
        response.destroy();
        return;
      }
      // A fault of the stand-in itself must be seen where it is run, not only as a status.
      console.error("The GitHub stand-in failed:", error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(world: World, handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
  const git = gitRequest(url);
  if (git !== null) {
    await serveGit(world, git, request, response);
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const method = request.method ?? "GET";
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === "string") headers.set(name, value);
  const body = method === "GET" || method === "HEAD" ? null : Buffer.concat(chunks);
  const answered = await handler(new Request(url, { method, headers, body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}
