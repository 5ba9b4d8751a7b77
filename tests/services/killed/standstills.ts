/** Whether the whole machine stood still, as one does that is suspended: what then runs out of time is no fault of the gate's. */
export interface Standstills {
  /** Whether an error may come of one: a time-out, so soon after it. */
  explain(text: string): boolean;
  end(): void;
}

const interval = 200;
/** Milliseconds by which a timer is late that are no mere load. */
const late = 5_000;
/** Milliseconds after which nothing comes of it any more: the gate's own patience with its database, and somewhat more. */
const aftermath = 70_000;

export function watchStandstills(say: (text: string) => void): Standstills {
  let last = performance.now();
  let stood = -Infinity;
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > late) {
      stood = now;
      say(`everything stood still for ${((now - last) / 1000).toFixed(0)} s`);
    }
    last = now;
  }, interval);
  return {
    explain: (text) => performance.now() - stood < aftermath && /timeout|timed out|terminated/iu.test(text),
    end: () => clearInterval(timer),
  };
}
