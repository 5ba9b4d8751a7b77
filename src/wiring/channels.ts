import type { Config } from "../config.ts";
import { createReceivers, type Receivers } from "../notify/receivers.ts";
import { type Channels, readChannels } from "../notify/site.ts";
import type { IrcTimes } from "../notify/irc/server.ts";

/** The channels of the site's file, and what of it must never be told; none without one. Throws a Problem that names file and line. */
export async function channelsOf(
  { announce }: Pick<Config, "announce">,
  times?: IrcTimes,
): Promise<Receivers & { secrets: readonly string[] }> {
  if (announce === undefined) return { all: [], secrets: [], close: async () => {} };
  const channels = await readChannels(announce);
  return { ...createReceivers(channels, times), secrets: secretsOf(channels) };
}

/** Whoever has the path of a webhook's address can speak there. */
const secretsOf = ({ slack, irc }: Channels): string[] => [
  ...slack.flatMap(({ url }) => [url, new URL(url).pathname]),
  ...irc.flatMap(({ server, channels }) => [
    server.password ?? "",
    server.sasl !== null && "password" in server.sasl ? server.sasl.password : "",
    ...channels.map(({ key }) => key ?? ""),
  ]),
];
