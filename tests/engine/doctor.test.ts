import { describe, expect, it } from "vitest";
import { examineAll, type DoctorPorts, type ServeSettings } from "../../src/engine/doctor.ts";
import { examineAppSeen, type AppSeen } from "../../src/engine/examine-app.ts";
import type { Examination } from "../../src/engine/ports/doctor.ts";
import { Problem } from "../../src/problem.ts";

/** What is said of a machine, whatever is wrong with it. */
const wrong = (): never => {
  throw new Problem({ code: "x", text: "It is wrong.", hint: "Mend it." });
};
const hook = { url: "https://gate.example/api/github/webhooks", contentType: "json", insecure: false, hasSecret: true };
const seen: AppSeen = {
  slug: "gate",
  missing: [],
  hook,
  deliveries: [{ event: "push", at: "2026-11-01T00:00:00Z", status: 200, said: "OK" }],
  answer: null,
  installations: [{ account: "acme", suspended: false, missing: [] }],
  ahead: 0.4,
};
const settings: ServeSettings = {
  words: "App 7",
  parts: [
    { name: "data folder", look: async () => "/data" },
    {
      name: "database",
      look: async () => [
        { status: "pass", text: "PostgreSQL 15", hint: null },
        { status: "advice", text: "few are free", hint: "Raise it." },
      ],
    },
    { name: "PuppetDB", look: async () => [] },
    { name: "announcements", look: async () => "ops, web" },
  ],
  app: async () => seen,
  wanted: { path: "/api/github/webhooks", url: null },
};
const puppet: Examination = { part: "sandbox", name: "network", status: "pass", text: "there is none", hint: null };
const examine = (more: Partial<DoctorPorts> = {}): Promise<Examination[]> =>
  examineAll({ programs: [], puppet: async () => [puppet], settings: () => settings, ...more });
const serve = async (more: Partial<ServeSettings>): Promise<Examination[]> =>
  (await examine({ settings: () => ({ ...settings, ...more }) })).filter(({ part }) => part === "serve");
const row = (name: string, status: Examination["status"], text: string, hint: string | null = null): Examination => ({
  part: "serve",
  name,
  status,
  text,
  hint,
});
const failed = (name: string): Examination => row(name, "fail", "It is wrong.", "Mend it.");
const all = [
  row("settings", "pass", "App 7"),
  row("data folder", "pass", "/data"),
  row("database", "pass", "PostgreSQL 15"),
  row("database", "advice", "few are free", "Raise it."),
  row("announcements", "pass", "ops, web"),
  row("GitHub", "pass", "it knows the App gate, which may do what app.yml asks for"),
  row("installations", "pass", "1 of 1: acme"),
  row("webhook", "pass", "they go to https://gate.example/api/github/webhooks, signed"),
  row("deliveries", "pass", "the last 1 all came through, the newest at 2026-11-01T00:00:00Z"),
  row("clock", "pass", "it agrees with GitHub's to within seconds"),
];

describe("what is said of a machine", () => {
  it("is all that was looked at, in order", async () => {
    const programs = [
      { name: "git", version: async () => "2.39" },
      { name: "bwrap", version: async () => wrong() },
    ];
    expect(await examine({ programs })).toEqual([
      { part: "programs", name: "git", status: "pass", text: "2.39", hint: null },
      { part: "programs", name: "bwrap", status: "missing", text: "It is wrong.", hint: "Mend it." },
      puppet,
      ...all,
    ]);
  });

  it.each<[string, DoctorPorts["settings"], Examination]>([
    ["no settings", () => null, row("settings", "skipped", "nothing is set: `check` needs none of them")],
    ["settings that are wrong", wrong, failed("settings")],
  ])("ends with %s", async (_, read, expected) => {
    expect((await examine({ settings: read })).slice(1)).toEqual([expected]);
  });

  const away = row("GitHub", "missing", "it does not answer now", "Look at proxy, firewall and DNS between this machine and GitHub.");
  it.each<[string, Partial<ServeSettings>, Examination]>([
    ["an App that is wrong", { app: async () => wrong() }, failed("GitHub")],
    ["GitHub that does not answer", { app: async () => null }, away],
  ])("ends with %s", async (_, more, expected) => {
    expect(await serve(more)).toEqual([
      ...all.slice(
        0,
        all.findIndex(({ name }) => name === "GitHub"),
      ),
      expected,
    ]);
  });

  it("has each part that is wrong among what is right", async () => {
    const parts = settings.parts.map(({ name }) => ({ name, look: async () => wrong() }));
    expect((await serve({ parts })).slice(1, 5)).toEqual(["data folder", "database", "PuppetDB", "announcements"].map(failed));
  });

  it("is nothing where the gate itself fails", async () => {
    const fault = async (): Promise<never> => {
      throw new TypeError("x is not a function");
    };
    await expect(serve({ parts: [{ name: "database", look: fault }] })).rejects.toThrow("x is not a function");
  });
});

