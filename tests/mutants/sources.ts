import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** The text of a source below `src/`. */
export const sourceOf = (file: string): string => readFileSync(join(root, "src", file), "utf8");
