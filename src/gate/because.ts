import { Meter } from "../policy/meter.ts";
import { evaluateWhen, type ChangeInput } from "../policy/when.ts";
import { known } from "./facts.ts";
import { list } from "./phrases.ts";

/** Paths that are tried one by one; of a change of more, nobody reads which. */
const mostPaths = 500;

/** The paths of which each by itself makes a condition hold that does not hold without any; null where it is not about paths. */
export function becauseOf(when: string, input: ChangeInput): string | null {
  const { paths } = input.change;
  if (!paths.known || paths.value.length > mostPaths) return null;
  // Of all paths together: they are words beside a reason.
  const meter = new Meter();
  const holds = (some: readonly string[]): boolean => {
    const result = evaluateWhen(when, { ...input, change: { ...input.change, paths: known(some) } }, meter);
    return result.known && result.value;
  };
  if (holds([])) return null;
  const its = paths.value.filter((path) => holds([path]));
  return its.length === 0 || meter.isOver ? null : list(its, 2);
}
