import type { FailedDelivery } from "../engine/ports/forge.ts";
import type { AppIdentity } from "./api.ts";

/** A sweep that reads all of it costs so many requests of the five thousand that an App has in an hour. */
const mostPages = 40;

/**
 * Webhooks since then of which an attempt failed, newest first: of several thousand the newest. GitHub never tries again by itself, and
 * keeps them for three days. Only failures are asked for, a page on most days: whether a later attempt came through the inbox knows.
 * https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
export async function readFailedDeliveries(app: AppIdentity, since: Date): Promise<FailedDelivery[]> {
  const api = await app.api();
  const byGuid = new Map<string, FailedDelivery>();
  const came = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; page <= mostPages; page += 1) {
    const at = cursor === undefined ? {} : { cursor };
    const { data, headers } = await api.rest.apps.listWebhookDeliveries({ per_page: 100, status: "failure", ...at });
    for (const { id, guid, event, delivered_at, status_code } of data) {
      // A server that does not know the filter lists these, too.
      if (status_code >= 200 && status_code < 300) came.add(guid);
      else if (!byGuid.has(guid)) byGuid.set(guid, { id: String(id), guid, event, at: new Date(delivered_at).toISOString() });
    }
    const oldest = data.at(-1);
    cursor = nextCursor(headers.link);
    if (cursor === undefined || (oldest !== undefined && new Date(oldest.delivered_at) < since)) break;
  }
  return [...byGuid.values()].filter(({ guid, at }) => !came.has(guid) && new Date(at) >= since);
}

/** The list goes on by a cursor, and not by a number. */
function nextCursor(link: string | undefined): string | undefined {
  const address = /<(?<address>[^>]+)>;\s*rel="next"/u.exec(link ?? "")?.groups?.["address"];
  return address === undefined ? undefined : (new URL(address).searchParams.get("cursor") ?? undefined);
}

/** Asks GitHub to send a webhook once more, with the same guid. */
export async function redeliver(app: AppIdentity, id: string): Promise<void> {
  await (await app.api()).request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: id as unknown as number });
}
