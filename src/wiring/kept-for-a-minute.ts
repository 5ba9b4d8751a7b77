const minute = 60_000;

/** Gives what was asked within the same minute again: reading it is too dear for every look at a page. */
export function keptForAMinute<Asked extends unknown[], Answer>(
  now: () => Date,
  ask: (...asked: Asked) => Promise<Answer>,
): (...asked: Asked) => Promise<Answer> {
  const kept = new Map<string, { at: number; answer: Promise<Answer> }>();
  return (...asked) => {
    const at = now().getTime();
    for (const [key, one] of kept) if (at >= one.at + minute) kept.delete(key);
    const key = JSON.stringify(asked);
    const known = kept.get(key);
    if (known !== undefined) return known.answer;
    const answer = ask(...asked);
    kept.set(key, { at, answer });
    // A failure is not kept: the next who asks may be luckier.
    answer.catch(() => kept.delete(key));
    return answer;
  };
}
