import type { Delivery } from "../deliveries.ts";
import { Refusal, notFound, ok, type Answer } from "../http/answers.ts";
import { forApp, type Call, type Route } from "../http/router.ts";
import type { Schemas } from "../shapes/schemas.ts";

/** An App's own webhooks, as they were attempted. https://docs.github.com/en/rest/apps/webhooks */

export const deliveryRoutes: readonly Route[] = [
  forApp("GET /app/hook/config", async ({ world, actor }) => {
    if (actor.kind !== "app") throw notFound();
    const url = world.deliveries.addressOf(actor.app) ?? "";
    // GitHub shows that there is a secret, and never which.
    const secret = actor.app.webhookSecret === "" ? {} : { secret: "********" };
    return ok({ url, content_type: "json", insecure_ssl: "0", ...secret } satisfies Schemas["webhook-config"]);
  }),
  forApp("GET /app/hook/deliveries", list),
  forApp("GET /app/hook/deliveries/{delivery_id}", async (call) => ok(deliveryShape(theDelivery(call)))),
  forApp("POST /app/hook/deliveries/{delivery_id}/attempts", async (call) => {
    call.world.deliveries.redeliver(theDelivery(call).id);
    return { status: 202, body: {} };
  }),
];

/** Deliveries are kept for three days. https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks */
const keptMs = 3 * 24 * 3_600_000;

/** Ids of deliveries are larger than a JavaScript number holds: who reads them as one loses their last digits. */
const shownId = (id: number): string => String(10n ** 17n + BigInt(id));

interface RawJson {
  rawJSON(text: string): bigint;
}

/** For `JSON.stringify`, digits that it writes as they are. The compiler's library does not know this function of Node yet. */
const digits = (text: string): bigint => (JSON as unknown as RawJson).rawJSON(text);

/** The App's deliveries that were attempted, newest first. */
function deliveriesOf({ world, actor }: Call): Delivery[] {
  const oldest = world.now().getTime() - keptMs;
  return world.deliveries
    .list()
    .filter(({ appId, status, deliveredAt }) => {
      return actor.kind === "app" && appId === actor.app.id && status !== null && Date.parse(deliveredAt) >= oldest;
    })
    .toReversed();
}

function theDelivery(call: Call): Delivery {
  const found = deliveriesOf(call).find(({ id }) => shownId(id) === call.params["delivery_id"]);
  if (found === undefined) throw notFound();
  return found;
}

/** A page begins at the cursor, which is made of the delivery it begins with. There is no way back and no last page. */
async function list(call: Call): Promise<Answer> {
  const { url } = call;
  const cursor = url.searchParams.get("cursor");
  const asked = Number(url.searchParams.get("per_page") ?? 30);
  const size = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, 100) : 30;
  const wanted = url.searchParams.get("status");
  const all = deliveriesOf(call).filter((delivery) => wanted === null || succeeded(delivery) === (wanted === "success"));
  const start = cursor === null ? 0 : all.findIndex(({ id }) => cursorOf(id) === cursor);
  if (start < 0) throw new Refusal(400, "Invalid cursor");
  const next = all[start + size];
  const items = all.slice(start, start + size).map(itemShape);
  if (next === undefined) return ok(items);
  const address = new URL(url);
  address.searchParams.set("cursor", cursorOf(next.id));
  return { ...ok(items), headers: { link: `<${address.href}>; rel="next"` } };
}

const cursorOf = (id: number): string => `v1_${shownId(id)}`;

const succeeded = ({ status }: Delivery): boolean => status !== null && status >= 200 && status < 300;

/** What GitHub says of an attempt in words; the code alone is what to go by. */
function wordsOf({ status, failure }: Delivery): string {
  if (status === 200) return "OK";
  if (status === null || status === 0) return failure?.includes("TimeoutError") === true ? "timed out" : "failed to connect to host";
  return status < 300 ? `${status}` : `Invalid HTTP Response: ${status}`;
}

interface Told {
  installation?: { id: number };
  repository?: { id: number };
}

function itemShape(delivery: Delivery) {
  const told = JSON.parse(delivery.body) as Told;
  return {
    id: digits(shownId(delivery.id)),
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationMs / 10) / 100,
    status: wordsOf(delivery),
    status_code: delivery.status ?? 0,
    event: delivery.event,
    action: delivery.action,
    installation_id: told.installation?.id ?? null,
    repository_id: told.repository?.id ?? null,
    throttled_at: null,
  } satisfies Schemas["hook-delivery-item"];
}

function deliveryShape(delivery: Delivery) {
  return {
    ...itemShape(delivery),
    ...(delivery.url === null ? {} : { url: delivery.url }),
    request: { headers: delivery.headers, payload: JSON.parse(delivery.body) as Record<string, unknown> },
    response: { headers: delivery.answer?.headers ?? null, payload: delivery.answer?.body ?? null },
  } satisfies Omit<Schemas["hook-delivery"], "id">;
}
