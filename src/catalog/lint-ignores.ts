import type { Finding } from "./effects.ts";
import type { ChangedLines, SideTexts } from "./lint-debt.ts";

/**
 * What puppet-lint's `data.rb` takes for the order to ignore a check, wherever it stands: whether it is in a comment, and in which of
 * Puppet's three kinds, is not asked, because every such rule is a way to hide one. Better one question too many.
 */
const order = /lint:ignore:(\w+)/g;

interface Ignore {
  check: string;
  line: number;
  /** The text of its line: a comment that stands alone is the same wherever it moves, one behind code belongs to that code. */
  text: string;
}

/**
 * The `lint:ignore` comments that a change adds, as findings: what would have been found there is no longer shown, so somebody has to
 * look. They are warnings, which block, unless the policy allows them; then they are notices, and still shown. A changed manifest
 * whose text is not at hand is a finding too.
 */
export function addedIgnores(changed: readonly ChangedLines[], texts: SideTexts, ignores: "block" | "allow"): Finding[] {
  const severity = ignores === "allow" ? "notice" : "warning";
  return changed.filter(isManifest).flatMap((file) => {
    const head = texts.head.get(file.path);
    if (head === undefined) return [finding(file, null, "lint-ignore-unknown", "error", unread)];
    const before = ignoresOf(texts.base.get(file.oldPath ?? file.path) ?? "");
    const byLine = Map.groupBy(subtract(ignoresOf(head), before, file.added), ({ line }) => line);
    return [...byLine].map(([line, added]) => finding(file, line, "lint-ignore-added", severity, wordsFor(added)));
  });
}

const unread = "this file could not be read as a manifest, so it is not known whether it tells puppet-lint to ignore anything";
const wordsFor = (added: readonly Ignore[]): string =>
  `the change tells puppet-lint to ignore ${[...new Set(added.map(({ check }) => check))].join(", ")} here`;

/** A path that is not UTF-8 is quoted as git does, and so ends with a quotation mark. */
const isManifest = (file: ChangedLines): boolean => file.status !== "removed" && file.path.replace(/"$/, "").endsWith(".pp");

const finding = (file: ChangedLines, line: number | null, code: string, severity: Finding["severity"], message: string): Finding => ({
  check: "lint",
  severity,
  path: file.path,
  line,
  column: null,
  code,
  message,
  onChangedLine: line !== null && file.added.has(line),
});

function ignoresOf(text: string): Ignore[] {
  return text
    .split("\n")
    .flatMap((lineText, at) => [...lineText.matchAll(order)].map(([, check = ""]) => ({ check, line: at + 1, text: lineText.trim() })));
}

/** What is in `head` and not in `base`, as multisets; of equal ones, those on unchanged lines are taken for the old ones. */
function subtract(head: readonly Ignore[], base: readonly Ignore[], addedLines: ReadonlySet<number>): Ignore[] {
  const key = ({ check, text }: Ignore): string => JSON.stringify([check, text]);
  const left = new Map<string, number>();
  for (const one of base) left.set(key(one), (left.get(key(one)) ?? 0) + 1);
  const isNew = (one: Ignore): boolean => {
    const count = left.get(key(one)) ?? 0;
    left.set(key(one), count - 1);
    return count <= 0;
  };
  return head
    .toSorted((a, b) => Number(addedLines.has(a.line)) - Number(addedLines.has(b.line)))
    .filter((one) => isNew(one))
    .toSorted((a, b) => a.line - b.line);
}
