import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredNode {
  facts: Record<string, unknown> | null;
  trusted?: Record<string, unknown> | null;
  environment?: string;
  active?: boolean;
  exports?: Array<{ type: string; title: string; tags?: string[]; parameters?: Record<string, unknown> }>;
}

/** PuppetDB's query API as far as a fleet is read by it: `nodes`, `inventory` and `resources` of a store that tests change as they go. */
export interface PuppetDbStandIn {
  url: string;
  nodes: Map<string, StoredNode>;
  /** Endpoint and number of rows of each answer so far. */
  asked: Array<{ endpoint: string; rows: number }>;
  /** What to do instead of answering. */
  fault: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  /** Runs before each answer: the fleet moves while it is read. */
  meanwhile: () => void;
  close: () => Promise<void>;
}

type Row = Record<string, unknown>;
type Store = Pick<PuppetDbStandIn, "nodes" | "asked">;

function answer({ nodes, asked }: Store, request: IncomingMessage, response: ServerResponse, body: string): void {
  const endpoint = request.url?.match(/^\/pdb\/query\/v4\/(\w+)$/u)?.[1] ?? "";
  const all = rowsOf(nodes, endpoint);
  if (request.method !== "POST" || all === null) {
    response.writeHead(404).end("Not Found");
    return;
  }
  const { query, limit = Infinity } = JSON.parse(body) as { query: unknown[]; limit?: number };
  try {
    const rows = select(all, query).slice(0, limit);
    asked.push({ endpoint, rows: rows.length });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(rows));
  } catch (error) {
    response.writeHead(400).end((error as Error).message);
  }
}

export async function startPuppetDb(nodes: Record<string, StoredNode>): Promise<PuppetDbStandIn> {
  const standIn: Omit<PuppetDbStandIn, "url" | "close"> = {
    nodes: new Map(Object.entries(nodes)),
    asked: [],
    fault: null,
    meanwhile: () => {},
  };
  const server = createServer((request, response) => {
    if (standIn.fault !== null) {
      standIn.fault(request, response);
      return;
    }
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      standIn.meanwhile();
      answer(standIn, request, response, text);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(standIn, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

function rowsOf(nodes: ReadonlyMap<string, StoredNode>, endpoint: string): Row[] | null {
  const active = [...nodes].filter(([, { active = true }]) => active);
  if (endpoint === "nodes") return active.map(([certname, { environment }]) => ({ certname, facts_environment: environment ?? null }));
  if (endpoint === "inventory")
    return active
      .filter(([, { facts }]) => facts !== null)
      .map(([certname, { facts, trusted, environment = "production" }]) => ({
        certname,
        timestamp: "2026-11-20T10:00:00.000Z",
        environment,
        facts,
        trusted: trusted === undefined ? { authenticated: "remote", certname, extensions: {} } : trusted,
      }));
  if (endpoint === "resources")
    return active.flatMap(([certname, { exports = [] }]) =>
      exports.map((each) => ({ certname, tags: [], parameters: {}, ...each, exported: true, file: "/x.pp", line: 1, resource: "5d1" })),
    );
  return null;
}

function select(rows: Row[], query: unknown[]): Row[] {
  if (query[0] !== "extract") return rows.filter((row) => holds(row, query));
  const [, fields, where] = query as [string, string[], unknown[] | undefined];
  const kept = where === undefined ? rows : rows.filter((row) => holds(row, where));
  return kept.map((row) => Object.fromEntries(fields.map((field) => [field, row[field]])));
}

function holds(row: Row, query: unknown[]): boolean {
  const [operator, ...rest] = query;
  if (operator === "and") return rest.every((each) => holds(row, each as unknown[]));
  const value = String(rest[0])
    .split(".")
    .reduce<unknown>((inner, name) => (inner as Row | undefined)?.[name], row);
  if (operator === "=") return value === rest[1];
  if (operator === "in") return ((rest[1] as unknown[])[1] as unknown[]).includes(value);
  throw new Error(`'${String(operator)}' is not a valid operator`);
}
