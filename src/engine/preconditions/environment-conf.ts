import type { Unplaced } from "../../catalog/finding.ts";
import { createHash } from "node:crypto";
import { precondition } from "./finding.ts";

const path = "environment.conf";

/** sha256 of the `config_version.sh` that this package ships, and of those that it shipped before. */
export const shipped: ReadonlySet<string> = new Set(["649435ff19dcc318c9e940d78a12497dd185385fe9476de0acc1dfbc3df135a0"]);

interface Setting {
  name: string;
  value: string;
  line: number;
}

/** As Puppet reads them: one a line, the first of two counts, those of other sections than `[main]` don't. */
function settingsOf(text: string): Setting[] {
  const found = new Map<string, Setting>();
  let section = "main";
  for (const [at, line] of text.split(/\r?\n/u).entries()) {
    section = /^\s*\[(\w+)\]\s*$/u.exec(line)?.[1] ?? section;
    const [, name, value = ""] = /^\s*(\w+)\s*=(.*)$/u.exec(line) ?? [];
    if (name !== undefined && section === "main" && !found.has(name))
      found.set(name, { name, value: value.trim().replace(/^["']|["']$/gu, ""), line: at + 1 });
  }
  return [...found.values()];
}

/** Settings whose meaning is another in each lane. `config_version` may be told the environment: it only says which code it was. */
export const laneNames = (text: string): Unplaced[] =>
  settingsOf(text)
    .filter(({ name, value }) => name !== "config_version" && /\$\{?environment\b/u.test(value))
    .map(({ name, line }) => precondition("lane-name", { path, line }, `${name} has the lane's name in it`));

/** What a catalog's version has to be, and how to have it so. */
const remedy =
  "copy config_version.sh of this package to scripts/ and write `config_version = scripts/config_version.sh` (docs/rollout-site.md)";

/** A program of the repository that `config_version` names: its path in the tree, or null where it is none of it. */
export function versionScript(text: string | null): string | null {
  const value = settingsOf(text ?? "").find(({ name }) => name === "config_version")?.value ?? "";
  const [program = ""] = value.split(/\s+/u);
  const inside = program.replace(/^(?:\$\{?(?:environmentpath|codedir)\}?\/(?:environments\/)?)?(?:\$\{?environment\}?\/)?(?:\.\/)?/u, "");
  return inside === "" || inside.startsWith("/") || inside.includes("$") || inside.split("/").includes("..") ? null : inside;
}

/**
 * Whether the version of a catalog names the whole commit that it was compiled from: without that, no run tells which release it had. Known are our own script
 * and commands that print a whole id by git; any other may, and is not known to.
 */
export function versionFindings(text: string | null, script: { path: string; content: Buffer | null } | null): Unplaced[] {
  const setting = settingsOf(text ?? "").find(({ name }) => name === "config_version");
  const timeout = settingsOf(text ?? "").find(({ name }) => name === "environment_timeout");
  return [...version(setting, script), ...timeouts(timeout)];
}

function version(setting: Setting | undefined, script: { path: string; content: Buffer | null } | null): Unplaced[] {
  const found = (line: number | null, why: string): Unplaced[] => [precondition("config-version", { path, line }, `${why}: ${remedy}`)];
  if (setting === undefined) return found(null, "there is no config_version, so no agent's run tells which commit it had");
  const { line, value } = setting;
  if (printsCommit(value)) return [];
  if (script === null) return found(line, "whether config_version prints the whole commit is not known");
  if (script.content === null) return found(line, `config_version is ${script.path}, which is not there: every catalog would fail`);
  if (shipped.has(createHash("sha256").update(script.content).digest("hex"))) return [];
  return printsCommit(script.content.toString("utf8")) ? [] : found(line, `whether ${script.path} prints the whole commit is not known`);
}

/** `git rev-parse HEAD` as the only way, and never cut short. */
const printsCommit = (text: string): boolean =>
  /\brev-parse\s+(?:--verify\s+)?HEAD\b/u.test(text) && !/--short|\bcut\b|\bhead -c|\[0\.\.|\[0, ?\d|%h\b|\bdate\b/u.test(text);

function timeouts(setting: Setting | undefined): Unplaced[] {
  if (setting === undefined || /^(?:0|unlimited)$/u.test(setting.value)) return [];
  const text = `environment_timeout is ${JSON.stringify(setting.value.slice(0, 40))}: a compiler's processes would serve two releases side by side. Take 0, or unlimited with a \`flush\` (docs/rollout-site.md)`;
  return [precondition("environment-timeout", { path, line: setting.line }, text)];
}
