import * as fc from "fast-check";

/** Values that programs stumble over. */

/** Names that every object has, or that mean something to a language's machinery. */
export const trickyNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "name",
  "get",
  "",
  " ",
  "0",
  "-1",
  "null",
  "undefined",
  "a.b",
  "../..",
] as const;
export const trickyName = fc.constantFrom(...trickyNames);

/** What stands for a text of a megabyte: made only where it is used, since every input is kept while it is shrunk. */
const long = fc.constantFrom("x", "é", "/", "\n", "> ", "`", "{", "💥").map((part) => part.repeat(Math.ceil(1_000_000 / part.length)));

export const trickyText = fc.oneof(
  { weight: 6, arbitrary: trickyName },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "\0",
      "a\0b",
      "\ud800",
      "\u202egpj.exe",
      "\u2028/merge",
      "\ufeff",
      "%s%n",
      "${7*7}",
      "{{x}}",
      "<script>alert(1)</script>",
      "'; drop table changes; --",
      "NaN",
      "1e999",
      "9".repeat(400),
      "2026-13-45T99:99:99Z",
      "+275760-09-13T00:00:00.001Z",
      "-000001-01-01T00:00:00Z",
      "0".repeat(40),
      "b".repeat(40),
      "B".repeat(40),
    ),
  },
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat(199).chain((at) => (at === 0 ? long : fc.constant("x".repeat(at * 10)))) },
);

export const trickyNumber = fc.constantFrom(
  0,
  -0,
  -1,
  0.5,
  1e21,
  1e308,
  -1e308,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53),
  5e-324,
);

/** Anything that JSON can say, with such names and values. */
export const trickyJson: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(fc.constantFrom(null, true, false), trickyNumber, trickyText),
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tie("leaf"),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.array(fc.tuple(trickyName, tie("any")), { maxLength: 4 }).map(asObject),
  ),
})).any;

/** As `JSON.parse` makes it: `__proto__` is a name like any other. */
function asObject(entries: readonly (readonly [string, unknown])[]): unknown {
  return JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(",")}}`);
}

/** What is done to one place of a value: `at` counts its places from anywhere. */
export interface Edit {
  at: number;
  how: "replace" | "remove" | "wrap" | "add";
  name: string;
  value: unknown;
}

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    how: fc.constantFrom<Edit["how"]>("replace", "replace", "replace", "remove", "wrap", "add"),
    name: trickyName,
    value: trickyJson,
  }),
  { minLength: 0, maxLength: 4 },
);

/** The value with some of its places changed. */
export const edited = (value: unknown, all: readonly Edit[]): unknown => all.reduce(editOnce, value);

function editOnce(value: unknown, edit: Edit): unknown {
  const places = placesOf(value);
  const place = places[edit.at % places.length] ?? [];
  return at(value, place, edit);
}

function placesOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, each]) => placesOf(each).map((rest) => [key, ...rest]))];
}

function at(value: unknown, [key, ...rest]: readonly string[], edit: Edit): unknown {
  if (key === undefined) {
    if (edit.how === "wrap") return [value];
    if (edit.how === "add" && typeof value === "object" && value !== null && !Array.isArray(value))
      return asObject([...Object.entries(value), [edit.name, edit.value]]);
    return edit.value;
  }
  const whole = value as Record<string, unknown>;
  if (rest.length === 0 && edit.how === "remove") {
    if (Array.isArray(value)) return (value as unknown[]).filter((_, index) => String(index) !== key);
    return asObject(Object.entries(whole).filter(([name]) => name !== key));
  }
  const inner = at(whole[key], rest, edit);
  if (Array.isArray(value)) return (value as unknown[]).map((each, index) => (String(index) === key ? inner : each));
  return asObject(Object.entries(whole).map(([name, each]) => [name, name === key ? inner : each]));
}
