import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

import { doctorCommand } from "../../src/cli/doctor-command.ts";
import type { Examination } from "../../src/engine/ports/doctor.ts";
import { run } from "../../src/process/run.ts";

const row = (status: Examination["status"], hint: string | null = null): Examination => ({
  part: "host",
  name: `a ${status}`,
  status,
  text: "found",
  hint,
});

function printed(found: readonly Examination[], json = false): { code: number; text: string } {
  let text = "";
  const code = doctorCommand(found, json, { write: (some) => (text += some), paint: (_, some) => some });
  return { code, text };
}

describe("what is printed", () => {
  const cases: Array<[name: string, found: Examination[], code: number, text: RegExp]> = [
    ["all is well", [row("pass"), row("skipped")], 0, /^READY/m],
    ["advice holds nobody up", [row("advice", "Do better.")], 0, /a advice {2}found\n +Do better\.\n[^]*READY/],
    ["something missing does", [row("pass"), row("missing", "Install it.")], 1, /Install it\.\n\nNOT READY {2}mend first: a missing/],
    ["a failure does", [row("fail", "Stop.")], 1, /NOT READY {2}mend first: a fail/],
  ];
  test.each(cases)("%s", (_, found, code, text) => {
    expect(printed(found)).toEqual({ code, text: expect.stringMatching(text) });
    expect(JSON.parse(printed(found, true).text)).toEqual({ schema: "puppet-gate/doctor@1", ready: code === 0, found });
  });

  test("nothing that was found commands the terminal", () => {
    expect(printed([{ ...row("pass"), text: "\u001B[2Jgone" }]).text).toContain("<U+001B>[2Jgone");
  });
});

describe("settings of serve, by the command itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-doctor-test-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const secret = "a secret of many words";
  const environment: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    APP_ID: "7",
    PRIVATE_KEY: key,
    WEBHOOK_SECRET: secret,
    PUPPET_GATE_DATA: join(folder, "data"),
    DATABASE_URL: "postgres://gate:the-password@127.0.0.1:1/gate",
    GHE_HOST: "127.0.0.1:1",
    GHE_PROTOCOL: "http",
  };
  const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));
  const doctor = async (env: Record<string, string>): Promise<{ all: string; serve: Examination[] }> => {
    const { stdout, stderr, exitCode } = await run({
      file: process.execPath,
      args: [cli, "doctor", "--json"],
      env,
      cwd: "/",
      seconds: 60,
      outputBytes: 100_000,
    });
    expect(exitCode).toBe(1);
    const { found } = JSON.parse(stdout.toString()) as { found: Examination[] };
    expect(found.length).toBeGreaterThan(20);
    return { all: stdout.toString() + stderr, serve: found.filter(({ part }) => part === "serve") };
  };

  test("each is tried, and no secret is told", async () => {
    const { all, serve } = await doctor(environment);
    const disks = serve.filter(({ name }) => name === "disk");
    expect(disks.length).toBeGreaterThan(0);
    expect(serve.filter((one) => !disks.includes(one)).map(({ name, status }) => `${name}: ${status}`)).toEqual([
      "settings: pass",
      "data folder: pass",
      "database: fail",
      "ledger: skipped",
      "GitHub: missing",
    ]);
    for (const hidden of [secret, "the-password", key.split("\n")[1] ?? ""]) expect(all).not.toContain(hidden);
  });

  test("one that is wrong is named, and nothing behind it is tried", async () => {
    const { all, serve } = await doctor({ ...environment, WEBHOOK_SECRET: "shorty" });
    expect(serve).toMatchObject([{ name: "settings", status: "fail", text: expect.stringContaining("WEBHOOK_SECRET") }]);
    expect(all).not.toContain("shorty");
  });
});
