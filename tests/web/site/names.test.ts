import { expect, it } from "vitest";
import { withoutNames } from "../../../src/web/site/names.ts";

it.each<[string, unknown, unknown]>([
  ["in lists", { certnames: ["web1.example.com"] }, { certnames: ["a node"] }],
  ["in sentences", { certname: "web1.example.com", text: "It broke web1.example.com." }, { certname: "a node", text: "It broke a node." }],
  ["in any case", [{ certnames: ["web1"] }, "WEB1, web10 and web1: no"], [{ certnames: ["a node"] }, "a node, web10 and a node: no"]],
  ["nowhere else", { certnames: ["web1"], count: 3, none: null }, { certnames: ["a node"], count: 3, none: null }],
])("names of nodes are left out %s", (_name, value, expected) => {
  expect(withoutNames(value)).toEqual(expected);
});

it("leaves out names that are given, and keeps moments", () => {
  const at = new Date(0);
  expect(withoutNames({ at, text: "db1 fails" }, ["db1"])).toEqual({ at, text: "a node fails" });
});
