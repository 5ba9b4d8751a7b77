import type { Receiver } from "../rollout/announcement.ts";
import { createIrcNetwork } from "./irc/network.ts";
import { type IrcTimes, ircTimes } from "./irc/server.ts";
import type { Channels } from "./site.ts";
import { createSlackReceiver } from "./slack.ts";

/** All channels of a site, ready to be spoken to. Nothing is connected before there is something to say. */
export interface Receivers {
  all: readonly Receiver[];
  close(): Promise<void>;
}

export function createReceivers({ slack, irc }: Channels, times: IrcTimes = ircTimes): Receivers {
  const networks = irc.map(({ server, channels }) => createIrcNetwork(server, channels, times));
  return {
    all: [...slack.map(createSlackReceiver), ...networks.flatMap(({ receivers }) => receivers)],
    close: async () => {
      await Promise.all(networks.map((network) => network.close()));
    },
  };
}
