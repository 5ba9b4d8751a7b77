import { parseCommands } from "../gate/command.ts";
import type { AdvancePorts } from "./advance.ts";
import type { Failure } from "./ports/forge.ts";
import type { Look } from "./look.ts";

/** A command was acknowledged when it came in; where that failed, or its delivery was lost, it is before its answer is known. */
export async function acknowledge({ store, forge, now, log }: AdvancePorts, { origin, change, facts, memory }: Look): Promise<Failure[]> {
  const comments = facts.comments.known ? facts.comments.value : [];
  const heard = comments.filter(
    ({ id, author, body }) => author?.bot === false && !memory.answered.has(id) && parseCommands(body).length > 0,
  );
  const failures: Failure[] = [];
  const done = await store.records.reactedTo(
    change.repository,
    heard.map(({ id }) => id),
  );
  for (const { id } of heard) {
    if (done.has(id)) continue;
    try {
      await forge.react(origin, id);
      await store.records.saveReacted(change.repository, id, now());
    } catch (error) {
      const why = forge.explain(error);
      if (why === null) throw error;
      log.warn({ ...change, comment: id }, why.text);
      failures.push(why);
    }
  }
  return failures;
}
