import { openDatabase } from "../../src/store/database.ts";
import { createStore } from "../../src/store/records.ts";

/** Commits one delivery after the other and says each number once it is committed, until somebody kills it. */
const store = await createStore(await openDatabase(process.argv[2] ?? ""), (error) => {
  throw error;
});
for (let n = 1; n < 100_000; n += 1) {
  await store.records.addDelivery({ id: String(n), name: "push", event: null, receivedAt: new Date() });
  process.stdout.write(`${n}\n`);
}
