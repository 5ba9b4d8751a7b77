import { describe, expect, it } from "vitest";
import { examineAll, type DoctorPorts, type ServeSettings } from "../../src/engine/doctor.ts";
import type { Examination } from "../../src/engine/ports.ts";
import { Problem } from "../../src/problem.ts";

/** What is said of a machine, whatever is wrong with it. */
const wrong = (): never => {
  throw new Problem({ code: "x", text: "It is wrong.", hint: "Mend it." });
};
const settings: ServeSettings = {
  words: "App 7",
  dataFolder: async () => "/data",
  database: async () => "PostgreSQL 15",
  channels: async () => "ops, web",
  app: async () => ({ slug: "gate", missing: [] }),
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
  row("announcements", "pass", "ops, web"),
  row("GitHub", "pass", "it knows the App gate, which may do what app.yml asks for"),
];

describe("what is said of a machine", () => {
  it("has nothing of announcements where there are none", async () => {
    expect(await serve({ channels: null })).toEqual(all.filter(({ name }) => name !== "announcements"));
  });

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
  const hint = "Grant that on the App's settings page, and accept it where the App is installed.";
  it.each<[string, Partial<ServeSettings>, Examination]>([
    ["a file of channels that is wrong", { channels: async () => wrong() }, failed("announcements")],
    ["a data folder that is wrong", { dataFolder: async () => wrong() }, failed("data folder")],
    ["a database that is wrong", { database: async () => wrong() }, failed("database")],
    ["an App that is wrong", { app: async () => wrong() }, failed("GitHub")],
    ["GitHub that does not answer", { app: async () => null }, away],
    [
      "an App that may not do all",
      { app: async () => ({ slug: "gate", missing: ["checks", "contents"] }) },
      row("GitHub", "missing", "the App gate lacks checks, contents", hint),
    ],
  ])("has %s among what is right", async (_, more, expected) => {
    expect(await serve(more)).toEqual(all.map((one) => (one.name === expected.name ? expected : one)));
  });

  it("is nothing where the gate itself fails", async () => {
    const fault = async (): Promise<never> => {
      throw new TypeError("x is not a function");
    };
    await expect(serve({ database: fault })).rejects.toThrow("x is not a function");
  });
});
