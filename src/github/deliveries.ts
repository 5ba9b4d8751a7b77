import type { AppIdentity } from "./api.ts";
import { EndlessListError } from "./failure.ts";

/** A webhook of which no attempt came through. */
export interface FailedDelivery {
  /** Of the latest attempt: what `redeliver` takes. Digits, more than a number holds. */
  id: string;
  /** Equal for all attempts, and the one that webhooks carry. */
  guid: string;
  event: string;
  /** ISO 8601. */
  at: string;
}

const mostPages = 100;

/**
 * Webhooks since then of which no attempt came through, newest first. GitHub never tries again by itself, and keeps them for three
 * days. https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
export async function readFailedDeliveries(app: AppIdentity, since: Date): Promise<FailedDelivery[]> {
  const api = await app.api();
  const byGuid = new Map<string, { came: boolean; latest: FailedDelivery }>();
  let cursor: string | undefined;
  for (let page = 1; page <= mostPages; page += 1) {
    const { data, headers } = await api.rest.apps.listWebhookDeliveries({ per_page: 100, ...(cursor === undefined ? {} : { cursor }) });
    for (const { id, guid, event, delivered_at, status_code } of data) {
      const seen = byGuid.get(guid);
      const latest = seen?.latest ?? { id: String(id), guid, event, at: new Date(delivered_at).toISOString() };
      byGuid.set(guid, { came: seen?.came === true || (status_code >= 200 && status_code < 300), latest });
    }
    const oldest = data.at(-1);
    cursor = nextCursor(headers.link);
    const isPast = oldest !== undefined && new Date(oldest.delivered_at) < since;
    if (cursor === undefined || isPast) return failedOf([...byGuid.values()], since);
  }
  throw new EndlessListError(
    `GitHub lists more than ${mostPages * 100} deliveries since ${since.toISOString()}, which is more than is read`,
  );
}

const failedOf = (all: readonly { came: boolean; latest: FailedDelivery }[], since: Date): FailedDelivery[] =>
  all.flatMap(({ came, latest }) => (came || new Date(latest.at) < since ? [] : [latest]));

/** The list goes on by a cursor, and not by a number. */
function nextCursor(link: string | undefined): string | undefined {
  const address = /<(?<address>[^>]+)>;\s*rel="next"/u.exec(link ?? "")?.groups?.["address"];
  return address === undefined ? undefined : (new URL(address).searchParams.get("cursor") ?? undefined);
}

/** Asks GitHub to send a webhook once more, with the same guid. */
export async function redeliver(app: AppIdentity, id: string): Promise<void> {
  await (await app.api()).request("POST /app/hook/deliveries/{delivery_id}/attempts", { delivery_id: id as unknown as number });
}
