import { describe, expect, it } from "vitest";
import { choiceKinds, compose, type Choices } from "../../../src/catalog/expect/compose.ts";
import { faultsOfExamples } from "../../../src/catalog/expect/examples.ts";
import { loadExpectation } from "../../../src/catalog/expect/load.ts";
import { Problem } from "../../../src/problem.ts";

const none: Choices = {
  that: "",
  resource: null,
  attribute: null,
  value: null,
  concern: null,
  service: null,
  percent: null,
  name: null,
  why: "It hurts.",
  ask: ["@acme/web"],
  severity: null,
};

const cases: Array<Partial<Choices> & { that: string }> = [
  { that: "has", resource: "Service[nginx]" },
  { that: "has", resource: 'File[C:\\a "b"]', attribute: "content", value: 'it\'s "so"\n' },
  { that: "has", resource: "nagios_service[a]", attribute: "ensure", value: "present", service: "web" },
  { that: "lacks", resource: "Package[telnetd]" },
  { that: "never", resource: "file", attribute: "mode", value: "0777" },
  { that: "always", resource: "Profile::Site", attribute: "owner" },
  { that: "secret", resource: "Profile::Db", attribute: "password" },
  ...["sudo", "firewall", "accounts", "ssh-keys", "login", "mounts"].map((concern) => ({ that: "asks", concern })),
  { that: "last", resource: "Service[dns]", service: "dns" },
  { that: "restarts", resource: "Service[postgresql]", percent: 10 },
  { that: "has", resource: "Service[nginx]", severity: "warn", name: "mine" },
];

describe("an expectation from choices", () => {
  it.each(cases)("$that $resource $concern loads, and its examples come out", (choices) => {
    const { text, name } = compose({ ...none, ...choices });
    const loaded = loadExpectation(text, "expectations/new.yml");
    if (!loaded.ok) throw new Error(`${JSON.stringify(loaded.problems)}\n${text}`);
    expect(loaded.expectation.name).toBe(name);
    expect(faultsOfExamples(loaded.expectation)).toEqual([]);
  });

  it("covers every kind", () => expect(new Set(cases.map(({ that }) => that))).toEqual(new Set(Object.keys(choiceKinds))));

  it.each([
    [{ that: "hass" }, "--that"],
    [{ that: "has" }, "--that has needs --resource"],
    [{ that: "has", resource: "nginx" }, "--resource"],
    [{ that: "never", resource: "File[/a]", attribute: "mode", value: "1" }, "--resource"],
    [{ that: "asks", concern: "tea" }, "--concern"],
    [{ that: "restarts", resource: "File[/a]", percent: 3 }, "--resource or --percent"],
    [{ that: "constructor" }, "--that"],
  ])("refuses %j", (choices, words) => {
    expect(() => compose({ ...none, ...choices })).toThrow(Problem);
    expect(() => compose({ ...none, ...choices })).toThrow(words);
  });
});
