import { type AskSource, answerOf } from "../cli/audit/answer.ts";
import { type LookUpRecords, somebodyOf } from "../engine/ledger/look-up.ts";
import { noFilters } from "../ledger/questions/filters.ts";
import { questionNamed } from "../ledger/questions/questions.ts";
import { personal } from "../ledger/questions/table.ts";
import { Problem } from "../problem.ts";
import type { AnswerWhole, SitePorts } from "../web/site/ports.ts";
import { defaultLimit } from "./audit-commands.ts";

/** Of all that somebody has downloaded at a time: each reads the ledger for seconds, and turns need the database as well. */
const mostAtOnce = 2;

type Parted = AnswerWhole["rows"] extends AsyncIterable<infer One> ? One : never;

/** Auditors' questions over all of a repository's ledger, as `audit ask` answers them; rows come while they are found. */
export function wholeAnswers(source: AskSource, look: Pick<LookUpRecords, "people" | "loginsOf">, now: () => Date): SitePorts["askAll"] {
  let running = 0;
  return async (repository, name, { from, to, subject, node }) => {
    const question = questionNamed(name, node);
    if (question === null) return null;
    if (running >= mostAtOnce) throw busy();
    const filters = { ...noFilters, repository, subject, from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
    const given = { now: now().toISOString(), limit: defaultLimit, node, at: null };
    const answer = await answerOf(source, name, filters, given);
    return { question, rows: rowsOf() };

    async function* rowsOf(): AsyncGenerator<Parted> {
      // Only now: what nobody reads, such as the answer to a HEAD, takes no place.
      running += 1;
      try {
        for await (const rows of answer.rows) {
          const commitments = rows.flatMap((row) =>
            [...personal].flatMap((column) => (typeof row[column] === "string" ? row[column].split(" ") : [])),
          );
          yield { rows, people: await somebodyOf(look, commitments) };
        }
      } finally {
        running -= 1;
      }
    }
  };
}

const busy = (): Problem =>
  new Problem({
    code: "downloads-busy",
    text: `${mostAtOnce} answers are being downloaded, and no more are made at once.`,
    hint: "Try again in a minute, or ask for a shorter time.",
  });
