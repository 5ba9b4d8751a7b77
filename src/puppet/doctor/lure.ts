import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { basename, join } from "node:path";

import { temporaryFolder } from "../../process/temporary.ts";

/** Things that everybody on this machine may reach, beside a folder for a sandbox. */
export interface Lure {
  tree: string;
  /** A file that everybody may read and write. */
  canary: string;
  /** A port of 127.0.0.1, the name of an abstract socket, and the path of a socket, where this process listens. */
  port: number;
  abstract: string;
  socket: string;
  connections(): number;
  touched(): Promise<boolean>;
  remove(): Promise<void>;
}

const content = "untouched\n";

export async function makeLure(): Promise<Lure> {
  const folder = await temporaryFolder("doctor");
  const canary = join(folder.path, "canary");
  const tree = join(folder.path, "tree");
  const socket = join(folder.path, "socket");
  const abstract = basename(folder.path);
  await chmod(folder.path, 0o755);
  await mkdir(tree);
  await writeFile(join(tree, "file"), "the tree\n");
  await writeFile(canary, content);
  await chmod(canary, 0o666);
  let connections = 0;
  const servers: Server[] = [];
  const listen = async (where: { port: number; host: string } | { path: string }): Promise<Server> => {
    const server = createServer((connection) => {
      connections++;
      connection.destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(where, resolve));
    return server;
  };
  const address = (await listen({ port: 0, host: "127.0.0.1" })).address();
  await listen({ path: `\0${abstract}` });
  await listen({ path: socket });
  await chmod(socket, 0o777);
  return {
    tree,
    canary,
    port: typeof address === "object" && address !== null ? address.port : 0,
    abstract,
    socket,
    connections: () => connections,
    touched: async () => (await readFile(canary, "utf8")) !== content,
    remove: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      await folder.remove();
    },
  };
}
