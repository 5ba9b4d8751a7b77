/** One way of judging the change, and how long it took. */
export interface Row {
  what: string;
  nodes: number;
  /** One number a run, in milliseconds; empty where the row was computed from another one. */
  runs: readonly number[];
  /** Median of the runs, or the computed number. */
  milliseconds: number;
  note: string;
}

export interface Machine {
  cores: number;
  /** Processes that wanted a core during the last minute, on average. */
  load: number;
  memoryGib: number;
  processor: string;
  versions: Record<string, string>;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("there is no median of nothing");
  return (low + high) / 2;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;

const head = ["what", "nodes", "both sides", "a node", "runs", "as fast as the loop"];

/** Columns of a row; `loop` is the loop's time over as many nodes. */
function cells(row: Row, loop: number): string[] {
  const spread = row.runs.length > 1 ? `, ${seconds(Math.min(...row.runs))} to ${seconds(Math.max(...row.runs))}` : "";
  return [
    row.note === "" ? row.what : `${row.what} (${row.note})`,
    String(row.nodes),
    seconds(row.milliseconds),
    `${Math.round(row.milliseconds / row.nodes)} ms`,
    row.runs.length === 0 ? "computed" : `${row.runs.length}${spread}`,
    `${(loop / row.milliseconds).toFixed(1)} x`,
  ];
}

/** The result as a Markdown table, or laid out for a terminal. `loopOf` gives the loop's milliseconds for a number of nodes. */
export function renderTable(rows: readonly Row[], loopOf: (nodes: number) => number, markdown: boolean): string {
  const table = [head, ...rows.map((row) => cells(row, loopOf(row.nodes)))];
  const widths = head.map((_, column) => Math.max(...table.map((line) => (line[column] ?? "").length)));
  // The first column is words; the others are numbers, and read best to the right.
  const laid = table.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  );
  if (!markdown) return laid.map((line) => line.join("   ")).join("\n");
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [laid[0] ?? [], rule, ...laid.slice(1)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

export function renderMachine({ cores, load, memoryGib, processor, versions }: Machine): string {
  const programs = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return `${cores} ${cores === 1 ? "core" : "cores"} (${processor}), ${memoryGib} GiB of memory, load ${load.toFixed(1)} at the end; ${programs.join(", ")}`;
}
