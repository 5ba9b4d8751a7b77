import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { userInfo } from "node:os";
import { resolve } from "node:path";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { controlAnswer, type ControlAnswer, type ControlRequest } from "../cli/control.ts";
import { rolloutCommand } from "../cli/rollout-command.ts";
import type { Output } from "../cli/policy/test-command.ts";
import { Problem } from "../problem.ts";
import { forms, meantVerb, type Verb, verbs } from "../rollout/word.ts";
import { dataOption } from "./audit-arguments.ts";
import { controlSocket } from "./control-socket.ts";
import { noDataFolder } from "./ledger-settings.ts";

const help = `
What can be said:
${verbs.map((verb) => `  ${forms[verb]}`).join("\n")}

A lane may be left out where only one can be meant. pause and abort take anybody; resume of a lane, promote, return and unquarantine take a
GitHub account with write access that had no part in any change of the release (--as). All of it is kept in the ledger.
Run it on the gate's own machine as the user that runs the gate, such as \`sudo -u puppet-gate puppet-gate rollout status\`.

Exit code: 0 done, 1 refused, 2 kept and not done yet.`;

interface Written {
  as?: string;
  data?: string;
  json?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** \`puppet-gate rollout\`: asks the server that runs on this machine. */
export function addRollout(
  rollout: Command,
  { env: environment, cwd, output }: { env: Environment; cwd: () => string; output: Output },
): void {
  rollout
    .addArgument(new Argument("[verb]", `what to say: ${verbs.join(", ")}`).default("status").argParser(verbOf))
    .argument("[words...]", "lane, commits and reason, as below")
    .option("--as <login>", "your GitHub account (default: PUPPET_GATE_AS)")
    .option(...dataOption)
    .option("--json", "print the answer as JSON, and nothing else")
    .addHelpText("after", help)
    .action(async (verb: Verb, words: string[], written: Written) => {
      const folder = written.data ?? environment["PUPPET_GATE_DATA"];
      if (folder === undefined) throw noDataFolder();
      const as = written.as ?? environment["PUPPET_GATE_AS"] ?? null;
      process.exitCode = await rolloutCommand(
        { verb, words, as, json: written.json ?? false },
        { ask: (asked) => askServer(resolve(cwd(), folder), asked), user: userOf(environment), newKey: randomUUID, output },
      );
    });
}

function verbOf(word: string): Verb {
  const found = verbs.find((verb) => verb === word);
  if (found !== undefined) return found;
  const meant = meantVerb(word);
  const hint = meant === null ? "" : ` Did you mean \`${forms[meant]}\`?`;
  throw new InvalidArgumentError(`${hint} It can be one of ${verbs.join(", ")}.`.trim());
}

/** Who called `sudo` is who speaks. */
function userOf(environment: Environment): string {
  const { username } = userInfo();
  const caller = environment["SUDO_USER"];
  return caller === undefined || caller === username ? username : `${caller} as ${username}`;
}

async function askServer(folder: string, asked: ControlRequest): Promise<ControlAnswer> {
  const socketPath = controlSocket(folder);
  const hint = "Run it where `puppet-gate serve` runs, as the same user, with the same PUPPET_GATE_DATA.";
  if (socketPath === null) throw new Problem({ code: "no-server", text: `The path ${folder} is too long for a socket.`, hint });
  let answered: { status: number; body: string };
  try {
    answered = await post(socketPath, JSON.stringify(asked));
  } catch (cause) {
    throw noAnswer(socketPath, cause);
  }
  const answer = answered.status === 200 ? controlAnswer.safeParse(jsonOf(answered.body)) : null;
  if (answer?.success === true) return answer.data;
  throw new Problem({
    code: "server-answer",
    text: `The server answered ${answered.status}: ${answered.body.slice(0, 200)}.`,
    hint: "See its log. Whether it was done, `puppet-gate rollout status` says.",
  });
}

const gone: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such socket: no server has this data folder, or it never ran there"],
  ["ECONNREFUSED", "the server that had it does not run any more"],
  ["EACCES", "this user may not open it"],
]);

/** A server that ended after it was asked may have kept the word: then it is done at the next start, and saying it again does no harm that it did not do. */
function noAnswer(socketPath: string, cause: unknown): Problem {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const why = gone.get(code);
  if (why === undefined)
    return new Problem(
      {
        code: "no-server",
        text: `The server at ${socketPath} ended before it answered: ${cause instanceof Error ? cause.message : String(cause)}.`,
        hint: "What was said may be kept, and is then done when it runs again. Start it, and look at `puppet-gate rollout status` before you say it once more.",
      },
      { cause },
    );
  const hint =
    code === "EACCES"
      ? "Run it as the user that runs `puppet-gate serve`, such as `sudo -u puppet-gate puppet-gate rollout status`."
      : "Run it where `puppet-gate serve` runs, as the same user, with the same PUPPET_GATE_DATA. While no server runs nothing enters a lane and nothing is judged; docs/when-the-gate-is-down.md says what can be done by hand.";
  return new Problem({ code: "no-server", text: `No server answers at ${socketPath}: ${why}.`, hint }, { cause });
}

/** Half an answer is none. */
function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const post = (socketPath: string, body: string): Promise<{ status: number; body: string }> =>
  new Promise((fulfil, reject) => {
    const call = request({ socketPath, method: "POST", path: "/rollout", headers: { "content-type": "application/json" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => fulfil({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }));
    });
    call.on("error", reject);
    call.end(body);
  });
