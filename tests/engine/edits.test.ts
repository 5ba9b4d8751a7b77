import { expect, it } from "vitest";
import { snapshotOf } from "../../src/engine/edits.ts";
import { known, unknown, type CommentFacts, type Person, type Snapshot } from "../../src/gate/facts.ts";
import * as w from "../gate/world.ts";

const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };

/** The change as the forge tells it, with what deliveries told of edits, by the comment's place. */
async function told(comments: Snapshot["comments"], edits: ReadonlyArray<Person | null | undefined>) {
  const asked: Array<readonly number[]> = [];
  const ids = comments.known ? comments.value.map(({ id }) => id) : [];
  const byId = new Map(edits.flatMap((by, at) => (by === undefined ? [] : [[ids[at] ?? 0, by] as const])));
  const store = { records: { editsOf: async (_: number, wanted: readonly number[]) => (asked.push(wanted), byId) } };
  const snapshot = await snapshotOf({ store, forge: { snapshot: async () => w.facts({ comments }) } }, origin, 7);
  return { comments: snapshot.comments, asked };
}

const comment = (edited: CommentFacts["edited"] = known(null)): CommentFacts => w.comment(w.alice, "/merge", { edited });

it.each<[string, CommentFacts, Person | null | undefined, CommentFacts["edited"]]>([
  ["nobody edited it", comment(), undefined, known(null)],
  ["its author did, which the forge does not tell yet", comment(), w.alice, known({ by: w.alice, foreign: false })],
  ["somebody else did", comment(), w.bob, known({ by: w.bob, foreign: true })],
  ["an account that is gone did", comment(), null, known({ by: null, foreign: false })],
  ["the forge tells of an edit itself", comment(known({ by: w.carol, foreign: true })), w.alice, known({ by: w.carol, foreign: true })],
  ["the forge could not say", comment(unknown("GitHub answered 502")), w.alice, known({ by: w.alice, foreign: false })],
  ["somebody did, and its author is gone", { ...comment(), author: null }, w.bob, known({ by: w.bob, foreign: true })],
])("a comment, where %s", async (_, of, by, expected) => {
  const { comments, asked } = await told(known([of]), [by]);
  expect(comments).toEqual(known([{ ...of, edited: expected }]));
  expect(asked).toEqual([[of.id]]);
});

it("nobody is asked where there is no comment, or none is known", async () => {
  expect(await told(known([]), [])).toEqual({ comments: known([]), asked: [] });
  expect(await told(unknown("GitHub answered 502"), [])).toEqual({ comments: unknown("GitHub answered 502"), asked: [] });
});
