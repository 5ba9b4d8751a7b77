import { must } from "../lookup.ts";
import { appShape, userShape } from "../shapes/account.ts";
import type { Asked } from "./asked.ts";

/** People, bots and Apps; null where the account was deleted. */

export function actorObject({ world }: Asked, accountId: number) {
  const account = must(world.state.accounts, accountId);
  if (account.deleted) return null;
  const { node_id: id, html_url: url } = userShape(world, account);
  // GraphQL knows a bot by the App's name alone.
  const login = account.type === "Bot" ? account.login.replace(/\[bot\]$/, "") : account.login;
  return { __typename: account.type, id, databaseId: account.id, login, name: account.name, url };
}

export function appObject({ world }: Asked, appId: number) {
  const { id: databaseId, node_id: id, name, slug } = appShape(world, must(world.state.apps, appId));
  return { __typename: "App", id, databaseId, name, slug };
}
