import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Probot } from "probot";
import type { Config } from "../config.ts";
import { createWebhookServer } from "../github/webhooks.ts";
import { Problem } from "../problem.ts";

/** Serves webhooks and pages until its closer is called; gives its address. Throws a Problem where nothing can be served there. */
export async function listen(
  probot: Probot,
  { host, port }: Config,
  closers: (() => Promise<void>)[],
  ports: Parameters<typeof createWebhookServer>[1],
): Promise<string> {
  const server = await createWebhookServer(probot, ports);
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    const text = `Nothing can be served at ${host}:${port}: ${(cause as Error).message}.`;
    throw new Problem({ code: "address", text, hint: "Give another PORT or HOST, or stop what listens there." }, { cause });
  }
  closers.push(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeIdleConnections();
    await closed;
  });
  const address = server.address() as AddressInfo;
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
}
