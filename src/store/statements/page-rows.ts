import type { ChangeTitle } from "../../engine/ports/change-records.ts";
import type { Verdict } from "../../gate/verdict.ts";
import type { KeptOrder, Order, OrderAnswer } from "../../rollout/orders.ts";
import type { Standing } from "../../gate/view.ts";
import type { Executor } from "../executor.ts";

/** A change as a list on a page has it. */
export interface ChangeRow {
  number: number;
  state: "open" | "closed" | "merged";
  baseRef: string | null;
  head: string | null;
  /** Null before the first decision. */
  standing: Standing | null;
  verdict: Verdict | null;
  /** Null where it was decided on last before this was kept. */
  about: ChangeTitle | null;
  decidedAt: Date | null;
}

/** Which changes a list has. */
export interface ChangesAsked {
  state: ChangeRow["state"];
  standing: Standing | null;
  /** That reach it by their last check. */
  service: string | null;
  team: string | null;
  /** Of higher numbers than this are left out: where the page before ended. */
  below: number | null;
  most: number;
}

/** Changes of a repository, the newest first. */
export async function listChanges(executor: Executor, repository: number, asked: ChangesAsked): Promise<ChangeRow[]> {
  const { state, standing, service, team, below, most } = asked;
  const parameters: unknown[] = [repository, state, most];
  const place = (value: unknown): string => `$${parameters.push(value)}`;
  // Written only where they are asked for, so that each has the plan that is its own.
  const conditions = [
    ...(standing === null ? [] : [`standing = ${place(standing)}`]),
    ...(service === null ? [] : [`services @> array[${place(service)}::text]`]),
    ...(team === null ? [] : [`teams @> array[${place(team)}::text]`]),
    ...(below === null ? [] : [`number < ${place(below)}`]),
  ];
  const { rows } = await executor.query<Row>(
    `select ${columns} from changes where repository = $1 and state = $2 ${conditions.map((each) => `and ${each}`).join(" ")} order by number desc limit $3`,
    parameters,
  );
  return rows.map(changeRow);
}

/** Null where there is none. */
export async function showChange(executor: Executor, repository: number, number: number): Promise<ChangeRow | null> {
  const { rows } = await executor.query<Row>(`select ${columns} from changes where repository = $1 and number = $2`, [repository, number]);
  return rows[0] === undefined ? null : changeRow(rows[0]);
}

const columns = "number, state, base_ref, head, standing, verdict, about, decided_at";

interface Row {
  number: number;
  state: ChangeRow["state"];
  base_ref: string | null;
  head: string | null;
  standing: Standing | null;
  verdict: string | null;
  about: string | null;
  decided_at: Date | null;
}

const changeRow = ({ base_ref, decided_at, verdict, about, ...row }: Row): ChangeRow => ({
  ...row,
  baseRef: base_ref,
  verdict: verdict === null ? null : (JSON.parse(verdict) as Verdict),
  about: about === null ? null : (JSON.parse(about) as ChangeTitle),
  decidedAt: decided_at,
});

/** What people said to a rollout last, the newest first. */
export async function lastOrders(executor: Executor, repository: number, most: number): Promise<KeptOrder[]> {
  const { rows } = await executor.query<{ said: string; answer: string | null }>(
    "select said, answer from rollout_orders where repository = $1 order by seq desc limit $2",
    [repository, most],
  );
  return rows.map(({ said, answer }) => ({
    order: JSON.parse(said) as Order,
    answer: answer === null ? null : (JSON.parse(answer) as OrderAnswer),
  }));
}
