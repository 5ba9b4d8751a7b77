import type { RepositoryProofs } from "../engine/ports/cache.ts";
import { plain } from "./plain.ts";

/** Misses in so many verdicts, where there is any verdict: one line of figures that two servers, or two years, can be compared by. */
const measure = 100_000;

export const missesPer100000 = ({ nights, samples }: Counted): number | null => {
  const verdicts = nights.verdicts + samples.verdicts;
  return verdicts === 0 ? null : ((nights.missed + samples.missed) / verdicts) * measure;
};

/** What nights and samples proved: all together, then each repository's. */
export function proofRows(proofs: readonly RepositoryProofs[]): string[] {
  if (proofs.length === 0) return ["  proven    nothing yet: nights, and samples in checks, are counted here"];
  return [`  proven    ${missedOf(proofs.reduce(added, nothing))}`, ...proofs.map(rowOf)];
}

type Counted = Pick<RepositoryProofs, "samples"> & { nights: { verdicts: number; missed: number } };

const nothing: Counted = { nights: { verdicts: 0, missed: 0 }, samples: { verdicts: 0, missed: 0 } };

const added = (one: Counted, other: Counted): Counted => ({
  nights: sum(one.nights, other.nights),
  samples: sum(one.samples, other.samples),
});

const sum = (one: Counted["samples"], other: Counted["samples"]): Counted["samples"] => ({
  verdicts: one.verdicts + other.verdicts,
  missed: one.missed + other.missed,
});

function rowOf(proofs: RepositoryProofs): string {
  const { nights, samples } = proofs;
  const last = nights.last === null ? "no night yet" : `last night ${nights.last}`;
  const parts = [missedOf(proofs), `${count(nights.verdicts)} by nights, ${count(samples.verdicts)} by samples`, last];
  return `    ${nameOf(proofs)}: ${parts.join("; ")}`;
}

const nameOf = ({ name, repository }: Pick<RepositoryProofs, "name" | "repository">): string => plain(name ?? `repository ${repository}`);

function missedOf(counted: Counted): string {
  const verdicts = counted.nights.verdicts + counted.samples.verdicts;
  const missed = counted.nights.missed + counted.samples.missed;
  return `${count(verdicts)} ${verdicts === 1 ? "verdict" : "verdicts"} on nodes, ${count(missed)} missed (${rate(missesPer100000(counted) ?? 0)} per 100,000)`;
}

/** A single miss in millions must not read as none. */
const rate = (misses: number): string => (misses === 0 ? "0" : misses < 0.1 ? "fewer than 0.1" : misses.toFixed(1));

const count = (number: number): string => number.toLocaleString("en");
