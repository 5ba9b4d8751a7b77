import type { Config } from "../config.ts";
import { createReceivers, type Receivers } from "../notify/receivers.ts";
import { readChannels } from "../notify/site.ts";
import type { IrcTimes } from "../notify/irc/server.ts";

/** The channels of the site's file; none without one. Throws a Problem that names file and line. */
export async function channelsOf({ announce }: Pick<Config, "announce">, times?: IrcTimes): Promise<Receivers> {
  if (announce === undefined) return { all: [], close: async () => {} };
  return createReceivers(await readChannels(announce), times);
}
