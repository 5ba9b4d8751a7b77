import { describe, expect, it } from "vitest";
import { Binary, Secret, type Value } from "../../src/catalog/catalog.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { Volatile } from "../../src/catalog/volatile.ts";
import { catalog } from "./build.ts";

/** What differs between two compiles of base is no change's doing; whatever differs besides, is. */
interface Case {
  name: string;
  /** Base, base again, head: a content of /etc/x, or its other attributes. */
  values: [Value, Value, Value];
  left: boolean;
}
const made = (time: string, body = "port 80"): string => `# made at ${time} by app\n${body}\n`;

const cases: Case[] = [
  { name: "a time", values: [made("06:10:01"), made("06:10:02"), made("06:11:59")], left: false },
  { name: "a time beside a real edit", values: [made("06:10:01"), made("06:10:02"), made("06:11:59", "port 81")], left: true },
  { name: "the line of the time rewritten", values: [made("06:10:01"), made("06:10:02"), "# made by app\nport 80\n"], left: true },
  { name: "a line more", values: [made("06:10:01"), made("06:10:02"), `${made("06:10:03")}more\n`], left: true },
  { name: "lines that come and go by chance", values: ["a\n", "a\nb\n", "c\n"], left: true },
  {
    name: "a random item",
    values: [
      ["a", "x1"],
      ["a", "x2"],
      ["a", "x3"],
    ],
    left: false,
  },
  {
    name: "a random item, and another one edited",
    values: [
      ["a", "x1"],
      ["a", "x2"],
      ["b", "x3"],
    ],
    left: true,
  },
  {
    name: "a random entry of a hash",
    values: [
      { a: 1, b: 2 },
      { a: 1, b: 3 },
      { a: 1, b: 4 },
    ],
    left: false,
  },
  { name: "a random entry, and a key more", values: [{ a: 1 }, { a: 2 }, { a: 3, b: 4 }], left: true },
  { name: "a random number that becomes a text", values: [1, 2, "3"], left: true },
  { name: "a salted secret", values: [new Secret("1"), new Secret("2"), new Secret("3")], left: false },
  { name: "random bytes", values: [new Binary("1", 9), new Binary("2", 9), new Binary("3", 9)], left: false },
  { name: "what is the same at every compile", values: ["a", "a", "b"], left: true },
];

const of = (value: Value): ReturnType<typeof catalog> => catalog([["File[/etc/x]", { content: value, mode: "0644" }]]);

describe("Volatile", () => {
  it.each(cases)("case 58: $name: stays $left", ({ values: [first, second, head], left }) => {
    const volatile = new Volatile();
    volatile.add(of(first), of(second));
    const { kept, masked } = volatile.split(diffCatalogs(of(first), of(head)));
    expect(kept).toHaveLength(left ? 1 : 0);
    expect(masked).toHaveLength(left ? 0 : 1);
  });

  it("random titles are known by their type, their number and what is said of them", () => {
    const titled = (title: string, message = "m", ...more: string[]): ReturnType<typeof catalog> =>
      catalog([title, ...more].map((each) => [`Notify[${each}]`, { message }] as const));
    const volatile = new Volatile();
    volatile.add(titled("run 17"), titled("run 18"));
    const kept = (head: ReturnType<typeof catalog>): number => volatile.split(diffCatalogs(titled("run 17"), head)).kept.length;
    expect(kept(titled("run 99"))).toBe(0);
    expect(kept(titled("walk 99"))).toBe(2);
    expect(kept(titled("run 99", "another"))).toBe(2);
    expect(kept(titled("run 99", "m", "run 100"))).toBe(3);
  });
});