describe("what GitHub says of the App", () => {
  const of = (status: number, answer: string | null = null, said = ""): Partial<AppSeen> => ({
    deliveries: [{ event: "push", at: "2026-11-01T00:00:00Z", status, said }, ...seen.deliveries],
    answer,
  });
  const acme = { account: "acme", suspended: false, missing: [] };
  const cases: [what: string, more: Partial<AppSeen>, name: string, status: Examination["status"], text: RegExp, hint: RegExp][] = [
    ["permissions", { missing: ["checks: write"] }, "GitHub", "missing", /lacks checks: write/, /settings page/],
    ["no installation", { installations: [] }, "installations", "missing", /installed nowhere/, /Install App/],
    [
      "permissions that were not accepted",
      { installations: [acme, { account: "beta", suspended: false, missing: ["deployments: write"] }] },
      "installations",
      "missing",
      /beta has not granted deployments: write/,
      /owner of beta accepts it/,
    ],
    ["a suspension", { installations: [{ ...acme, suspended: true }] }, "installations", "advice", /acme suspended it/, /lift/],
    ["no address", { hook: { ...hook, url: "" } }, "webhook", "missing", /no webhook address/, /https:\/\/YOUR-HOST\/api/],
    ["another path", { hook: { ...hook, url: "https://gate.example/" } }, "webhook", "fail", /takes them at \/api/, /end the address/],
    ["forms", { hook: { ...hook, contentType: "form" } }, "webhook", "fail", /come as form/, /application\/json/],
    ["no secret", { hook: { ...hook, hasSecret: false } }, "webhook", "fail", /no secret/, /WEBHOOK_SECRET/],
    ["no certificate", { hook: { ...hook, insecure: true } }, "webhook", "advice", /does not verify/, /SSL/],
    ["clear text", { hook: { ...hook, url: "http://gate.example/api/github/webhooks" } }, "webhook", "advice", /clear text/, /https/],
    ["a hidden webhook", { hook: null }, "webhook", "skipped", /does not show/, /^null$/],
    ["no deliveries", { deliveries: [] }, "deliveries", "advice", /sent none/, /Open a pull request/],
    [
      "another secret",
      of(400, '{"error":"signature does not match event payload and secret"}'),
      "deliveries",
      "fail",
      /another secret/,
      /same/,
    ],
    ["another 400", of(400, "no"), "deliveries", "fail", /answered with 400/, /Recent Deliveries/],
    ["another address", of(404), "deliveries", "fail", /does not know the address/, /path unchanged/],
    ["a proxy that asks who", of(401), "deliveries", "fail", /who asks/, /through/],
    ["a proxy that takes little", of(413), "deliveries", "fail", /no such long/, /client_max_body_size/],
    ["a proxy before nothing", of(502), "deliveries", "fail", /`serve` behind it does not/, /Start/],
    ["a server that fails", of(500), "deliveries", "fail", /failed over it/, /log/],
    ["nobody", of(0, null, "failed to connect to host"), "deliveries", "fail", /failed to connect to host/, /DNS, firewall/],
    [
      "one that failed before",
      { deliveries: [...seen.deliveries, { event: "push", at: "x", status: 502, said: "" }] },
      "deliveries",
      "advice",
      /later ones came/,
      /asked for again/,
    ],
    ["a clock that is far off", { ahead: -90.2 }, "clock", "fail", /90 s behind/, /time server/],
    ["a clock that is off", { ahead: 7 }, "clock", "advice", /7 s ahead/, /time server/],
    ["no clock", { ahead: null }, "clock", "skipped", /did not say/, /^null$/],
  ];
  it.each(cases)("%s", (_, more, name, status, text, hint) => {
    const found = examineAppSeen({ ...seen, ...more }, settings.wanted).find((one) => one.name === name && one.status === status);
    expect(found?.text).toMatch(text);
    expect(String(found?.hint)).toMatch(hint);
  });

  it("people and webhooks that go to different hosts", () => {
    const rows = examineAppSeen(seen, { ...settings.wanted, url: "https://other.example" });
    expect(rows.find(({ name }) => name === "webhook")).toMatchObject({ status: "advice", text: expect.stringContaining("other.example") });
  });
});
