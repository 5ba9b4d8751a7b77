import { lookIfReady } from "../engine/readiness.ts";
import type { Readiness, ReadinessPart } from "../engine/ports/readiness.ts";
import type { Worker } from "../engine/worker.ts";
import type { KnownApp } from "../github/app.ts";
import { Problem } from "../problem.ts";
import { readMigrations } from "../store/migrate.ts";
import type { Store } from "../store/records.ts";

export interface HealthParts {
  store: Pick<Store, "foreign">;
  worker: Pick<Worker, "pulse">;
  leaseSeconds: number;
  /** Asks GitHub who we are; null where it does not answer. Throws a Problem where it refuses us. */
  identify: () => Promise<KnownApp | null>;
}

export interface Health {
  /** Before this it is not ready. */
  begin(parts: HealthParts): void;
  /** From here on it is not ready any more, until its end. */
  drain(): void;
  readiness(): Promise<Readiness>;
  /** What was found last, without looking. */
  last(): readonly ReadinessPart[];
}

/** Milliseconds for which an answer is given again: whoever asks more often costs nobody anything. */
const fresh = 1_000;
/** Milliseconds after which GitHub is asked again who we are: a request in a minute, and after a failure six. */
const asked = { well: 60_000, ill: 10_000 };
/** Seconds without a look at the queues; a healthy worker looks each ten. */
const longestSilence = 30;

/** How many migrations this program brings. */
export const ownMigrations = (): number => readMigrations().length;

export function createHealth(): Health {
  let parts: HealthParts | null = null;
  let draining = false;
  let kept: { at: number; found: Promise<ReadinessPart[]> } | null = null;
  let last: readonly ReadinessPart[] = [];
  const look = async (): Promise<ReadinessPart[]> => {
    const found = await lookIfReady({ parts: parts === null ? [] : looksOf(parts) });
    last = found;
    return found;
  };
  return {
    begin: (all) => {
      parts = { ...all, identify: remembering(all.identify) };
      kept = null;
    },
    drain: () => {
      draining = true;
    },
    last: () => last,
    readiness: async () => {
      if (parts === null) return { ready: false, draining, parts: [{ name: "start", state: "failing", text: "it is starting still" }] };
      if (kept === null || performance.now() - kept.at >= fresh) kept = { at: performance.now(), found: look() };
      const found = await kept.found;
      return { ready: !draining && found.every(({ state }) => state !== "failing"), draining, parts: found };
    },
  };
}

type Found = Pick<ReadinessPart, "state" | "text">;
const well = (text: string): Found => ({ state: "ok", text });
const ill = (text: string): Found => ({ state: "failing", text });

function looksOf({ store, worker, leaseSeconds, identify }: HealthParts): { name: string; look: () => Promise<Found> }[] {
  const ours = ownMigrations();
  // One question for both: whether it answers, and what it has.
  let asking: Promise<Problem | null> | null = null;
  const once = (): Promise<Problem | null> =>
    (asking ??= store.foreign().finally(() => {
      asking = null;
    }));
  return [
    {
      name: "database",
      look: async () => {
        await once();
        return well("it answers");
      },
    },
    {
      name: "migrations",
      look: async () => {
        const foreign = await once();
        if (foreign === null) return well(`all ${ours} of this program are applied, and no other`);
        return ill(`${foreign.text} This server takes up nothing any more. ${foreign.hint}`);
      },
    },
    {
      name: "workers",
      look: async () => {
        const { stopped, looked } = worker.pulse();
        if (stopped) return ill("they were stopped");
        return looked <= longestSilence
          ? well(`they looked at the queues ${Math.round(looked)} s ago`)
          : ill(`they could not look at the queues for ${Math.round(looked)} s: the log says why`);
      },
    },
    {
      name: "leases",
      look: async () => {
        const { beat } = worker.pulse();
        return beat <= leaseSeconds
          ? well(`they were prolonged ${Math.round(beat)} s ago`)
          : ill(`they could not be prolonged for ${Math.round(beat)} s: others take over what is under way here`);
      },
    },
    {
      name: "github",
      look: async () => {
        try {
          const app = await identify();
          if (app === null) return { state: "away", text: "GitHub does not answer now: deliveries are kept until it does" };
          return well(`it knows this App as ${app.slug}`);
        } catch (error) {
          if (error instanceof Problem) return ill(`${error.text} ${error.hint}`);
          throw error;
        }
      },
    },
  ];
}

/** What GitHub said last, for a time. */
function remembering(identify: HealthParts["identify"]): HealthParts["identify"] {
  let known: { until: number; answer: Promise<KnownApp | null> } | null = null;
  return () => {
    if (known !== null && performance.now() < known.until) return known.answer;
    const answer = identify();
    const entry = { until: performance.now() + asked.well, answer };
    known = entry;
    const sooner = (): void => {
      entry.until = performance.now() + asked.ill;
    };
    answer.then((app) => (app === null ? sooner() : undefined), sooner);
    return answer;
  };
}
