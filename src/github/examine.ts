import type { Probot } from "probot";
import { everyPage } from "./api.ts";
import { lacking, needed } from "./app.ts";
import { isOfGitHub, statusOf } from "./failure.ts";

/** What GitHub says of the App: `engine/examine-app.ts` says what is wrong with it. */
export interface AppSeen {
  slug: string;
  missing: string[];
  hook: { url: string; contentType: string; insecure: boolean; hasSecret: boolean } | null;
  deliveries: { event: string; at: string; status: number; said: string }[];
  answer: string | null;
  installations: { account: string; suspended: boolean; missing: string[] }[];
  ahead: number | null;
}

/** Newest deliveries that are looked at. */
const looked = 30;

/** Asks everything that tells whether webhooks come here, as the App that was identified before. Null where GitHub does not answer now. */
export async function readApp(probot: Probot, now: () => number): Promise<AppSeen | null> {
  try {
    const api = await probot.auth();
    const { data, headers } = await api.rest.apps.getAuthenticated();
    if (data === null) return null;
    const date = Date.parse(headers.date ?? "");
    // GitHub's time is of a whole second.
    const ahead = Number.isNaN(date) ? null : (now() - date) / 1000 - 0.5;
    const { data: listed } = await api.rest.apps.listWebhookDeliveries({ per_page: looked });
    const bad = listed.find(({ status_code }) => status_code < 200 || status_code >= 300);
    const installations = await everyPage({ what: "installations of the App" }, (page) => api.rest.apps.listInstallations({ ...page }));
    const missing = lacking(data.permissions, data.events);
    return {
      slug: data.slug ?? "",
      missing,
      hook: await hookOf(api),
      deliveries: listed.map(({ event, delivered_at, status_code, status }) => ({
        event,
        at: delivered_at,
        status: status_code,
        said: status,
      })),
      answer: bad === undefined ? null : await answerTo(api, String(bad.id)),
      installations: installations.map(({ account, suspended_at, permissions }) => ({
        account: account !== null && "login" in account ? account.login : "an enterprise",
        suspended: (suspended_at ?? null) !== null,
        // What the App itself does not ask for, nobody can grant.
        missing: lacking(permissions, needed.events).filter((one) => !missing.includes(one)),
      })),
      ahead,
    };
  } catch (error) {
    if (isOfGitHub(error)) return null;
    throw error;
  }
}

type Api = Awaited<ReturnType<Probot["auth"]>>;

/** Null where GitHub has none, or does not show it. https://docs.github.com/en/rest/apps/webhooks#get-a-webhook-configuration-for-an-app */
async function hookOf(api: Api): Promise<AppSeen["hook"]> {
  try {
    const {
      url = "",
      content_type: contentType = "form",
      insecure_ssl: insecure,
      secret = "",
    } = (await api.rest.apps.getWebhookConfigForApp()).data;
    return { url, contentType, insecure: String(insecure ?? "0") !== "0", hasSecret: secret !== "" };
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** The first few words of what the receiver said, which is text of whoever answers there. */
async function answerTo(api: Api, id: string): Promise<string | null> {
  const { data } = await api.request("GET /app/hook/deliveries/{delivery_id}", { delivery_id: id as unknown as number });
  const { payload } = data.response as { payload?: unknown };
  const text = typeof payload === "string" ? payload : JSON.stringify(payload ?? null);
  return text.slice(0, 2_000);
}
