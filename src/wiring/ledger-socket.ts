import { type IncomingMessage, request } from "node:http";
import { deserialize, serialize } from "node:v8";
import type { Log } from "../engine/ports/log.ts";
import { Problem, type ProblemText } from "../problem.ts";
import type { LedgerDatabase } from "./ledger-database.ts";

/**
 * The ledger's records over the socket of a server that has the embedded database for itself. One POST is one call: name and arguments as the engine's own
 * serialization has them, so that times, bytes and maps arrive as what they are. Whoever can open the socket could as well read the database.
 */
export const ledgerPath = "/ledger";

/** What can be asked for, and nothing else that an object has. */
const calls = [
  "logSize",
  "growTree",
  "tilesOf",
  "leavesFrom",
  "countEntries",
  "subjectsOf",
  "entriesAbout",
  "entriesOfKinds",
  "logEntries",
  "blobsOf",
  "period",
  "people",
  "checkpoints",
  "ledgerReadings",
  "checkpoints",
  "dailyCheckpoints",
  "newestCheckpoint",
  "saveCheckpoint",
  "places",
  "savePlace",
  "takeSigning",
  "endSigning",
  "blobsNaming",
  "forgetPerson",
  "beginLog",
  "recordLog",
  "endPageSessions",
  "expectationStats",
] as const satisfies readonly (keyof LedgerDatabase)[];

/** The digests of a thousand entries' texts are far below. */
const mostBytes = 16 * 1024 * 1024;

type Answered = { value: unknown } | { problem: ProblemText };

/** The server's side: one call. Null for what is none. */
export async function answerLedgerCall(asked: IncomingMessage, records: LedgerDatabase, log: Log): Promise<Buffer | null> {
  const call = await callIn(asked);
  if (call === null) return null;
  try {
    const work = records[call.name] as (...given: unknown[]) => Promise<unknown>;
    return answered({ value: await work(...call.given) });
  } catch (error) {
    if (error instanceof Problem) return answered({ problem: { code: error.code, text: error.text, hint: error.hint } });
    log.error({ err: error, call: call.name }, "what a command of this machine asked of the ledger failed");
    const text = `The server failed over ${call.name}: ${error instanceof Error ? error.message : String(error)}.`;
    return answered({ problem: { code: "server-answer", text, hint: "See its log." } });
  }
}

const answered = (answer: Answered): Buffer => serialize(answer);

async function callIn(request: AsyncIterable<Buffer>): Promise<{ name: (typeof calls)[number]; given: unknown[] } | null> {
  try {
    const body = await bytesOf(request);
    if (body === null) return null;
    const [asked, ...given] = deserialize(body) as [unknown, ...unknown[]];
    const name = calls.find((one) => one === asked);
    return name === undefined ? null : { name, given };
  } catch {
    return null; // of another version, no call at all, or one that broke off
  }
}

/** Null for more than any call has. */
async function bytesOf(asked: AsyncIterable<Buffer>): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of asked) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The command's side: the same records, of the server that listens there. Each call throws a Problem where it does not answer. */
export function ledgerOverSocket(socketPath: string): LedgerDatabase {
  const ask = async (name: string, given: readonly unknown[]): Promise<unknown> => {
    const { status, body } = await post(socketPath, serialize([name, ...given]));
    if (status !== 200) throw otherVersion(status);
    const answer = deserialize(body) as Answered;
    if ("problem" in answer) throw new Problem(answer.problem);
    return answer.value;
  };
  return Object.fromEntries(calls.map((name) => [name, (...given: unknown[]) => ask(name, given)])) as unknown as LedgerDatabase;
}

const post = (socketPath: string, body: Buffer): Promise<{ status: number; body: Buffer }> =>
  new Promise((fulfil, reject) => {
    const fail = (cause: Error): void => reject(noAnswer(socketPath, cause));
    const call = request({ socketPath, method: "POST", path: ledgerPath }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", fail);
      response.on("end", () => fulfil({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    call.on("error", fail);
    call.end(body);
  });

const noAnswer = (socketPath: string, cause: Error): Problem =>
  new Problem(
    {
      code: "no-server",
      text: `Another puppet-gate has the database, and no server answers at ${socketPath}: ${cause.message}.`,
      hint: "Where it is `serve` that starts or ends, try again in a moment; where it is another command, wait for its end. Run this as the user that runs `serve`.",
    },
    { cause },
  );

const otherVersion = (status: number): Problem =>
  new Problem({
    code: "server-answer",
    text: `The server answered ${status}: it knows no such question.`,
    hint: "Use the same version of both: restart `serve`.",
  });
