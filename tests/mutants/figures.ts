import type { Fate } from "./hunt.ts";

export interface Figures {
  mutants: number;
  /** Without those that the type checker refuses. */
  viable: number;
  killed: number;
  survived: number;
  /** Of the survivors, those that no test and no storm passes by. */
  uncovered: number;
  /** How many each folder of tests, or the simulation, killed. */
  by: Record<string, number>;
  /** Of the viable ones, in percent, rounded down to a tenth. */
  percent: number;
}

export function figuresOf(fates: readonly Fate[]): Figures {
  const count = (fate: Fate["fate"]): number => fates.filter((one) => one.fate === fate).length;
  const [viable, killed] = [fates.length - count("refused"), count("killed")];
  const by: Record<string, number> = {};
  for (const { fate, by: killer } of fates) {
    const name = killer?.replace(/^tests\//u, "").replace(/\/.*$/u, "") ?? "";
    if (fate === "killed") by[name] = (by[name] ?? 0) + 1;
  }
  return {
    mutants: fates.length,
    viable,
    killed,
    survived: viable - killed,
    uncovered: fates.filter(({ fate, covered }) => fate === "survived" && !covered).length,
    by,
    percent: viable === 0 ? 0 : Math.floor((killed / viable) * 1_000) / 10,
  };
}

/**
 * Where the share of a whole room lies that a sample is drawn from, in percent, with 95 % confidence: Wilson's score interval (1927) with the
 * correction for a finite population, as in Cochran, Sampling Techniques (1977), 2.6.
 */
export function interval({
  viable,
  killed,
  mutants,
  of,
}: Pick<Figures, "viable" | "killed" | "mutants"> & { of: number }): [number, number] {
  if (viable === 0) return [0, 100];
  const share = killed / viable;
  const left = of <= 1 ? 0 : (of - mutants) / (of - 1);
  if (left === 0) return [share * 100, share * 100];
  const z = 1.96 * Math.sqrt(left);
  const scale = 1 + (z * z) / viable;
  const middle = (share + (z * z) / (2 * viable)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / viable + (z * z) / (4 * viable * viable))) / scale;
  return [Math.round((middle - half) * 1_000) / 10, Math.round((middle + half) * 1_000) / 10];
}

export function figuresLine(figures: Figures & { room: string; of: number }): string {
  const { room, mutants, of, viable, killed, survived, uncovered, by, percent } = figures;
  const [low, high] = interval(figures);
  const killers = Object.entries(by)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} by ${name}`);
  const sampled = mutants === of ? "" : ` of ${of} (${low} to ${high} % of all, with 95 % confidence)`;
  return `${room}: ${mutants} mutants${sampled}, ${viable} viable, ${killed} killed (${killers.join(", ")}), ${survived} survived (${uncovered} not covered), ${percent} %`;
}
