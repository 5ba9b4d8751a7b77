import type { Announcement, Heard, Receiver, Unheard } from "../../rollout/announcement.ts";
import { ircTexts } from "./line.ts";
import { type IrcChannel, type IrcServer, ircTimes, type IrcTimes, placeOf } from "./server.ts";
import { type IrcSession, openSession } from "./session.ts";

/** A server and its channels. It is joined when there is something to say, and left when there was nothing for long. */
export interface IrcNetwork {
  receivers: readonly Receiver[];
  /** Leaves in order. */
  close(): Promise<void>;
}

/** Milliseconds between two tries at most. */
const longestWait = 600_000;

export function createIrcNetwork(server: IrcServer, channels: readonly IrcChannel[], times: IrcTimes = ircTimes): IrcNetwork {
  let session: IrcSession | null = null;
  let idle: NodeJS.Timeout | null = null;
  let failures = 0;
  let notBefore = 0;
  let last: Unheard | null = null;
  /** One thing at a time. */
  let turn: Promise<unknown> = Promise.resolve();
  const leaving = new AbortController();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => null);
    return mine;
  };

  const open = async (signal: AbortSignal, onStep: (text: string) => void): Promise<IrcSession | Unheard> => {
    if (session?.isOpen() === true) return session;
    const wait = notBefore - performance.now();
    // Servers throttle, and then ban, who comes again and again.
    if (last !== null && wait > 0) return { ...last, afterSeconds: Math.ceil(wait / 1000) };
    const opened = await openSession(server, times, signal, onStep);
    if ("heard" in opened) {
      failures += 1;
      notBefore = performance.now() + Math.min(times.again * 2 ** (failures - 1), longestWait);
      last = opened;
      return opened;
    }
    [session, failures, last] = [opened, 0, null];
    return opened;
  };

  const leaveLater = (): void => {
    if (idle !== null) clearTimeout(idle);
    idle = setTimeout(() => void inTurn(leave), times.idle);
    idle.unref();
  };

  const leave = async (): Promise<void> => {
    const left = session;
    session = null;
    await left?.quit();
  };

  const say = async (
    channel: IrcChannel,
    announcement: Announcement,
    signal: AbortSignal,
    onStep: (text: string) => void,
  ): Promise<Heard> => {
    if (leaving.signal.aborted)
      return { heard: false, text: `${placeOf(server)}: the gate is stopping`, hint: "It is said after the next start.", afterSeconds: 0 };
    const opened = await open(signal, onStep);
    if ("heard" in opened) return opened;
    leaveLater();
    const notIn = await opened.join(channel, signal);
    if (notIn !== null) return notIn;
    onStep(`in ${channel.channel}`);
    const unsaid = await opened.say(channel, ircTexts(announcement, { nick: opened.nick, channel: channel.channel }), signal);
    return unsaid ?? { heard: true };
  };

  return {
    receivers: channels.map((channel) => ({
      name: channel.name,
      say: (announcement, signal, onStep = () => {}) =>
        inTurn(() => say(channel, announcement, AbortSignal.any([signal, leaving.signal]), onStep)),
    })),
    close: async () => {
      leaving.abort();
      if (idle !== null) clearTimeout(idle);
      await inTurn(leave);
    },
  };
}
