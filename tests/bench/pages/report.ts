import type { Report } from "../../../src/gate/report.ts";
import { report } from "../../gate/world.ts";

/** A report as a large fleet has them: 2,000 nodes, of which a third change, in 60 effects. */
export function reportOfFleet(): Report {
  const nodes = Array.from({ length: 2_000 }, (_, at): Report["nodes"][number] => ({
    certname: `node${at}.example.com`,
    outcome: at % 3 === 0 ? "changed" : "unchanged",
    reason: null,
    services: [`service${at % 60}`],
    datacentre: `dc${at % 4}`,
    cached: false,
  }));
  const changing = nodes.filter(({ outcome }) => outcome === "changed").map(({ certname }) => certname);
  const groups = Array.from({ length: 60 }, (_, at): Report["groups"][number] => ({
    type: "File",
    title: `/etc/service${at}.conf`,
    attribute: "content",
    change: "changed",
    kind: "system",
    before: `pause = ${at}\n`.repeat(20),
    after: `pause = ${at + 1}\n`.repeat(20),
    nodes: changing.filter((_name, n) => n % 6 === at % 6),
    source: { path: "site-modules/profile/manifests/init.pp", line: at + 1 },
  }));
  const capacity = Array.from({ length: 60 }, (_, at) => ({
    service: `service${at}`,
    datacentre: `dc${at % 4}`,
    nodes: 33,
    changing: 11,
    restarting: at % 3,
  }));
  return report({
    nodes,
    groups,
    radius: {
      nodes: changing.length,
      share: 1 / 3,
      services: capacity.map(({ service }) => service),
      datacentres: ["dc0", "dc1", "dc2", "dc3"],
      restarts: [],
      capacity,
      size: "large",
    },
  });
}
