import { describe, expect, it } from "vitest";
import { refOf } from "../../src/catalog/catalog.ts";
import { importedChanges } from "../../src/catalog/importers.ts";
import { forecastImported } from "../../src/catalog/imported-restarts.ts";
import { catalog, resource, type Short } from "./build.ts";

/** What restarts on a node that imports what web1 exports, from both sides' exports and the importer's catalog after the change. */
interface Case {
  name: string;
  before: Short[];
  after: Short[];
  importer: Short[];
  contains?: Record<string, readonly string[]>;
  restarts: string[];
  blind: string[];
}

const part = (title: string, text: string): Short => [`Monitor_part[${title}]`, { text }];
const define = (title: string, text: string): Short => [`Monitor::Check[${title}]`, { text }];
const running: Short = ["Service[monitor]", { ensure: "running" }];
/** A class that collects, and that the service listens to. */
const listening: Short = ["Service[monitor]", { ensure: "running", subscribe: "Class[Monitor]" }];
const monitor: Short = ["Class[Monitor]"];

const cases: Case[] = [
  {
    name: "one that the importer has, by the class that collected it",
    before: [part("web1", "1")],
    after: [part("web1", "2")],
    importer: [monitor, listening, part("web1", "1")],
    contains: { "Class[Monitor]": ["Monitor_part[web1]"] },
    restarts: ["Service[monitor] <- Monitor_part[web1]"],
    blind: [],
  },
  {
    name: "one that comes for the first time, as its like that was collected there",
    before: [part("web1", "1")],
    after: [part("web1", "1"), part("web2", "1")],
    importer: [monitor, listening, part("web1", "1")],
    contains: { "Class[Monitor]": ["Monitor_part[web1]"] },
    restarts: ["Service[monitor] <- Monitor_part[web2]"],
    blind: [],
  },
  {
    name: "one of which the importer's catalog has nothing alike is not known",
    before: [part("web1", "1")],
    after: [part("web1", "2")],
    importer: [monitor, listening],
    restarts: [],
    blind: ["Monitor_part[web1]"],
  },
  {
    name: "but for what it notifies itself",
    before: [["Monitor_part[web1]", { text: "1", notify: "Service[monitor]" }]],
    after: [["Monitor_part[web1]", { text: "2", notify: "Service[monitor]" }]],
    importer: [running],
    restarts: ["Service[monitor] <- Monitor_part[web1]"],
    blind: ["Monitor_part[web1]"],
  },
  {
    name: "a fragment of the importer's own file",
    before: [["Concat_fragment[web1]", { target: "/etc/lb", content: "1" }]],
    after: [["Concat_fragment[web1]", { target: "/etc/lb", content: "2" }]],
    importer: [running, ["Concat_file[/etc/lb]", { notify: "Service[monitor]" }], ["Concat_fragment[web1]", { target: "/etc/lb" }]],
    restarts: ["Service[monitor] <- Concat_fragment[web1] of /etc/lb"],
    blind: [],
  },
  {
    name: "all that a define made there may change",
    before: [define("web1", "1")],
    after: [define("web1", "2")],
    importer: [running, define("web1", "1"), ["File[/etc/check]", { notify: "Service[monitor]" }]],
    contains: { "Monitor::Check[web1]": ["File[/etc/check]"] },
    restarts: ["Service[monitor] <- Monitor::Check[web1]"],
    blind: [],
  },
  {
    name: "what a define makes that comes for the first time is not known, whatever is there of its kind",
    before: [define("web1", "1")],
    after: [define("web1", "1"), define("web2", "1")],
    importer: [running, define("web1", "1")],
    restarts: [],
    blind: ["Monitor::Check[web2]"],
  },
  {
    name: "what goes restarts nothing",
    before: [part("web1", "1")],
    after: [],
    importer: [monitor, listening],
    restarts: [],
    blind: [],
  },
  {
    name: "a node that runs nothing restarts nothing",
    before: [part("web1", "1")],
    after: [part("web1", "2")],
    importer: [monitor, ["Service[monitor]", { ensure: "stopped" }]],
    restarts: [],
    blind: [],
  },
];

describe("restarts on nodes that import what others export", () => {
  it.each(cases)("$name", ({ before, after, importer, contains, restarts, blind }) => {
    const exported = (shorts: readonly Short[]) => shorts.map((short) => ({ ...resource(short), exported: true }));
    const collectors = [...before, ...after].map((short) => ({ type: resource(short).type, filter: null }));
    const exporter = { certname: "web1", before: exported(before), after: exported(after) };
    const found = importedChanges([exporter], [{ certname: "mon1", before: collectors, after: collectors }], true)?.byNode.get("mon1");
    const told = forecastImported(
      catalog(importer, contains, "mon1"),
      found?.changes ?? [],
      found?.resources ?? [],
      new Set(exporter.before.map(refOf)),
    );
    expect(told.restarts.map(({ type, title, causes }) => `${type}[${title}] <- ${causes.join(", ")}`)).toEqual(restarts);
    expect(told.blind).toEqual(blind);
  });
});
