import { hkdfSync } from "node:crypto";
import type { Config } from "../config.ts";

/** A key of the installation for one use: the same on each of its machines and after a start, and nothing that is kept anywhere. */
export const keyFor = ({ app }: Pick<Config, "app">, use: "digests of secrets" | "kept compiles" | "sessions"): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", app.privateKey, "", `puppet-gate: ${use}`, 32));
