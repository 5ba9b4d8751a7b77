import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Problem } from "../problem.ts";
import { makeDataFolder } from "./data-folder.ts";
import type { Connection, Lane } from "./database.ts";
import { lockFolder } from "./lock.ts";

/** Where in a data directory it lies. */
export const embeddedFolder = (folder: string): string => join(folder, "database");

/** PGlite in a data directory that no other process may use meanwhile. */
export async function embeddedConnection(folder: string): Promise<Connection> {
  makeDataFolder(folder);
  const lock = lockFolder(folder);
  try {
    return connectionTo(await openPGlite(embeddedFolder(folder)), () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

export const memoryConnection = async (): Promise<Connection> => connectionTo(await PGlite.create("memory://"), () => undefined);

function connectionTo(pglite: PGlite, release: () => void): Connection {
  const lane: Lane = {
    query: (sql, parameters) => pglite.query(sql, parameters),
    exec: (sql) => pglite.exec(sql),
    transaction: (work) => pglite.transaction((executor) => work(executor)),
  };
  return {
    kind: "embedded",
    ...lane,
    inbox: lane,
    patiently: (work) => work(lane),
    listen: async (channel, onNotification, onGap) => {
      const close = await pglite.listen(channel, onNotification);
      onGap();
      return { close: () => close() };
    },
    close: async () => {
      await pglite.close();
      release();
    },
  };
}

async function openPGlite(folder: string): Promise<PGlite> {
  try {
    return await PGlite.create(folder);
  } catch (cause) {
    throw new Problem(
      {
        code: "database-does-not-answer",
        text: `The database in ${folder} does not answer.`,
        hint: "If its files are damaged, put a backup in their place, or move them away to begin anew: changes are read again from GitHub, but who pushed what and what was answered is lost.",
      },
      { cause },
    );
  }
}
