import { beganDraft, keysOf, rotatedDraft } from "../../ledger/log-keys.ts";
import { type Signer, type Verifier, verifierKey } from "../../ledger/keys.ts";
import { Problem } from "../../problem.ts";
import type { Log } from "../ports/log.ts";
import type { PublicPlace } from "../ports/ledger.ts";
import { publishAt, type Told } from "./publish.ts";
import { createSigner, type Keys, type Signed, type SignPorts } from "./sign.ts";

export interface LogPorts extends Omit<SignPorts, "keys"> {
  /** Read at each look, so that a rotation needs no restart. Null where there is none. */
  keys: { read(): Promise<Keys | null>; make(): Promise<Keys> };
  places: readonly PublicPlace[];
  /** Who this process is, for the others that look at the same log: one at a time does. No two have the same. */
  holder: string;
  log: Log;
}

/** What one look came to. `busy`: another process has the turn. */
export interface Looked {
  signed: Signed | { kind: "busy"; by: string };
  told: readonly Told[];
}

/** The log of an installation: each look signs what is new, and publishes what is signed. Says in the process's log what is wrong. */
export interface InstallationLog {
  look(): Promise<Looked>;
}

/** Seconds that a place may be out of reach before that is an alarm: restarts and upgrades are over by then. */
const patience = 3_600;
/** Seconds between two alarms over the same. */
const again = 3_600;
/** Seconds for which a look has its turn, which is prolonged while it lasts: so long does the next one wait after a process was killed in it. */
const turn = 30;

export function createLog(ports: LogPorts): InstallationLog {
  const { log, now, records } = ports;
  const said = new Map<string, number>();
  const alarm = (about: string, text: string, fields: object): void => {
    const last = said.get(about);
    if (last !== undefined && now().getTime() - last < again * 1000) return;
    said.set(about, now().getTime());
    log.error(fields, text);
  };
  const signer = createSigner(ports);
  const look = async (isMine: () => boolean): Promise<Looked> => {
    const { keys, known } = await knownKeys(ports);
    const signed = await signer.sign(keys);
    if (signed.kind === "refused")
      alarm(`signing ${signed.code}`, `the ledger is not signed: ${signed.why}`, { code: signed.code, hint: signed.hint });
    if (signed.kind === "refused" || signed.kind === "empty") return { signed, told: [] };
    // One after the other, and each is tried: one that is down holds up none of the others.
    const told: Told[] = [];
    for (const place of ports.places) if (isMine()) told.push(await publishAt({ records, keys: known, now }, place, signed));
    for (const one of told) {
      if (one.kind === "forked") alarm(`fork ${one.place}`, `the ledger is not published at ${one.place}: ${one.why}`, { hint: forkHint });
      if (one.kind !== "failed") continue;
      const isLong = now().getTime() - one.since.getTime() >= patience * 1000;
      const text = `the ledger can't be published at ${one.place}: ${one.why}`;
      if (isLong) alarm(`place ${one.place}`, `${text} That is so since ${one.since.toISOString()}.`, { place: one.place });
      else log.warn({ place: one.place }, text);
    }
    return { signed, told };
  };
  return {
    look: async () => {
      const by = await records.takeSigning(ports.holder, turn);
      if (by !== null) return { signed: { kind: "busy", by }, told: [] };
      let isMine = true;
      const takeAgain = async (): Promise<void> => {
        try {
          isMine = (await records.takeSigning(ports.holder, turn)) === null && isMine;
        } catch {
          // The next one, or what the look itself asks, says that the database is away.
        }
      };
      const prolong = setInterval(() => void takeAgain(), (turn / 3) * 1000);
      try {
        return await look(() => isMine);
      } finally {
        clearInterval(prolong);
        await records.endSigning(ports.holder);
      }
    },
  };
}

/** The keys that sign, and all that ever did; a new one is recorded in the log before it signs. Throws a Problem where the log has signed by another. */
async function knownKeys({ keys, records, kept, now }: LogPorts): Promise<{ keys: Keys; known: readonly Verifier[] }> {
  const read = await keys.read();
  const before = keysOf(await records.logEntries());
  if (read === null && (before.length > 0 || (await kept.read()) !== null)) throw keyLost(before.at(-1) ?? null);
  const used = read ?? (await keys.make());
  const has = (key: Signer): boolean => before.some((one) => verifierKey(one) === verifierKey(key));
  if (has(used.current)) return { keys: used, known: before };
  if (before.length === 0) await records.recordLog([beganDraft(used.current)], now());
  else if (used.previous !== null && has(used.previous)) await records.recordLog([rotatedDraft(used.previous, used.current)], now());
  else throw keyForeign(used.current, before.at(-1) ?? null);
  return { keys: used, known: keysOf(await records.logEntries()) };
}

const forkHint =
  "Keep what is there: it is evidence. Compare it with this database by `puppet-gate audit verify`, and restore the database that it is of (docs/audit.md).";

const keyLost = (key: Verifier | null): Problem =>
  new Problem({
    code: "ledger-key",
    text: `The ledger was signed before${key === null ? "" : `, by ${verifierKey(key)}`}, and its key is not on this machine.`,
    hint: "Put it where PUPPET_GATE_LEDGER_KEY says; where another machine signs, set PUPPET_GATE_LEDGER_SIGN=apart here. A key that is lost is told of in docs/audit.md.",
  });

const keyForeign = (key: Signer, known: Verifier | null): Problem =>
  new Problem({
    code: "ledger-key",
    text: `The ledger's key on this machine, ${verifierKey(key)}, is not the log's, ${known === null ? "" : verifierKey(known)}.`,
    hint: "Put the log's own key where PUPPET_GATE_LEDGER_KEY says. A new one takes over by `puppet-gate ledger rotate`, which needs the old one.",
  });
