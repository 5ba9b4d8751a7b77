import type { styleText } from "node:util";
import type { Examination } from "../engine/ports/doctor.ts";
import { plain } from "./plain.ts";
import type { Paint } from "./paint.ts";

type Style = Parameters<typeof styleText>[0];

const parts: Record<Examination["part"], string> = {
  programs: "Programs",
  host: "This machine",
  sandbox: "The sandbox, tried",
  serve: "Settings of `serve`",
  rollout: "Rollouts",
};
const styles: Record<Examination["status"], Style> = { pass: "green", fail: "red", missing: "red", advice: "yellow", skipped: "dim" };

/** What was found, part by part, and what to do about it. */
export function renderExaminations(found: readonly Examination[], paint: Paint): string {
  const widest = Math.max(...found.map(({ name }) => name.length));
  const sections = Object.entries(parts).flatMap(([part, title]) => {
    const rows = found.filter((each) => each.part === part);
    return rows.length === 0 ? [] : [[paint("bold", title), ...rows.flatMap((row) => rowLines(row, widest, paint))].join("\n")];
  });
  return `${[...sections, verdict(found, paint)].join("\n\n")}\n`;
}

function rowLines({ name, status, text, hint }: Examination, widest: number, paint: Paint): string[] {
  const line = `  ${paint(styles[status], status.padEnd(7))}  ${name.padEnd(widest)}  ${plain(text, 600)}`;
  return hint === null ? [line] : [line, `${" ".repeat(widest + 13)}${plain(hint, 800)}`];
}

const isBad = ({ status }: Examination): boolean => status === "fail" || status === "missing";

function verdict(found: readonly Examination[], paint: Paint): string {
  const bad = [...new Set(found.filter(isBad).map(({ name }) => name))];
  if (bad.length > 0) return `${paint(["bold", "red"], "NOT READY")}  mend first: ${bad.join(", ")}`;
  return `${paint(["bold", "green"], "READY")}  changes of people you do not trust can be checked on this machine`;
}

/** `puppet-gate doctor`: prints what was found; 0 where nothing fails or is missing, else 1. */
export function doctorCommand(found: readonly Examination[], json: boolean, output: { write(text: string): unknown; paint: Paint }): 0 | 1 {
  const ready = !found.some(isBad);
  output.write(
    json ? `${JSON.stringify({ schema: "puppet-gate/doctor@1", ready, found }, null, 2)}\n` : renderExaminations(found, output.paint),
  );
  return ready ? 0 : 1;
}
