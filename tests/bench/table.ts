/** What one kind of measurement found. */
export interface Section {
  rows: readonly Row[];
  /** What has to be known to read them. */
  about: string;
}

export interface Row {
  what: string;
  measured: string;
  /** What it must not exceed; empty where nothing was promised. */
  promised: string;
  /** What people would do without it, in the same run; empty where there is nothing. */
  instead: string;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("there is no median of nothing");
  return (low + high) / 2;
}

export const seconds = (milliseconds: number): string =>
  `${(milliseconds / 1000).toFixed(milliseconds < 1_000 ? 2 : milliseconds < 10_000 ? 1 : 0)} s`;

export const wholeMs = (milliseconds: number): string => `${Math.round(milliseconds)} ms`;

/** The median of some runs, and between what they lay. */
export function ofRuns(runs: readonly number[]): string {
  const spread = runs.length > 1 ? ` (${runs.length} runs, ${seconds(Math.min(...runs))} to ${seconds(Math.max(...runs))})` : "";
  return `${seconds(median(runs))}${spread}`;
}

/** The rows as a Markdown table, or laid out for a terminal. */
export function renderTable(rows: readonly Row[], markdown: boolean): string {
  const cells = [["what", "measured", "promised", "instead"], ...rows.map((row) => [row.what, row.measured, row.promised, row.instead])];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((line) => (line[column] ?? "").length)));
  const laid = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  if (!markdown) return laid.map((line) => line.join("   ").trimEnd()).join("\n");
  const rule = widths.map((width) => "-".repeat(width));
  return [laid[0] ?? [], rule, ...laid.slice(1)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
