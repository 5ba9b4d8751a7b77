import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { readLedgerConfig } from "../../src/wiring/ledger-settings.ts";

const pem = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }).toString().trim();
const whole = { APP_ID: "7", PRIVATE_KEY: pem, WEBHOOK_SECRET: "correct horse", PUPPET_GATE_DATA: "/srv/gate" };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "puppet-gate-config-"));
  writeFileSync(join(folder, "key.pem"), pem);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("readConfig", () => {
  it("needs four variables, and freezes what it read", () => {
    const config = readConfig(whole);
    expect(config).toEqual({
      app: { id: 7, privateKey: pem },
      webhookSecret: "correct horse",
      host: "127.0.0.1",
      port: 3000,
      dataFolder: "/srv/gate",
      cache: { kind: "folder", folder: "/srv/gate/compiles", limit: 2 ** 31 },
      github: { api: "https://api.github.com", html: "https://github.com" },
      organisationPolicy: "auto",
      warm: { spares: 2, bases: 2, minutes: 30 },
      night: 120,
      drainSeconds: 0,
      logLevel: "info",
    });
    expect(Object.isFrozen(config) && Object.isFrozen(config.app) && Object.isFrozen(config.github)).toBe(true);
  });

  it.each([
    ["23:59", {}, 1439],
    ["00:00", {}, 0],
    ["none", {}, undefined],
    ["04:30", { PUPPET_GATE_CACHE: "none" }, undefined],
  ])("has its nights begin at %s", (written, more, night) => {
    expect(readConfig({ ...whole, ...more, PUPPET_GATE_NIGHT: written }).night).toBe(night);
  });

  it("takes a PostgreSQL instead of the embedded database", () => {
    const url = "postgres://gate:hush@db.acme.example:5433/gate";
    expect(readConfig({ ...whole, DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  it.each([
    ["none", {}, undefined],
    ["/var/cache/gate", { PUPPET_GATE_CACHE_MIB: "64" }, { kind: "folder", folder: "/var/cache/gate", limit: 64 * 1024 * 1024 }],
    ["kept", {}, { kind: "folder", folder: join(process.cwd(), "kept"), limit: 2 ** 31 }],
    ["database", { DATABASE_URL: "postgres://db/gate" }, { kind: "database", url: "postgres://db/gate", limit: 2 ** 31 }],
  ])("is told where compiles are kept: %s", (place, more, cache) => {
    expect(readConfig({ ...whole, ...more, PUPPET_GATE_CACHE: place }).cache).toEqual(cache);
  });

  it("is told what stays for the next check", () => {
    const given = { PUPPET_GATE_SPARES: "0", PUPPET_GATE_WARM_BASES: "5", PUPPET_GATE_WARM_MINUTES: "10" };
    expect(readConfig({ ...whole, ...given }).warm).toEqual({ spares: 0, bases: 5, minutes: 10 });
    expect(() => readConfig({ ...whole, PUPPET_GATE_SPARES: "some" })).toThrow(/PUPPET_GATE_SPARES/);
  });

  it("is told how the ledger is signed and published, by what needs no App too", () => {
    const given = {
      PUPPET_GATE_DATA: "/srv/gate",
      PUPPET_GATE_LEDGER_KEPT: "/mnt/other/last",
      PUPPET_GATE_LEDGER_PLACES: "/mnt/audit https://audit.acme.example/hook git+https://github.com/acme/audit.git#ledger",
      PUPPET_GATE_LEDGER_ORIGIN: "ledger.acme.example/gate",
      PUPPET_GATE_LEDGER_SIGN: "apart",
    };
    const ledger = {
      key: "/srv/gate/ledger.key",
      kept: "/mnt/other/last",
      places: ["/mnt/audit", "https://audit.acme.example/hook", "git+https://github.com/acme/audit.git#ledger"],
      origin: "ledger.acme.example/gate",
      token: null,
      sign: "apart",
    };
    expect(readLedgerConfig(given, "/")).toEqual({ dataFolder: "/srv/gate", ledger });
    for (const [name, wrong] of [
      ["PUPPET_GATE_LEDGER_PLACES", "git+https://github.com/acme/audit.git"],
      ["PUPPET_GATE_LEDGER_ORIGIN", "two words"],
      ["PUPPET_GATE_LEDGER_SIGN", "never"],
    ] as const)
      expect(() => readLedgerConfig({ ...given, [name]: wrong }, "/")).toThrow(name);
  });

  it("is told whether organisations have a policy", () => {
    expect(readConfig({ ...whole, ORGANISATION_POLICY: "required" }).organisationPolicy).toBe("required");
  });

  const signIn = {
    PUPPET_GATE_PAGES: "sign-in",
    PUPPET_GATE_URL: "https://gate.acme.example/",
    CLIENT_ID: "Iv1.a",
    CLIENT_SECRET: "hush hush",
  };

  it.each([
    [{}, {}],
    [{ PUPPET_GATE_URL: "https://gate.acme.example/" }, { url: "https://gate.acme.example" }],
    [{ PUPPET_GATE_PAGES: "local", HOST: "::1" }, { pages: { kind: "local" } }],
    [signIn, { url: "https://gate.acme.example", pages: { kind: "sign-in", clientId: "Iv1.a", clientSecret: "hush hush" } }],
  ])("is told who sees pages: %j", (given, expected) => {
    const { url, pages } = readConfig({ ...whole, ...given });
    expect({ ...(url === undefined ? {} : { url }), ...(pages === undefined ? {} : { pages }) }).toEqual(expected);
  });

  it.each([
    [{}, {}],
    [{ PUPPET_GATE_METRICS: "127.0.0.1:9464" }, { metrics: { host: "127.0.0.1", port: 9464 } }],
    [{ PUPPET_GATE_METRICS: "[::1]:0" }, { metrics: { host: "::1", port: 0 } }],
    [
      { PUPPET_GATE_METRICS: "0.0.0.0:9464", PUPPET_GATE_METRICS_TOKEN: "a token of some length" },
      { metrics: { host: "0.0.0.0", port: 9464 }, metricsToken: "a token of some length" },
    ],
  ])("is told where numbers are told: %j", (given, expected) => {
    const { metrics, metricsToken } = readConfig({ ...whole, ...given });
    expect({ ...(metrics === undefined ? {} : { metrics }), ...(metricsToken === undefined ? {} : { metricsToken }) }).toEqual(expected);
  });

  it("takes relative paths from where the person stands", () => {
    const { PRIVATE_KEY: _none, ...rest } = whole;
    expect(readConfig({ ...rest, PRIVATE_KEY_PATH: "key.pem", PUPPET_GATE_DATA: "gate/data" }, folder)).toMatchObject({
      app: { privateKey: pem },
      dataFolder: join(folder, "gate", "data"),
    });
  });

  it.each([
    ["from a file", { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: "key.pem" }],
    ["in one line", { PRIVATE_KEY: pem.replaceAll("\n", String.raw`\n`) }],
    ["in base64", { PRIVATE_KEY: Buffer.from(pem).toString("base64") }],
  ])("takes the private key %s", (_name, given: Record<string, string | undefined>) => {
    const file = given["PRIVATE_KEY_PATH"];
    expect(
      readConfig({ ...whole, ...given, ...(file === undefined ? {} : { PRIVATE_KEY_PATH: join(folder, file) }) }).app.privateKey.trim(),
    ).toBe(pem.trim());
  });

  it.each([
    [{ GHE_HOST: "github.acme.example" }, { api: "https://github.acme.example/api/v3", html: "https://github.acme.example" }],
    [
      { GHE_HOST: "127.0.0.1:8080", GHE_PROTOCOL: "http" },
      { api: "http://127.0.0.1:8080/api/v3", html: "http://127.0.0.1:8080" },
    ],
    [{ GHE_HOST: "github.com" }, { api: "https://api.github.com", html: "https://github.com" }],
  ])("knows the addresses of %j", (given, github) => {
    expect(readConfig({ ...whole, ...given }).github).toEqual(github);
  });

  it.each([
    [{ APP_ID: undefined }, "The environment variable APP_ID is not set."],
    [{ PUPPET_GATE_CACHE: "database" }, "The environment variable PUPPET_GATE_CACHE is `database`, and DATABASE_URL is not set."],
    [{ PUPPET_GATE_NIGHT: "24:00" }, 'The environment variable PUPPET_GATE_NIGHT is "24:00".'],
    [{ PUPPET_GATE_CACHE_MIB: "63" }, 'The environment variable PUPPET_GATE_CACHE_MIB is "63".'],
    [{ APP_ID: "seven" }, 'The environment variable APP_ID is "seven".'],
    [{ PRIVATE_KEY: "" }, "The environment variable PRIVATE_KEY is not set, nor is PRIVATE_KEY_PATH."],
    [{ PRIVATE_KEY: "c2VjcmV0" }, "The environment variable PRIVATE_KEY holds no private key that can be read."],
    [
      { PRIVATE_KEY: "", PRIVATE_KEY_PATH: "/nowhere/key.pem" },
      "The environment variable PRIVATE_KEY_PATH names /nowhere/key.pem, which can't be read.",
    ],
    [{ WEBHOOK_SECRET: undefined }, "The environment variable WEBHOOK_SECRET is not set."],
    [{ WEBHOOK_SECRET: "development" }, "The environment variable WEBHOOK_SECRET is not a secret."],
    [{ WEBHOOK_SECRET: "short" }, "The environment variable WEBHOOK_SECRET is not a secret."],
    [{ PUPPET_GATE_DATA: " " }, "The environment variable PUPPET_GATE_DATA is not set."],
    [{ DATABASE_URL: "mysql://gate:hush@db/gate" }, "The environment variable DATABASE_URL is not the URL of a PostgreSQL database."],
    [{ DATABASE_URL: "postgres://gate:hush@db" }, "The environment variable DATABASE_URL is not the URL of a PostgreSQL database."],
    [{ PORT: "70000" }, 'The environment variable PORT is "70000".'],
    [{ GHE_HOST: "https://github.acme.example/" }, 'The environment variable GHE_HOST is "https://github.acme.example/".'],
    [
      { GHE_HOST: "github.acme.example", GHE_PROTOCOL: "http" },
      "The environment variable GHE_PROTOCOL is http, and github.acme.example is not this machine: tokens would cross the network in clear text.",
    ],
    [{ ORGANISATION_POLICY: "maybe" }, 'The environment variable ORGANISATION_POLICY is "maybe".'],
    [
      { PUPPET_GATE_PAGES: "local", HOST: "0.0.0.0" },
      "The environment variable PUPPET_GATE_PAGES is local, and HOST is 0.0.0.0: others would read them too.",
    ],
    [{ ...signIn, PUPPET_GATE_URL: undefined }, "The environment variable PUPPET_GATE_URL is not set, and signing in needs it."],
    [
      { ...signIn, PUPPET_GATE_URL: "http://gate.acme.example" },
      "The environment variable PUPPET_GATE_URL is http: sessions would cross the network in clear text.",
    ],
    [{ ...signIn, CLIENT_SECRET: "short" }, "The environment variable CLIENT_SECRET is not a secret."],
    [{ PUPPET_GATE_METRICS: "9464" }, 'The environment variable PUPPET_GATE_METRICS is "9464".'],
    [
      { PUPPET_GATE_METRICS: "0.0.0.0:9464" },
      "The environment variable PUPPET_GATE_METRICS is 0.0.0.0:9464, which other machines reach, and PUPPET_GATE_METRICS_TOKEN is not set.",
    ],
    [{ PUPPET_GATE_METRICS_TOKEN: "short" }, "The environment variable PUPPET_GATE_METRICS_TOKEN is too short."],
    [{ LOG_LEVEL: "loud" }, 'The environment variable LOG_LEVEL is "loud".'],
  ])("refuses %j with one sentence", (given, text) => {
    const environment: Record<string, string | undefined> = { ...whole, ...given };
    expect(() => readConfig(environment)).toThrow(expect.objectContaining({ name: "Problem", code: "bad-environment", text }));
  });
});
