import { z } from "zod";

import type { Run } from "../rollout/runs.ts";
import { placeIn } from "../rollout/source-place.ts";
import { type ReportText, readReportText } from "./report-text.ts";

/** What a stored report says of a run: all but when it arrived. */
export type StoredRun = Omit<Run, "producedAt">;

/** `environment`: what a report that can't be read still says of it; null where it does not. */
export type StoredReport = { ok: true; run: StoredRun } | { ok: false; why: string; environment: string | null };

/**
 * A run that failed although none of its resources did (resources that could not be generated, a transaction that broke off) failed as a
 * whole: as the stage that holds everything.
 */
export const wholeRun = "Stage[main]";

const shown = z.string().min(1).max(1000);
/** Formats of Puppet 5 (10) to 8 (12): those before have no `noop_pending` or other names for what is read here. */
const fieldsSchema = z.object({
  report_format: z.int().min(10).max(12),
  host: shown,
  environment: shown,
  status: z.enum(["failed", "changed", "unchanged"]),
  configuration_version: z.union([z.string().max(1000), z.number(), z.null()]).optional(),
  noop: z.boolean(),
  noop_pending: z.boolean(),
  cached_catalog_status: z.enum(["not_used", "on_failure", "explicitly_requested"]),
  server_used: shown.nullish(),
  master_used: shown.nullish(),
});

/** Seconds. An agent whose clock is set in the middle of a run measures what can't be. */
const LONGEST = 86_400 * 7;

/** Reads a report that a server stored for a node. It is what the node's agent said: nothing of it is trusted but its form. */
export function readStoredReport(id: string, certname: string, content: Uint8Array): StoredReport {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, why: "it is no UTF-8 text", environment: null };
    throw error;
  }
  const read = readReportText(text);
  const fields = read.ok ? read.report.fields : read.fields;
  const environment = shown.safeParse(fields.get("environment")).data ?? null;
  const no = (why: string): StoredReport => ({ ok: false, why, environment });
  if (!read.ok) return no(read.why);
  const parsed = fieldsSchema.safeParse(Object.fromEntries(fields));
  if (!parsed.success)
    return no(`its ${parsed.error.issues[0]?.path.join(".") ?? ""} is missing, or has another form than Puppet 5 to 8 write`);
  if (parsed.data.host !== certname) return no(`it is one of ${JSON.stringify(parsed.data.host)}`);
  const { total } = read.report;
  if (total === null || !(total >= 0 && total <= LONGEST)) return no("it does not say how long the run took, or says what can't be");
  return { ok: true, run: toRun(id, parsed.data, total, read.report) };
}

function toRun(id: string, fields: z.infer<typeof fieldsSchema>, total: number, { failed, changed, places }: ReportText): StoredRun {
  const version = String(fields.configuration_version ?? "");
  const brokeOff = fields.status === "failed" && version !== "" && failed.length === 0;
  const declared = [...places].flatMap(([resource, { file, line }]) => {
    const place = placeIn(fields.environment, file, line);
    return place === null ? [] : [{ resource, ...place }];
  });
  return {
    certname: fields.host,
    id,
    environment: fields.environment,
    status: fields.status,
    version,
    cached: fields.cached_catalog_status,
    noop: fields.noop,
    noopPending: fields.noop_pending,
    // `host:port`, where the agent has several servers to choose from.
    producer: (fields.server_used ?? fields.master_used)?.replace(/:\d+$/u, "") ?? null,
    took: Math.ceil(total * 1000),
    failed: brokeOff ? [wholeRun] : failed,
    changed,
    ...(declared.length > 0 && { places: declared }),
  };
}
