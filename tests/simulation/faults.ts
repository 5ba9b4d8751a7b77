import type { Chance } from "./chance.ts";

/** How much goes wrong, as probabilities of each operation. */
export interface Weather {
  /** A request to GitHub, a fetch or a push that fails in one of the ways that `src/demo/github/faults.ts` lists. */
  network: number;
  /** Of those, the part that fails after the work was done: its answer is lost. */
  lostAnswers: number;
  /** An answer of before. */
  stale: number;
  /** A rate limit. */
  limits: number;
  /** A process is killed at an operation. */
  kills: number;
  /** A process stands still for a while, as a machine does that swaps. */
  stalls: number;
  /** A webhook is lost with a failed delivery, vanishes, comes twice, or late. */
  webhooks: number;
  /** A notification of the database is lost. */
  notifications: number;
  /** People do something just when a change is about to land. */
  meddling: number;
  /** Of the steps of a landing, the part that goes wrong: its answer is lost or late, or the process dies or stands still over it. */
  mishaps: number;
  /** Whether what goes wrong with a landing is always that its answer never comes. */
  unanswered?: true;
  /** The part of the seeds in which two processes share the work. */
  pairs: number;
  /** How often something happens although the gate is still busy. */
  hurry: number;
  /** Whether people wait for the gate, and what they mostly do then: changes with something missing, or with nothing. */
  waiting: "no" | "tempting" | "landing";
  /** The wall clock of the gate's machine jumps, at each event. */
  clock: number;
}

export const calm: Weather = {
  network: 0,
  lostAnswers: 0,
  stale: 0,
  limits: 0,
  kills: 0,
  stalls: 0,
  webhooks: 0,
  notifications: 0,
  meddling: 0,
  mishaps: 0,
  pairs: 0.3,
  hurry: 0.02,
  waiting: "no",
  clock: 0,
};

const storm: Weather = {
  network: 0.02,
  lostAnswers: 0.4,
  stale: 0.003,
  limits: 0.001,
  kills: 0.0015,
  stalls: 0.0005,
  webhooks: 0.15,
  notifications: 0.05,
  meddling: 0.3,
  mishaps: 0.2,
  pairs: 0.3,
  hurry: 0.02,
  waiting: "no",
  clock: 0.01,
};

/** Some seeds have fair weather, in which people wait for the gate; some one kind of bad, and most all kinds. */
const kinds = {
  fair: { ...calm, hurry: 0.001, meddling: 0.2, waiting: "tempting" },
  busy: { ...calm, meddling: 0.9 },
  meddled: { ...calm, hurry: 0.001, meddling: 0.9, waiting: "landing" },
  "ill-timed": { ...calm, hurry: 0.001, meddling: 0.4, mishaps: 0.8, pairs: 0.7, waiting: "landing" },
  unanswered: { ...calm, hurry: 0.001, meddling: 0.4, mishaps: 0.6, unanswered: true, waiting: "landing" },
  deadly: { ...calm, kills: 0.006, meddling: 0.3 },
  "out of reach": { ...calm, network: 0.08, lostAnswers: 0.5, meddling: 0.3 },
  "hard of hearing": { ...calm, webhooks: 0.5, notifications: 0.3 },
  "worn out": { ...storm, kills: 0.004, stalls: 0.003 },
  storm,
} as const satisfies Readonly<Record<string, Weather>>;
export type WeatherName = keyof typeof kinds;
export const weatherNames = Object.keys(kinds) as WeatherName[];

export function weatherOf(chance: Chance, given: WeatherName | null): Weather {
  const drawn = chance.pick([...weatherNames, "fair", "storm"] as const);
  return kinds[given ?? drawn];
}

/** How a step of a landing goes wrong. `late`: it is done at once, and the answer takes up to a minute and a half. */
const deaths = ["dies before", "dies after", "dies soon", "stands still"] as const;
const answers = ["late", "late", "lost", "lost", "lost", "never done"] as const;
export type Mishap = (typeof deaths)[number] | (typeof answers)[number];

/** Before the last look is kept, while its intention is, or when the landing itself is asked for. */
export type LandingStep = "looked" | "intended" | "asked";

export function mishapOf(weather: Weather, chance: Chance, at: LandingStep): Mishap | null {
  if (!chance.is(weather.mishaps)) return null;
  if (weather.unanswered === true) return at === "asked" ? "lost" : null;
  if (at === "looked") return "stands still";
  // Whoever stood still in its transaction would keep everybody waiting.
  return at === "intended" ? "dies soon" : chance.pick([...deaths, ...answers]);
}

/** How a request to GitHub goes wrong. */
export type RequestFault =
  | { kind: "error-before" | "error-after"; status: number }
  | { kind: "dropped-before" | "dropped-after" | "stale" | "last-page-fails" }
  | { kind: "secondary-limit"; retryAfter: number }
  | { kind: "primary-limit"; resetAfter: number };

export function requestFault(weather: Weather, chance: Chance): RequestFault | null {
  if (chance.is(weather.stale)) return { kind: "stale" };
  if (chance.is(weather.limits))
    return chance.is(0.5) ? { kind: "secondary-limit", retryAfter: 60 } : { kind: "primary-limit", resetAfter: 600 };
  if (!chance.is(weather.network)) return null;
  if (chance.is(weather.lostAnswers)) return chance.is(0.5) ? { kind: "dropped-after" } : { kind: "error-after", status: 502 };
  return chance.pick([
    { kind: "dropped-before" },
    { kind: "error-before", status: 503 },
    { kind: "error-before", status: 500 },
    { kind: "last-page-fails" },
  ] as const);
}
