import type { Examination } from "./ports/doctor.ts";

/** What GitHub says of the App and of how its webhooks come here. */
export interface AppSeen {
  slug: string;
  /** Permissions and events of app.yml that the App's own settings lack. */
  missing: readonly string[];
  /** Null where the App's webhook can't be read. */
  hook: { url: string; contentType: string; insecure: boolean; hasSecret: boolean } | null;
  /** The newest deliveries, newest first; `status` 0: there was no answer. */
  deliveries: readonly { event: string; at: string; status: number; said: string }[];
  /** What the newest that failed was answered; null where none did, or nothing was said. */
  answer: string | null;
  /** Where it is installed, and what was not granted there yet. */
  installations: readonly { account: string; suspended: boolean; missing: readonly string[] }[];
  /** Seconds that this machine's clock is ahead of GitHub's; null where GitHub did not tell its own. */
  ahead: number | null;
}

/** Where webhooks have to arrive. */
export interface AppWanted {
  path: string;
  /** Where people reach this server; null where nobody said. */
  url: string | null;
}

export type ServeRow = Pick<Examination, "name" | "status" | "text" | "hint">;

const row = (name: string, status: Examination["status"], text: string, hint: string | null = null): ServeRow => ({
  name,
  status,
  text,
  hint,
});

/** Whether the App may do what it has to, is told of what happens, and agrees with this machine on the time. */
export function examineAppSeen(seen: AppSeen, wanted: AppWanted): ServeRow[] {
  return [permissionsRow(seen), ...installationRows(seen), webhookRow(seen, wanted), deliveriesRow(seen, wanted), clockRow(seen)];
}

function permissionsRow({ slug, missing }: AppSeen): ServeRow {
  if (missing.length === 0) return row("GitHub", "pass", `it knows the App ${slug}, which may do what app.yml asks for`);
  const hint = "Grant that on the App's settings page (Permissions & events), and accept it where the App is installed.";
  return row("GitHub", "missing", `the App ${slug} lacks ${missing.join(", ")}`, hint);
}

const few = 5;

function installationRows({ slug, installations }: AppSeen): ServeRow[] {
  const name = "installations";
  if (installations.length === 0)
    return [
      row(
        name,
        "missing",
        `the App ${slug} is installed nowhere`,
        "Install it on the control repo: the App's page on GitHub, Install App.",
      ),
    ];
  const suspended = installations.filter((one) => one.suspended);
  const behind = installations.filter((one) => !one.suspended && one.missing.length > 0);
  const rows = [
    ...behind
      .slice(0, few)
      .map(({ account, missing }) =>
        row(
          name,
          "missing",
          `${account} has not granted ${missing.join(", ")}`,
          `An owner of ${account} accepts it: Settings, GitHub Apps, ${slug}, Review request.`,
        ),
      ),
    ...suspended
      .slice(0, few)
      .map(({ account }) =>
        row(
          name,
          "advice",
          `${account} suspended it: nothing there is judged or landed`,
          `An owner of ${account} can lift that: Settings, GitHub Apps.`,
        ),
      ),
  ];
  const well = installations.length - behind.length - suspended.length;
  return rows.length === 0 ? [row(name, "pass", `${well} of ${installations.length}: ${namesOf(installations)}`)] : rows;
}

const namesOf = (installations: AppSeen["installations"]): string =>
  installations
    .slice(0, few)
    .map(({ account }) => account)
    .join(", ") + (installations.length > few ? ", …" : "");

function webhookRow({ hook }: AppSeen, { path, url }: AppWanted): ServeRow {
  const name = "webhook";
  const where = "On the App's settings page, under Webhook,";
  if (hook === null) return row(name, "skipped", "GitHub does not show the App's webhook");
  if (hook.url === "")
    return row(
      name,
      "missing",
      "the App has no webhook address, so that nothing is told here",
      `${where} give https://YOUR-HOST${path}, and set it active.`,
    );
  const parsed = URL.canParse(hook.url) ? new URL(hook.url) : null;
  if (parsed === null || parsed.pathname !== path)
    return row(name, "fail", `webhooks go to ${hook.url}, and this server takes them at ${path}`, `${where} end the address with ${path}.`);
  if (hook.contentType !== "json")
    return row(
      name,
      "fail",
      `webhooks come as ${hook.contentType}, which this server does not read`,
      `${where} choose the content type application/json.`,
    );
  if (!hook.hasSecret)
    return row(
      name,
      "fail",
      "the App's webhook has no secret, so that every delivery is refused",
      `${where} give the secret that WEBHOOK_SECRET has.`,
    );
  if (url !== null && new URL(url).host !== parsed.host)
    return row(
      name,
      "advice",
      `webhooks go to ${parsed.host}, and people to ${new URL(url).host} (PUPPET_GATE_URL)`,
      "See that both lead to this server, or mend the one that does not.",
    );
  if (hook.insecure)
    return row(
      name,
      "advice",
      `webhooks go to ${hook.url}, and GitHub does not verify its certificate`,
      `${where} enable SSL verification.`,
    );
  if (parsed.protocol === "http:" && !/^(?:localhost|127\.|\[::1\])/u.test(parsed.hostname))
    return row(
      name,
      "advice",
      `webhooks cross the network in clear text, to ${hook.url}`,
      "Put a proxy with TLS in front, and give its https address.",
    );
  return row(name, "pass", `they go to ${hook.url}, signed`);
}

