import { describe, expect, it } from "vitest";
import { Sample } from "../../../src/engine/kept/sample.ts";

const names = Array.from({ length: 2000 }, (_, at) => `web${at}.example.net`);

describe("the sample", () => {
  it("is about as large as was asked for, the same for the same trees, and another for others", () => {
    const chosen = (seed: string): string[] => {
      const sample = new Sample(seed, 10);
      return names.filter((name) => sample.takes(name));
    };
    expect(chosen("a").length).toBeGreaterThan(150);
    expect(chosen("a").length).toBeLessThan(250);
    expect(chosen("a")).toEqual(chosen("a"));
    expect(chosen("a")).not.toEqual(chosen("b"));
    expect(names.filter((name) => new Sample("a", 100).takes(name))).toHaveLength(2000);
    expect(names.filter((name) => new Sample("a", 0).takes(name))).toEqual([]);
  });

  it("costs nothing where nothing is compiled, and little where little is", () => {
    const sample = new Sample("a", null);
    expect(names.some((name) => sample.takes(name))).toBe(false);
    sample.addReached();
    expect(names.filter((name) => sample.takes(name))).toHaveLength(1);
    for (let at = 0; at < 3; at += 1) sample.addReached();
    expect(names.filter((name) => sample.takes(name))).toEqual([]);
    sample.addReached();
    const fifth = names.filter((name) => sample.takes(name) && sample.chosen.has(name));
    expect(new Set([...fifth, ...sample.chosen]).size).toBe(2);
    for (let at = 0; at < 1000; at += 1) sample.addReached();
    const more = names.filter((name) => sample.takes(name)).length;
    expect(more).toBeGreaterThan(60);
    expect(more).toBeLessThan(140);
  });
});
