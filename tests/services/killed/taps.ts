import { once } from "node:events";
import { createServer as createHttpServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/**
 * What stands between one process and the world: it sees each request and each statement on its way there, and on its way back. Whoever hears
 * of one may kill the process in that moment; then nothing of it goes on: before it arrives it was never sent, and after it the answer is lost.
 */
export interface Passing {
  kind: "github" | "git" | "database";
  /** `GET /repos/…`, or the statements of a message. */
  label: string;
  /** On its way there, or back. */
  way: "there" | "back";
  /** All that is said, as far as it is text. */
  text: () => string;
}

export interface Tap {
  port: number;
  /** Requests that have no answer yet. */
  underWay(): number;
  close(): Promise<void>;
}

interface TapPorts {
  port: number;
  /** Says whether it goes on. */
  onPassing: (passing: Passing) => boolean;
}

const textOf = (chunk: Buffer) => (): string => chunk.toString("latin1");

/** In front of the GitHub stand-in. */
export async function tapHttp({ port, onPassing }: TapPorts): Promise<Tap> {
  let underWay = 0;
  const server = createHttpServer((from, answer) => {
    underWay += 1;
    pass(from, answer)
      .catch(() => from.socket.destroy())
      .finally(() => (underWay -= 1));
  });
  const pass = async (from: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await bodyOf(from);
    const { pathname } = new URL(from.url ?? "/", "http://localhost");
    const kind = pathname.startsWith("/api/") ? ("github" as const) : ("git" as const);
    const label = `${from.method ?? ""} ${pathname.replace(/^\/api\/v3/u, "")}`;
    if (!onPassing({ kind, label, way: "there", text: textOf(body) })) {
      from.socket.destroy();
      return;
    }
    const headers = { ...from.headers, "content-length": String(body.length), connection: "close" };
    const forward = ask({ host: "127.0.0.1", port, path: from.url, method: from.method, headers, agent: false });
    forward.end(body);
    const [given] = (await once(forward, "response")) as [IncomingMessage];
    const content = await bodyOf(given);
    if (!onPassing({ kind, label, way: "back", text: textOf(content) })) {
      from.socket.destroy();
      return;
    }
    const { connection: _, "transfer-encoding": __, ...rest } = given.headers;
    answer.writeHead(given.statusCode ?? 500, rest).end(content);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    underWay: () => underWay,
    close: () => close(server, () => server.closeAllConnections()),
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** In front of PostgreSQL. */
export async function tapPostgres({ port, onPassing }: TapPorts): Promise<Tap> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connect(port, "127.0.0.1");
    const statements = createStatements();
    let label = "";
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    const end = (): void => {
      client.destroy();
      database.destroy();
    };
    client.on("data", (chunk: Buffer) => {
      const said = statements.read(chunk);
      if (said.length > 0) label = said.join("; ");
      if (said.length > 0 && !onPassing({ kind: "database", label, way: "there", text: textOf(chunk) })) end();
      else database.write(chunk);
    });
    database.on("data", (chunk: Buffer) => {
      const answered = label;
      label = "";
      if (answered !== "" && !onPassing({ kind: "database", label: answered, way: "back", text: textOf(chunk) })) end();
      else client.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, underWay: () => 0, close: () => close(server, hangUp) };
}

async function close(server: Server, hangUp: () => void): Promise<void> {
  const closed = once(server, "close");
  server.close();
  hangUp();
  await closed;
}

/** Texts of the statements that a connection's client runs. https://www.postgresql.org/docs/current/protocol-message-formats.html */
function createStatements(): { read(chunk: Buffer): string[] } {
  /** By the names that they were prepared under. */
  const prepared = new Map<string, string>();
  let begun = false;
  let left = Buffer.alloc(0);
  const textAt = (body: Buffer, at: number): { text: string; next: number } => {
    const end = body.indexOf(0, at);
    return { text: body.toString("utf8", at, end), next: end + 1 };
  };
  const run = (type: string, body: Buffer): string | null => {
    if (type === "Q") return textAt(body, 0).text;
    const first = textAt(body, 0);
    if (type !== "P" && type !== "B") return null;
    const second = textAt(body, first.next).text;
    if (type === "P") prepared.set(first.text, second);
    return type === "P" ? null : (prepared.get(second) ?? "");
  };
  return {
    read: (chunk) => {
      left = Buffer.concat([left, chunk]);
      const found: string[] = [];
      for (;;) {
        // The first message has no type.
        const head = begun ? 1 : 0;
        if (left.length < head + 4) return found;
        const length = head + left.readInt32BE(head);
        if (left.length < length) return found;
        const text = begun ? run(String.fromCharCode(left[0] ?? 0), left.subarray(5, length)) : null;
        if (text !== null) found.push(text.trim().replaceAll(/\s+/gu, " "));
        begun = true;
        left = left.subarray(length);
      }
    },
  };
}
