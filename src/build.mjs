// Emits the package into dist/: Node strips no types under node_modules, so what is published has to be JavaScript. Beside the code go
// the files that it reads at run time: the Ruby of the sandbox, the SQL of the migrations, and the shell scripts for compilers.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");
const target = join(root, "dist");

// What the demo did lies there too, and stays: its ledger is asked afterwards.
for (const name of existsSync(target) ? readdirSync(target) : [])
  if (name !== "demo") rmSync(join(target, name), { recursive: true, force: true });
const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", join(root, "tests/tsconfig.build.json")], { stdio: "inherit" });
if (tsc.status !== 0) process.exit(1);
for (const file of readdirSync(source, { recursive: true })) {
  if (/\.(?:rb|sql|sh)$/u.test(file) && !file.startsWith("demo/")) cpSync(join(source, file), join(target, file));
}
chmodSync(join(target, "cli.js"), 0o755);
