import type { Fault } from "./issues.ts";
import { YamlSource } from "./yaml-source.ts";

/** What is wrong with a policy file, where (both from 1), and what to do. */
export interface PolicyProblem {
  path: string;
  line: number;
  column: number;
  text: string;
  hint: string;
}

export interface Refused {
  ok: false;
  problems: PolicyProblem[];
}

/** More than anybody reads at once; those that are left are told once these are mended. */
const mostProblems = 100;

/** Faults of the file that people know as `path`, in the order of its lines. */
export const refusedFor = (path: string, faults: readonly Fault[]): Refused => ({
  ok: false,
  problems: faults
    .map(({ line, column, text, hint }) => ({ path, line, column, text, hint }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, mostProblems),
});

/** A file's YAML; one that says nothing is none, and `whenEmpty` tells what to do about that. */
export function readYaml(text: string, whenEmpty: string): { ok: true; source: YamlSource } | { ok: false; faults: readonly Fault[] } {
  const yaml = YamlSource.parse(text);
  if (!yaml.ok || yaml.source.value !== null) return yaml;
  return { ok: false, faults: [{ line: 1, column: 1, text: "The file is empty.", hint: whenEmpty }] };
}
