import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

// The compiler takes a minute where both cores are busy.
it(
  "emits a package that runs as JavaScript, with the Ruby and SQL that it reads, and the scripts for compilers",
  { timeout: 240_000 },
  () => {
    const left = join(root, "dist", "demo", "kept-by-build");
    mkdirSync(dirname(left), { recursive: true });
    writeFileSync(left, "");
    execFileSync(process.execPath, [join(root, "src", "build.mjs")], { stdio: "pipe" });
    expect(existsSync(left), "what the demo left").toBe(true);
    rmSync(left);
    expect(readFileSync(join(root, "package.json"), "utf8")).toContain('"!dist/demo"');
    const cli = join(root, "dist", "cli.js");
    expect(execFileSync(process.execPath, [cli, "--help"], { encoding: "utf8" })).toContain("Usage: puppet-gate");
    const schema: unknown = JSON.parse(execFileSync(process.execPath, [cli, "schema", "policy"], { encoding: "utf8" }));
    expect(schema).toMatchObject({ title: "puppet-gate policy" });
    const read = (folder: string): string[] =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).filter(
        (file) => /\.(?:rb|sql|sh|json)$/u.test(file) && !file.startsWith("demo/"),
      );
    expect(read("dist").sort()).toEqual(read("src").sort());
    for (const script of ["config_version.sh", "enc.sh"])
      expect((statSync(join(root, "dist", "fleet", "scripts", script)).mode & 0o111).toString(8)).toBe("111");
  },
);
