/** A line of a text's difference. `parts` are its words, those that differ from the line opposite with `differs`. */
export interface Line {
  kind: "same" | "removed" | "added" | "skipped";
  parts: ReadonlyArray<{ text: string; differs: boolean }>;
}

/** Lines around a difference that are shown with it. */
const around = 3;
/** Above so many pairs of lines between the first and the last difference, no common lines are looked for among them: the time stays linear. */
const mostPairs = 400_000;
/** In longer lines no words are set apart. */
const longestLine = 10_000;

/** How one text becomes the other, line by line. A missing end of the last line is said as a line of its own. */
export function lineDiff(before: string, after: string): Line[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const steps: Step[] = [
    ...old.slice(0, start).map((text): Step => ({ kind: "same", text })),
    ...middle(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map((text): Step => ({ kind: "same", text })),
  ];
  return emphasised(folded(steps));
}

interface Step {
  kind: Line["kind"];
  text: string;
}

const noEnd = "⟨no line end⟩";

function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  else lines.push(noEnd);
  return lines;
}

/** By the longest common subsequence; all of one side before all of the other where that would take too long. */
function middle(old: readonly string[], now: readonly string[]): Step[] {
  const removed = (text: string): Step => ({ kind: "removed", text });
  const added = (text: string): Step => ({ kind: "added", text });
  if (old.length * now.length > mostPairs || old.length === 0 || now.length === 0) return [...old.map(removed), ...now.map(added)];
  const width = now.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let at = old.length - 1; at >= 0; at -= 1)
    for (let other = now.length - 1; other >= 0; other -= 1)
      common[at * width + other] =
        old[at] === now[other]
          ? (common[(at + 1) * width + other + 1] ?? 0) + 1
          : Math.max(common[(at + 1) * width + other] ?? 0, common[at * width + other + 1] ?? 0);
  const steps: Step[] = [];
  let [at, other] = [0, 0];
  while (at < old.length || other < now.length) {
    const [was, is] = [old[at], now[other]];
    const isSame = was !== undefined && was === is;
    const goes = (common[(at + 1) * width + other] ?? 0) >= (common[at * width + other + 1] ?? 0);
    if (isSame) steps.push({ kind: "same", text: was });
    else if (was !== undefined && (is === undefined || goes)) steps.push(removed(was));
    else if (is !== undefined) steps.push(added(is));
    if (isSame || (was !== undefined && (is === undefined || goes))) at += 1;
    if (isSame || !(was !== undefined && (is === undefined || goes))) other += 1;
  }
  return steps;
}

/** Leaves out what is far from every difference. */
function folded(steps: readonly Step[]): Step[] {
  const near = new Uint8Array(steps.length);
  for (const [at, { kind }] of steps.entries())
    if (kind !== "same") near.fill(1, Math.max(0, at - around), Math.min(steps.length, at + around + 1));
  const kept: Step[] = [];
  let skipped = 0;
  for (const [at, step] of steps.entries()) {
    if (near[at] === 0) skipped += 1;
    if (skipped > 0 && (near[at] === 1 || at === steps.length - 1)) {
      kept.push({ kind: "skipped", text: `${skipped} ${skipped === 1 ? "line" : "lines"} as before` });
      skipped = 0;
    }
    if (near[at] === 1) kept.push(step);
  }
  return kept;
}

/** Sets the words apart in which a removed line and the added one opposite differ. */
function emphasised(steps: readonly Step[]): Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < steps.length;) {
    const removed = run(steps, at, "removed");
    const added = run(steps, at + removed.length, "added");
    const pairs = Math.min(removed.length, added.length);
    const words = removed.slice(0, pairs).map(({ text }, nth) => differingWords(text, added[nth]?.text ?? ""));
    for (const [nth, { text }] of removed.entries()) lines.push({ kind: "removed", parts: words[nth]?.[0] ?? whole(text) });
    for (const [nth, { text }] of added.entries()) lines.push({ kind: "added", parts: words[nth]?.[1] ?? whole(text) });
    at += removed.length + added.length;
    const step = steps[at];
    if (removed.length + added.length > 0 || step === undefined) continue;
    lines.push({ kind: step.kind, parts: whole(step.text) });
    at += 1;
  }
  return lines;
}

function run(steps: readonly Step[], from: number, kind: Step["kind"]): Step[] {
  let to = from;
  while (steps[to]?.kind === kind) to += 1;
  return steps.slice(from, to);
}

const whole = (text: string): Line["parts"] => [{ text, differs: false }];

/** What two lines begin and end with alike is left plain; nothing is set apart where they have little in common. */
function differingWords(old: string, now: string): [Line["parts"], Line["parts"]] {
  if (Math.max(old.length, now.length) > longestLine) return [whole(old), whole(now)];
  const [was, is] = [wordsOf(old), wordsOf(now)];
  let start = 0;
  while (start < was.length && start < is.length && was[start] === is[start]) start += 1;
  let end = 0;
  while (end < was.length - start && end < is.length - start && was[was.length - 1 - end] === is[is.length - 1 - end]) end += 1;
  const common = [...was.slice(0, start), ...was.slice(was.length - end)].join("").trim().length;
  if (common * 4 < Math.min(old.length, now.length)) return [whole(old), whole(now)];
  const parts = (words: readonly string[]): Line["parts"] =>
    [
      { text: words.slice(0, start).join(""), differs: false },
      { text: words.slice(start, words.length - end).join(""), differs: true },
      { text: words.slice(words.length - end).join(""), differs: false },
    ].filter(({ text }) => text !== "");
  return [parts(was), parts(is)];
}

const wordsOf = (line: string): string[] => line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
