import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { reportSchema } from "../../src/gate/report.ts";
import { openPostgres } from "../../src/store/database.ts";
import { renderPage } from "../../src/web/report/page.ts";

/** On a free port of the loopback, which it says. */
export const listening = async (server: Server): Promise<number> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** Passes what comes in on to another port; where there is none, hangs up. */
export const passOn = (to: () => number | null, onChunk: (path: string, chunk: string) => void): Server =>
  createServer((from, answer) => {
    const port = to();
    if (port === null) {
      from.socket.destroy();
      return;
    }
    const forward = request({ host: "127.0.0.1", port, path: from.url, method: from.method, headers: from.headers }, (given) => {
      answer.writeHead(given.statusCode ?? 500, given.headers);
      given.pipe(answer);
    });
    from.on("data", (chunk: Buffer) => onChunk(from.url ?? "", chunk.toString()));
    from.pipe(forward);
  });

/** Every file below a folder with what is in it. */
export const treeOf = (top: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile() && !each.parentPath.includes(".git"))
      .map((each) => [join(each.parentPath, each.name), readFileSync(join(each.parentPath, each.name), "latin1")]),
  );

/** Every row of every table, the queues' too, and the page of each report that is kept. */
export async function rows(databaseUrl: string): Promise<{ text: string; pages: string }> {
  const database = await openPostgres(databaseUrl, () => undefined);
  try {
    const { rows: tables } = await database.query<{ table_schema: string; table_name: string }>(
      "select table_schema, table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
    );
    const all: string[] = [];
    for (const { table_schema, table_name } of tables) {
      const { rows: found } = await database.query<{ row: string }>(
        `select row_to_json(t)::text as row from "${table_schema}"."${table_name}" t`,
      );
      all.push(...found.map(({ row }) => `${table_name} ${row}`));
    }
    const { rows: checks } = await database.query<{ checked: string }>("select checked from checks where checked is not null");
    const pages = checks.map(({ checked }) => renderPage(reportSchema.parse((JSON.parse(checked) as { report: unknown }).report)));
    return { text: all.join("\n"), pages: pages.join("\n") };
  } finally {
    await database.close();
  }
}
