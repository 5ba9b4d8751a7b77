import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Of this program, as its package says it: beside `src`, and beside `dist` where it was built. */
export const gateVersion = (): string =>
  (JSON.parse(readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8")) as { version: string }).version;
