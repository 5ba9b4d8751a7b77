import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

/**
 * The shape of the house as a test (src/README.md says it in prose): which room may import which, no clock or randomness in a pure
 * room, every room on the map. It reads imports as text, so it also counts what it read: a green that looked at nothing is none.
 */
const root = join(import.meta.dirname, "..");

/** For each room: the rooms it may import. Of `engine/` edges see `engine/ports/` alone; `problem.ts` and a room's own files are open to all. */
const pure = ["policy", "catalog", "gate", "rollout", "ledger", "measures", "plan"];
const mayImport: Record<string, readonly string[]> = {
  policy: [],
  catalog: ["policy"],
  gate: ["catalog", "policy", "ledger"],
  ledger: [],
  measures: ["ledger"],
  plan: [],
  rollout: ["policy"],
  process: [],
  git: [...pure, "process"],
  puppet: [...pure, "process"],
  fleet: [...pure, "process"],
  github: pure,
  store: pure,
  cache: pure,
  cli: pure,
  web: pure,
  notify: pure,
  metrics: pure,
  engine: pure,
};
/** May import anything: the places that wire the rooms together, and the world to try them in. */
const wiring = new Set(["main.ts", "cli.ts", "commands.ts", "wiring", "demo"]);
/** What a pure room may take from outside: schemas, files' syntax, patterns, conditions, digests. */
const purePackages = new Set(["zod", "yaml", "minimatch", "@marcbachmann/cel-js", "ignore", "canonicalize", "node:crypto"]);
const impure =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(env|hrtime|cwd)|\bperformance\.now|\brandomUUID\(|\brandomBytes\(|\bset(Timeout|Interval)\(/u;

interface Source {
  file: string;
  room: string;
  text: string;
  imports: string[];
}

const sources: Source[] = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => {
    const text = readFileSync(join(root, "src", file), "utf8");
    const imports = [
      ...text.matchAll(
        /^\s*(?:import|export)\b[^;'"]*?from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|^import\s+["']([^"']+)["']/gmu,
      ),
    ];
    return { file, room: roomOf(file), text, imports: imports.map((match) => match[1] ?? match[2] ?? match[3] ?? "") };
  });

function roomOf(file: string): string {
  return file.includes("/") ? (file.split("/", 1)[0] ?? "") : file;
}

/** The path below src/ that an import of `file` names; null for packages. */
const inside = (file: string, specifier: string): string | null =>
  specifier.startsWith(".") ? relative("src", normalize(join("src", dirname(file), specifier))) : null;

function wrongArrows({ file, room, imports }: Source): string[] {
  if (wiring.has(room)) return [];
  return imports.flatMap((specifier) => {
    const target = inside(file, specifier);
    if (target === null) {
      const isForeign = pure.includes(room) && !purePackages.has(specifier);
      return isForeign ? [`${file} imports ${specifier}: a pure room takes only ${[...purePackages].join(", ")}`] : [];
    }
    const to = roomOf(target);
    const allowed =
      to === room ||
      to === "problem.ts" ||
      (target.startsWith("engine/ports/") && !pure.includes(room)) ||
      (mayImport[room] ?? []).includes(to);
    return allowed ? [] : [`${file} imports ${target}: ${room} may import ${(mayImport[room] ?? []).join(", ") || "no other room"}`];
  });
}

describe("the house", () => {
  it("read the whole of src", () => {
    expect(sources.length).toBeGreaterThan(40);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(120);
  });

  it("has no import against the direction of the rooms", () => {
    expect(sources.flatMap(wrongArrows)).toEqual([]);
  });

  it("would see an import against the direction", () => {
    const wrong: Source = {
      file: "catalog/x.ts",
      room: "catalog",
      text: "",
      imports: ["../engine/check.ts", "execa", "../policy/load.ts"],
    };
    expect(wrongArrows(wrong)).toHaveLength(2);
  });

  it("has nothing but types where edges see the engine", () => {
    const ports = sources.filter(({ file }) => file.startsWith("engine/ports/"));
    expect(ports.length).toBeGreaterThan(20);
    expect(ports.filter(({ text }) => /^(?:import (?!type )|export (?!type |interface ))/mu.test(text)).map(({ file }) => file)).toEqual(
      [],
    );
  });

  it("has no clock, randomness or environment in a pure room", () => {
    const found = sources.filter(({ room }) => pure.includes(room)).filter(({ text }) => impure.test(text));
    expect(found.map(({ file }) => file)).toEqual([]);
  });

  it("knows every room, and its map names every room", () => {
    const map = readFileSync(join(root, "src", "README.md"), "utf8");
    const rooms = [...new Set(sources.map(({ room }) => room))].filter((room) => !room.endsWith(".ts"));
    expect(rooms.filter((room) => mayImport[room] === undefined && !wiring.has(room))).toEqual([]);
    expect(rooms.filter((room) => !map.includes(`\`${room}/\``))).toEqual([]);
    const onMap = [...map.matchAll(/^\| `([a-z]+)\/` /gmu)].map((match) => match[1] ?? "");
    expect(onMap.filter((room) => !existsSync(join(root, "src", room)))).toEqual([]);
  });

  it("has no file above 400 lines", () => {
    const long = sources.map(({ file, text }) => ({ file, lines: text.split("\n").length })).filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it("has no mark of unfinished work, and starts programs in one room only", () => {
    expect(sources.filter(({ text }) => /\b(?:TODO|FIXME|XXX)\b/u.test(text)).map(({ file }) => file)).toEqual([]);
    const starters = sources.filter(
      ({ imports, room }) =>
        room !== "process" && room !== "demo" && imports.some((name) => name === "execa" || name === "node:child_process"),
    );
    expect(starters.map(({ file }) => file)).toEqual([]);
  });
});
