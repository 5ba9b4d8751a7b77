import { join } from "node:path";

/** Linux takes 107 bytes of a socket's path. */
const longest = 107;

/** Where the server listens for its own machine's commands; null where the data folder's path is too long for that. */
export function controlSocket(dataFolder: string): string | null {
  const path = join(dataFolder, "control.sock");
  return Buffer.byteLength(path) > longest ? null : path;
}
