/**
 * The same function with its last answers at hand. For what is named by ids of git's objects alone, whose answers never change; one that failed is asked
 * again. Whoever gets an answer must leave it as it is.
 */
export function remembering<Ids extends string[], Answer>(
  most: number,
  ask: (...ids: Ids) => Promise<Answer>,
): (...ids: Ids) => Promise<Answer> {
  const known = new Map<string, Promise<Answer>>();
  return (...ids) => {
    const key = ids.join(" ");
    const answer = known.get(key) ?? ask(...ids);
    // The one that was asked for last is the last to go.
    known.delete(key);
    known.set(key, answer);
    for (const oldest of known.keys()) {
      if (known.size <= most) break;
      known.delete(oldest);
    }
    answer.catch(() => {
      if (known.get(key) === answer) known.delete(key);
    });
    return answer;
  };
}
