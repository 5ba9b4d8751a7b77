import type { Finding } from "../catalog/effects.ts";
import type { Report } from "../gate/report.ts";
import { field } from "./escape.ts";

/** GitHub takes so many in one request; more are added by further ones. */
export const mostAtOnce = 50;
/** In all: nobody reads more, and each fifty cost a request. The findings are in the text as well. */
const mostInAll = 200;

export interface Annotation {
  path: string;
  start_line: number;
  end_line: number;
  annotation_level: "failure" | "warning" | "notice";
  title: string;
  message: string;
}

const levels: Record<Finding["severity"], Annotation["annotation_level"]> = { error: "failure", warning: "warning", notice: "notice" };

/** Findings on lines that the change touched. A path that git has to quote has no name that GitHub would find it by. */
export const annotationsOf = ({ findings }: Report): Annotation[] =>
  findings
    .flatMap(({ path, line, severity, check, code, message, onChangedLine }): Annotation[] => {
      if (!onChangedLine || path === null || line === null || path.startsWith('"')) return [];
      return [
        {
          path,
          start_line: line,
          end_line: line,
          annotation_level: levels[severity],
          title: field(`${check}: ${code}`, 200),
          message: field(message, 2_000) || "(nothing was said)",
        },
      ];
    })
    .slice(0, mostInAll);
