import { runGit } from "../git.ts";
import type { RefMove } from "../rules/violations.ts";
import type { Repo } from "../state.ts";

/** What a client of `git push` sends and wants to hear. https://git-scm.com/docs/gitprotocol-pack#_pushing_data_to_a_server */

interface PushRequest {
  moves: RefMove[];
  capabilities: string[];
  /** The objects, where there are some. */
  pack: Buffer;
}

/** The commands and the pack of a `git-receive-pack` request. */
export function parsePush(body: Buffer): PushRequest {
  const moves: RefMove[] = [];
  let capabilities: string[] = [];
  let at = 0;
  for (;;) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString("latin1"), 16);
    if (Number.isNaN(length) || length < 4) break;
    const [command = "", extra] = body
      .subarray(at + 4, at + length)
      .toString("utf8")
      .replace(/\n$/, "")
      .split("\0");
    if (extra !== undefined) capabilities = extra.trim().split(" ");
    const [, before, after, ref] = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(command) ?? [];
    if (before !== undefined && after !== undefined && ref !== undefined) moves.push({ ref, before: orNull(before), after: orNull(after) });
    at += length;
  }
  return { moves, capabilities, pack: body.subarray(at + 4) };
}

const orNull = (sha: string): string | null => (/^0+$/.test(sha) ? null : sha);

/** Puts the objects of a push where rules can look at them; no ref points to them yet. */
export async function keepObjects(repo: Repo, pack: Buffer): Promise<void> {
  if (pack.length > 0) await runGit(repo.folder, ["index-pack", "--stdin", "--fix-thin"], { input: pack });
}

/** The answer of a server that let the objects in and moves none of the refs. */
export function refuse({ moves, capabilities }: PushRequest, message: string, reason: string): Buffer {
  const report = Buffer.concat([line("unpack ok\n"), ...moves.map(({ ref }) => line(`ng ${ref} ${reason}\n`)), flush]);
  if (!capabilities.includes("side-band-64k")) return report;
  return Buffer.concat([band(2, Buffer.from(message)), band(1, report), flush]);
}

const flush = Buffer.from("0000");
const line = (text: string): Buffer => framed(Buffer.from(text));
const band = (channel: number, content: Buffer): Buffer => framed(Buffer.concat([Buffer.from([channel]), content]));

function framed(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from((content.length + 4).toString(16).padStart(4, "0")), content]);
}
