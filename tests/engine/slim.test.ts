import { expect, it } from "vitest";
import { forecastRestarts } from "../../src/catalog/restarts.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { slim } from "../../src/engine/slim.ts";
import { catalog, type Short } from "../catalog/build.ts";

const of = (content: string): readonly Short[] => [
  ["File[/a]", { content, path: "/a", notify: "Exec[reload]" }],
  ["Exec[reload]", { command: "/bin/true", refreshonly: true, before: "Service[x]" }],
  ["Service[x]", { ensure: "running", subscribe: "Exec[reload]", flags: "-v" }],
  ["Service[y]", { ensure: "running", require: "File[/a]" }],
  ["Concat_fragment[f]", { content, target: "/b", tag: "b" }],
  ["Concat_file[/b]", { path: "/b", tag: "b", notify: "Service[y]", noop: false, alias: "b", name: "b" }],
];

it("a catalog without its values forecasts the same restarts, and is without them", () => {
  const [before, after] = [catalog(of("1")), catalog(of("2"))];
  const changes = diffCatalogs(before, after);
  const whole = forecastRestarts(after, changes);
  expect(whole.map(({ title }) => title).sort()).toEqual(["x", "y"]);
  const slimmed = slim(after);
  expect(forecastRestarts(slimmed, changes)).toEqual(whole);
  expect(slimmed.resources.map(({ parameters }) => [...parameters.keys()].sort().join())).toEqual([
    "notify,path",
    "before,refreshonly",
    "ensure,subscribe",
    "ensure,require",
    "tag,target",
    "alias,name,noop,notify,path,tag",
  ]);
});
