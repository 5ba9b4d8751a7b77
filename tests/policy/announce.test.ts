import { describe, expect, it } from "vitest";
import { loadPolicy } from "../../src/policy/load.ts";
import { mergePolicies } from "../../src/policy/merge.ts";

const around = `version: 1
lanes:
  - { name: canary, members: { certnames: [a] } }
  - { name: rest }
services:
  - { name: web, owners: ["@acme/web"], match: 'certname == "a"' }
`;

function read(text: string): unknown {
  const loaded = loadPolicy(text, "puppet-gate.yml");
  return loaded.ok
    ? loaded.policy.announce
    : loaded.problems.map(({ line, column, text: what, hint }) => `${line}:${column}: ${what} ${hint}`);
}

const all = ["start", "halt", "done"];

describe("who hears of releases", () => {
  it.each<[string, string, unknown]>([
    ["nobody, unless it is said", around, []],
    ["everything", `${around}announce: [{ to: ops }]`, [{ to: "ops", lanes: null, services: null, owners: null, events: all }]],
    [
      "some of it",
      `${around}announce: [{ to: web-team, lanes: [canary], services: [web], owners: ["@Acme/Web"], events: [halt] }]`,
      [{ to: "web-team", lanes: ["canary"], services: ["web"], owners: ["@Acme/Web"], events: ["halt"] }],
    ],
    [
      "a lane that is not there",
      `${around}announce:\n  - { to: ops, lanes: [canry] }`,
      ['8:24: `announce[0].lanes[0]` is "canry", and no lane has that name. Did you mean `canary`?'],
    ],
    [
      "a service that is not there, and an owner of none",
      `${around}announce:\n  - { to: ops, services: [mail] }\n  - { to: ops, owners: ["@bob"] }`,
      [
        '8:27: `announce[0].services[0]` is "mail", and no service has that name. Take one of these: web.',
        '9:25: `announce[1].owners[0]` is "@bob", and that owns no service. Take one of these: @acme/web.',
      ],
    ],
    ["an organisation's file, which knows no lanes", "version: 1\nannounce: [{ to: ops, lanes: [canary] }]", [expect.anything()]],
    [
      "an event that there is not",
      `${around}announce:\n  - { to: ops, events: [stop] }`,
      ['8:25: `announce[0].events[0]` is "stop"; expected `start` or `halt` or `done`. Write `start` or `halt` or `done`.'],
    ],
    [
      "an address, which belongs to the site",
      `${around}announce:\n  - { to: ops, url: "https://hooks.example.com/secret" }`,
      ["8:16: `url` is not known in `announce[0]`. Remove it. What is known there: `to`, `lanes`, `services`, `owners`, `events`."],
    ],
    [
      "an address for a name",
      `${around}announce:\n  - { to: "https://hooks.example.com/secret" }`,
      [expect.stringMatching(/^8:11: `announce\[0\]\.to` is .*; expected a name of letters/u)],
    ],
  ])("%s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it("is the organisation's word until the repository has its own", () => {
    const layer = (text: string) => {
      const loaded = loadPolicy(`version: 1\n${text}\n`, "puppet-gate.yml");
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
      return loaded;
    };
    const merged = (own: string): unknown => {
      const together = mergePolicies(layer("announce: [{ to: all }]"), layer(own));
      return together.ok ? together.policy.announce.map(({ to }) => to) : together.problems;
    };
    expect([merged("mode: observe"), merged("announce: [{ to: own }]"), merged("announce: []")]).toEqual([["all"], ["own"], []]);
  });
});
