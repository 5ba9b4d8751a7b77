import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Config } from "../config.ts";
import type { CompileCache } from "../engine/ports/cache.ts";
import type { Log } from "../engine/ports/log.ts";
import { waitedFor, type WaitedRecords } from "../engine/rollout/waited.ts";
import { createMetrics, type Metrics, type Reading } from "../metrics/metrics.ts";
import { createOperations, type Operations } from "../metrics/operations.ts";
import { Problem } from "../problem.ts";
import type { Store } from "../store/records.ts";
import { gateVersion } from "../version.ts";
import { createHealth, ownMigrations, type Health } from "./health.ts";
import { readingsOf } from "./readings.ts";

/** What of the server can be told in numbers, once it is there. */
interface Told {
  store: Pick<Store, "readings"> & { records: WaitedRecords };
  cache: Pick<CompileCache, "counts"> | null;
  sandboxes: () => number;
}

/** What machines ask of a server, and its numbers. */
export interface Observed {
  health: Health;
  tell: Metrics["tell"];
  /** For requests to the address that GitHub reaches. */
  public: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Where operators ask; null where the environment names no address. */
  url: string | null;
  /** Before this there are no numbers but the process's own. */
  show(told: Told): void;
  close(): Promise<void>;
}

/** Begins to answer at the operators' own address, before anything else is there. Throws a Problem where nothing can be served at it. */
export async function observed(config: Pick<Config, "metrics" | "metricsToken">, now: () => Date, log: Log): Promise<Observed> {
  const health = createHealth();
  let told: Told | null = null;
  const [version, migrations] = [gateVersion(), ownMigrations()];
  const own = (): Reading[] => [
    ["build_info", [version], 1],
    ["migrations", [], migrations],
    ...health.last().map(({ name, state }): Reading => ["ready", [name], state === "ok" ? 1 : 0]),
    ["sandboxes", [], told?.sandboxes() ?? 0],
    ...Object.entries(told?.cache?.counts() ?? {}).map(([outcome, count]): Reading => ["cache_entries", [outcome], count]),
  ];
  let isIll = false;
  const read = async (): Promise<Reading[]> => {
    await health.readiness();
    if (told === null) throw new Error("there is no store yet");
    try {
      const found = await numbersOf(told.store, now());
      isIll = false;
      return found;
    } catch (error) {
      // The same trouble at each scrape is told of once.
      if (!isIll) log.warn({ err: error }, "the numbers that come from the database can't be read, and are missing in /metrics");
      isIll = true;
      throw error;
    }
  };
  const metrics = createMetrics({ read, own, now: () => now().getTime() });
  const operations = createOperations({
    readiness: () => health.readiness(),
    expose: () => metrics.expose(),
    token: config.metricsToken ?? null,
  });
  const listening = config.metrics === undefined ? null : await listen(config.metrics, operations, log);
  return {
    health,
    tell: metrics.tell,
    public: (request, response) => operations(request, response, "public"),
    url: listening?.url ?? null,
    show: (all) => {
      told = all;
    },
    close: async () => listening?.close(),
  };
}

async function numbersOf(store: Told["store"], at: Date): Promise<Reading[]> {
  const found = await store.readings();
  const waited = new Map<number, Awaited<ReturnType<typeof waitedFor>>>();
  for (const { id } of found.rollouts) waited.set(id, await waitedFor(store.records, id, { now: at }));
  return readingsOf(found, waited, at.getTime());
}

async function listen(
  { host, port }: { host: string; port: number },
  operations: Operations,
  log: Log,
): Promise<{ url: string; close: () => Promise<void> }> {
  const door = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/u.test(host) ? "loopback" : "own";
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (await operations(request, response, door)) return;
    response.writeHead(404, { "content-type": "application/json" }).end('{"error":"Ask for /healthz, /readyz or /metrics."}');
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error }, "operators could not be answered");
      response.destroy();
    });
  });
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    const text = `Nothing can be served at ${host}:${port} (PUPPET_GATE_METRICS): ${(cause as Error).message}.`;
    throw new Problem({ code: "address", text, hint: "Give another port, or stop what listens there." }, { cause });
  }
  const { family, address, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
