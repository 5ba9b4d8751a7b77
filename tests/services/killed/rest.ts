import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "pg";
import { openPostgres } from "../../../src/store/database.ts";
import { createStore, type Store } from "../../../src/store/records.ts";
import {
  ask,
  candidatesOf,
  checkComments,
  checkLanded,
  checkLedger,
  checkVerdicts,
  supply,
  type FinishPorts,
} from "../../simulation/finish.ts";
import type { Watch } from "../../simulation/watch.ts";
import type { Servers } from "./servers.ts";
import type { RealWorld } from "./world.ts";

/** After the kills: nobody dies any more, and all comes to rest. Then rules 2 to 5 have to hold. */
export interface RestPorts extends Pick<FinishPorts, "violate" | "act"> {
  world: RealWorld;
  watch: Watch;
  databaseUrl: string;
  client: Client;
  servers: Servers;
  say: (text: string) => void;
}

/** Milliseconds in which all has to come to rest. */
const patience = 300_000;

export async function rest(ports: RestPorts): Promise<void> {
  const { world, watch, violate, act, databaseUrl, client, say } = ports;
  await until("they listen", async () => ports.servers.listening().length === 2);
  const failures: Error[] = [];
  const database = await openPostgres(databaseUrl, (error) => failures.push(error));
  const store = await createStore(database, (error) => failures.push(error));
  const calmDown = (sweeps: number): Promise<void> => comeToRest(ports, store, sweeps);
  const finish: FinishPorts = {
    world,
    watch,
    violate,
    act,
    // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as in FinishPorts
    query: async <Row>(sql: string) => {
      const { rows } = await client.query(sql);
      return { rows: rows as Row[] };
    },
    calmDown,
    lookAfresh: async (changes) => {
      await store.transaction((records) => records.wakeAll(changes));
      await calmDown(0);
    },
  };
  try {
    await calmDown(2);
    say("at rest");
    await checkLedger(finish);
    checkComments(finish);
    await checkVerdicts(finish);
    say("looked at afresh");
    // All side by side, since each waits for GitHub's pace.
    const candidates = candidatesOf(world);
    for (const candidate of candidates) await supply(finish, candidate);
    await calmDown(0);
    const asked = [];
    for (const candidate of candidates) asked.push({ candidate, mayLand: await ask(finish, candidate) });
    await calmDown(1);
    for (const { candidate, mayLand } of asked) checkLanded(finish, candidate, mayLand);
    say("landed what could");
    await checkLedger(finish);
    checkComments(finish);
    const { rows } = await client.query<{ kind: string; n: number }>(
      "select 'effect' as kind, count(*)::int as n from effects where state = 'intended' union all select 'landing', count(*)::int from landings where state = 'intended' or unread",
    );
    for (const { kind, n } of rows) if (n > 0) violate({ rule: 0, text: `${n} times an ${kind} is intended and not seen through` });
    if (failures.length > 0) violate({ rule: 0, text: `the database failed: ${String(failures[0])}` });
  } finally {
    await store.close();
  }
}

async function comeToRest({ world: { github }, client, servers, say }: RestPorts, store: Store, sweeps: number): Promise<void> {
  const isIdle = async (): Promise<boolean> => {
    await github.settled();
    if (!servers.isQuiet()) return false;
    return (await store.records.countJobs()) === 0;
  };
  for (let swept = 0; ; swept += 1) {
    let idle = 0;
    let waited = 0;
    await until("all is at rest", async () => {
      idle = (await isIdle()) ? idle + 1 : 0;
      waited += 1;
      // What waits for its time to be tried again need not: nobody learns anything from it.
      if (waited % 20 === 0)
        await client.query("update jobs.job set start_after = now() where name <> 'sweep' and state < 'active' and start_after > now()");
      return idle > 2;
    });
    if (swept >= sweeps) return;
    say("a sweep is asked for");
    await store.transaction((records) => records.askSweep());
  }
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patience;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not after ${patience / 1000} seconds`);
    await pause(100);
  }
}
