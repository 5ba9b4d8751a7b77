import { z } from "zod";
import { createAsk, createLook, parsed, type PuppetDbAddress } from "./puppetdb-http.ts";

/** Milliseconds and bytes: these answers are small. */
const limits = { answer: 10_000, bytes: 2 ** 20 };
/** That of Puppet 6: older ones are of no Puppet that can be compiled with here. Tried against 7.12.1. */
const oldest = 6;

const versionAnswer = z.object({ version: z.string() });
const countAnswer = z.tuple([z.object({ count: z.number() })]);

interface Found {
  status: "pass" | "advice" | "fail";
  text: string;
  hint: string | null;
}

/** Whether it lets us ask, is new enough, and knows any node. Throws a Problem where it can't be asked. */
export async function examinePuppetDb(address: PuppetDbAddress): Promise<Found[]> {
  const signal = AbortSignal.timeout(limits.answer);
  const where = new URL(address.url).origin;
  const { version } = parsed(versionAnswer, await createLook(address, limits)("/pdb/meta/v1/version", signal), where, "version");
  const query = ["extract", [["function", "count"]]];
  const [{ count }] = parsed(countAnswer, await createAsk(address, limits)("nodes", { query }, signal), where, "nodes");
  const text = `PuppetDB ${version} at ${where}, with ${count} active ${count === 1 ? "node" : "nodes"}`;
  if (Number.parseInt(version, 10) < oldest)
    return [
      {
        status: "fail",
        text: `${text}, is too old: ${oldest} is the oldest that will do`,
        hint: "Upgrade it, or take node facts from a folder.",
      },
    ];
  if (count === 0) return [{ status: "advice", text, hint: "See that agents report to this PuppetDB, and that the URL is the right one." }];
  return [{ status: "pass", text, hint: null }];
}
