import { play, type Played, plantKinds } from "./play.ts";

/** Rollouts, every second of a good release; `wrong`: halts of good ones, and bad ones that went on where they could be seen, each with its seed. */
export function figures({ rollouts, nodes, seed }: { rollouts: number; nodes: number; seed: number }): { wrong: string[]; line: string } {
  const wrong: string[] = [];
  const all: Played[] = [];
  for (let at = 0; at < rollouts; at += 1) {
    const kind = at % 2 === 0 ? "good" : (plantKinds[((at - 1) / 2) % plantKinds.length] ?? "good");
    const played = play(seed + at, nodes, kind);
    all.push(played);
    const stopped = played.halt === null ? "its end" : `lane ${played.halt.lane} for ${JSON.stringify(played.halt.halt.why).slice(0, 400)}`;
    const isRight = played.halt === null ? !played.must : played.right.includes(played.halt.lane);
    if (!isRight) wrong.push(`seed ${seed + at}, ${kind}: came to ${stopped} and not to ${played.right.join(" or ") || "its end"}`);
  }
  const good = all.filter(({ must }) => !must);
  const bad = all.filter(({ must }) => must);
  const hours = good.map((played) => played.hours).toSorted((a, b) => a - b)[Math.floor(good.length / 2)] ?? 0;
  const first = bad.filter(({ halt }) => halt?.lane === 0).length;
  const line = `${rollouts} rollouts of ${nodes} nodes: ${good.length} good, ${good.filter(({ halt }) => halt !== null).length} halted, ${hours.toFixed(1)} hours each; ${bad.length} bad, ${bad.filter(({ halt }) => halt === null).length} not halted, ${first} halted in the first lane`;
  return { wrong, line };
}
