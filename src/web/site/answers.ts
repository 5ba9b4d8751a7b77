import type { Markup } from "../html.ts";

/** Of which repository a page is, and which of its pages it belongs to. */
export interface Place {
  name: string;
  here: "changes" | "rollout" | "metrics" | "ledger";
}

/** What a page's address is answered with. */
export type Answer =
  | { kind: "page"; status: number; title: string; body: Markup; place?: Place; cookies?: readonly string[] }
  | { kind: "to"; path: string; cookies?: readonly string[] }
  /** Style and script, whose address changes with what they say. */
  | { kind: "asset"; type: string; text: string }
  /** A page that is whole by itself, with what its own style and script need of the policy. */
  | { kind: "document"; html: string; policy: string }
  /** A text that comes in parts is sent as it comes: where it breaks off, so does the download. */
  | { kind: "csv"; name: string; text: string | AsyncIterable<string> }
  /** To be kept as a file and not shown. */
  | { kind: "file"; name: string; text: string };

/** What was asked for. */
export interface Asked {
  method: "GET" | "POST";
  /** Of the path, decoded; none for `/`. */
  segments: readonly string[];
  query: URLSearchParams;
  /** Fields of a form; empty for a GET. */
  form: URLSearchParams;
}
