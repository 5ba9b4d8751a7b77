import { expect, it } from "vitest";
import { toCapacity } from "../../src/catalog/capacity.ts";

const node = (certname: string, services: string[], datacentre: string | null) => ({ certname, services, datacentre });
const fleet = [
  node("web1", ["web"], "lon"),
  node("web2", ["web"], "lon"),
  node("web3", ["web", "cache"], "ash"),
  node("db1", ["db"], "ash"),
  node("lost", [], null),
  node("twice", ["cache", "cache"], null),
];

it("says of each reached service how many of its nodes change and restart, in each of its datacentres", () => {
  expect(toCapacity(new Set(["web1", "lost"]), fleet, [{ certnames: ["web1"] }, { certnames: ["web1"] }])).toEqual([
    { service: "web", datacentre: "ash", nodes: 1, changing: 0, restarting: 0 },
    { service: "web", datacentre: "lon", nodes: 2, changing: 1, restarting: 1 },
    { service: null, datacentre: null, nodes: 1, changing: 1, restarting: 0 },
  ]);
});

it("counts a node for each of its services, and once for one that it has twice", () => {
  expect(
    toCapacity(new Set(["web3", "twice"]), fleet, []).map(({ service, datacentre, nodes, changing }) => [
      service,
      datacentre,
      nodes,
      changing,
    ]),
  ).toEqual([
    ["cache", "ash", 1, 1],
    ["cache", null, 1, 1],
    ["web", "ash", 1, 1],
    ["web", "lon", 2, 0],
  ]);
});

it("has nothing to say where nothing is reached", () => {
  expect(toCapacity(new Set(), fleet, [{}])).toEqual([]);
});
