import { type Preview, type Stays } from "./going-back.ts";

/** What going back does not undo, in words; names of resources are as the catalog has them, so that each surface has to escape the whole. */

const because: Readonly<Record<Stays["kind"], string>> = {
  stays: "only the new code has it: what it made stays",
  attribute: "only the new code says it: it keeps the new value",
  ran: "it was run",
  deleted: "it was deleted: what was in it is gone",
  purged: "what it removed is gone",
  package: "another version was installed, which may refuse to be taken back",
  ownership: "files keep the old number",
  unseen: "what changes there nobody could compare",
};

/** `Package[nginx] ensure (1.18 to 1.24) on 3 nodes: another version …`. */
export function staysText({ kind, resource, attribute, versions, nodes }: Stays): string {
  const what = kind === "unseen" ? "Everything" : `${resource}${attribute === null ? "" : ` ${attribute}`}`;
  const of = versions === null ? "" : ` (${versions.before} to ${versions.after})`;
  return `${what}${of} on ${nodes} ${nodes === 1 ? "node" : "nodes"}: ${because[kind]}`;
}

export const nothingStays = "As far as the catalogs tell, going back undoes all of it.";
/** Said beside every list: no catalog tells of it. */
export const dataStays = "What programs did with their data meanwhile, no catalog tells.";

export const previewTitle = ({ items, more }: Preview): string =>
  `Going back will not undo ${items.length + more === 1 ? "this" : `these ${items.length + more}`}`;

const mostLines = 20;

/** A line for each, twenty at most. */
export function previewLines(preview: Preview): string[] {
  const { items, more } = preview;
  if (items.length + more === 0) return [nothingStays, dataStays];
  const shown = items.slice(0, mostLines).map(staysText);
  const left = items.length + more - shown.length;
  return [`${previewTitle(preview)}:`, ...shown, ...(left > 0 ? [moreText(left)] : []), dataStays];
}

export const moreText = (more: number): string => `and ${more} more`;
