import type { Chance } from "../../simulation/chance.ts";
import type { Passing } from "./taps.ts";

/** A moment in which a process is to be killed. */
export interface Aim {
  name: string;
  /** The so-manieth that fits, on its way there or back; null for one that is not about what passes. */
  passing: { fits: (passing: Passing) => boolean; nth: number; way: Passing["way"] } | null;
  /** Milliseconds after that, or after a start. */
  delay: number;
  /** It is killed after its next start: at once now, so that there is one. */
  starting: boolean;
  /** Milliseconds after which it is killed whatever it is at. */
  patience: number;
}

type Kind = (chance: Chance) => Omit<Aim, "name">;

const none = { passing: null, delay: 0, starting: false };
const passing =
  (fits: (passing: Passing) => boolean, most: number, patience: number): Kind =>
  (chance) => ({ ...none, passing: { fits, nth: 1 + chance.below(most), way: chance.pick(["there", "back"]) }, patience });
const isOf =
  (kind: Passing["kind"], pattern: RegExp) =>
  (one: Passing): boolean =>
    one.kind === kind && pattern.test(one.label);

/** The request that moves a base branch. */
export const isLanding = ({ label }: Pick<Passing, "label">): boolean =>
  /^POST .*\/git-receive-pack$|^PUT .*\/pulls\/\d+\/merge$/u.test(label);
/** A check is taken: Puppet compiles soon, and for seconds. */
const isCheck = ({ kind, label, text }: Passing): boolean =>
  kind === "database" && label.startsWith("insert into leases") && /check \d+#\d+/u.test(text());

const kinds: readonly { name: string; weight: number; of: Kind }[] = [
  { name: "a request to GitHub", weight: 3, of: passing(isOf("github", /(?:)/u), 30, 4_000) },
  { name: "a write to GitHub", weight: 4, of: passing(isOf("github", /^(?!GET )/u), 6, 5_000) },
  { name: "a landing", weight: 7, of: passing(isLanding, 1, 8_000) },
  { name: "git", weight: 1, of: passing(isOf("git", /(?:)/u), 5, 5_000) },
  { name: "a statement", weight: 2, of: passing(isOf("database", /(?:)/u), 150, 4_000) },
  { name: "a commit of the database", weight: 3, of: passing(isOf("database", /^commit/u), 25, 4_000) },
  { name: "what is kept of a landing", weight: 6, of: passing(isOf("database", /landings|insert into entries|evidence/u), 3, 8_000) },
  { name: "an intention", weight: 2, of: passing(isOf("database", /^(?:insert into|update) (?:effects|checks|changes)/u), 4, 5_000) },
  { name: "a compile", weight: 5, of: (chance) => ({ ...passing(isCheck, 1, 5_000)(chance), delay: chance.below(3_000) }) },
  { name: "a start", weight: 3, of: (chance) => ({ ...none, starting: true, delay: chance.below(2_500), patience: 20_000 }) },
  { name: "no moment in particular", weight: 1, of: (chance) => ({ ...none, patience: chance.below(3_000) }) },
];

export function aimOf(chance: Chance): Aim {
  const { name, of } = chance.weighted(kinds);
  return { name, ...of(chance) };
}
