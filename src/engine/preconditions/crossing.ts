import { findingsOf } from "../../catalog/finding.ts";
import type { Finding } from "../../catalog/effects.ts";
import type { exchanged } from "../../catalog/importers.ts";

/** So many are told one by one. */
const most = 10;

/** Exported resources that change, by the catalogs, and collectors that do: data can change them where no manifest does. */
export function crossingFindings({ exports, collected }: ReturnType<typeof exchanged>): Finding[] {
  const all = [
    ...[...exports].map(([reference, source]) => ({ source, text: `${reference} is exported and changes` })),
    ...collected.map((type) => ({ source: null, text: `which exported ${type} are collected changes` })),
  ];
  const rest = all.length > most ? [{ source: null, text: `${all.length - most} more exported resources or collectors change` }] : [];
  return [...all.slice(0, most), ...rest].map(({ source, text }) =>
    finding(
      "notice",
      source,
      "crosses-lanes",
      `${text}: nodes of other lanes get that at once, and no lane holds it back. An owner has to accept it`,
    ),
  );
}

const finding = findingsOf("preconditions");