function deliveriesRow({ deliveries, answer }: AppSeen, { path }: AppWanted): ServeRow {
  const name = "deliveries";
  const [newest] = deliveries;
  if (newest === undefined)
    return row(
      name,
      "advice",
      "GitHub sent none in the last days",
      "Open a pull request in a repository where the App is installed, and look again.",
    );
  const failed = deliveries.filter(({ status }) => status < 200 || status >= 300);
  if (failed.length === 0) return row(name, "pass", `the last ${deliveries.length} all came through, the newest at ${newest.at}`);
  const [bad] = failed;
  const told = `${failed.length} of the last ${deliveries.length} failed, the newest at ${bad?.at ?? ""}`;
  const cause = causeOf(bad?.status ?? 0, bad?.said ?? "", answer, path);
  // What came through since then was mended, and is sent again by itself.
  if (newest.status >= 200 && newest.status < 300)
    return row(
      name,
      "advice",
      `${told} (${cause.why}); later ones came through`,
      "Those that failed are asked for again by `serve`, each minute.",
    );
  return row(name, "fail", `${told}: ${cause.why}`, cause.hint);
}

function causeOf(status: number, said: string, answer: string | null, path: string): { why: string; hint: string } {
  if (status === 400 && /signature|x-hub/iu.test(answer ?? ""))
    return {
      why: "the signature is of another secret than WEBHOOK_SECRET",
      hint: "Give both sides the same: a new one of `openssl rand -hex 32` on the App's settings page and in WEBHOOK_SECRET, then start `serve` again.",
    };
  if (status === 404)
    return {
      why: "what answers there does not know the address",
      hint: `See that the proxy hands ${path} on to \`serve\`, with its path unchanged.`,
    };
  if (status === 401 || status === 403 || status === 407)
    return {
      why: `what answers there wants to know who asks (${status})`,
      hint: `Let GitHub's requests to ${path} through: they are signed.`,
    };
  if (status === 413)
    return { why: "what answers there takes no such long request", hint: "Let the proxy take 25 MB (nginx: client_max_body_size 25m)." };
  if (status === 502 || status === 503 || status === 504)
    return {
      why: `the proxy answers, and \`serve\` behind it does not (${status})`,
      hint: "Start `serve`, and see that the proxy has its HOST and PORT.",
    };
  if (status >= 500)
    return {
      why: `this server failed over it (${status})`,
      hint: "Its log has the delivery's id, and why: a database that is away, most likely.",
    };
  if (status === 0)
    return {
      why: said === "" ? "nothing answered" : said,
      hint: "See that the address of the webhook leads here from the internet: DNS, firewall, certificate, proxy.",
    };
  return {
    why: `it was answered with ${status}`,
    hint: "Look at the App's settings page, Advanced, Recent Deliveries: it shows request and answer.",
  };
}

/** GitHub takes a token that is up to a minute from the future, and none that is older than ten. */
const most = { advice: 5, fail: 30 };

function clockRow({ ahead }: AppSeen): ServeRow {
  const name = "clock";
  if (ahead === null) return row(name, "skipped", "GitHub did not say what time it is");
  const off = Math.abs(Math.round(ahead));
  const text = `this machine's clock is ${off} s ${ahead > 0 ? "ahead of" : "behind"} GitHub's`;
  const hint =
    "Let it follow a time server (systemd-timesyncd, chrony): GitHub refuses tokens from another time, and entries of the ledger bear it.";
  if (off >= most.fail) return row(name, "fail", text, hint);
  return off >= most.advice ? row(name, "advice", text, hint) : row(name, "pass", "it agrees with GitHub's to within seconds");
}
