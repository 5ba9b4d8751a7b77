import type { Unheard } from "../../rollout/announcement.ts";
import { networkFault } from "../network-words.ts";
import { plain } from "../plain.ts";
import { fold, type IrcLine, ircLine } from "./line.ts";
import { type Asked, type Refusal, refusalOf } from "./replies.ts";
import { authenticate } from "./sasl.ts";
import { type IrcChannel, type IrcServer, type IrcTimes, placeOf } from "./server.ts";
import { openWire, type Wire } from "./wire.ts";

/** One stay on a server, from being let in to leaving. */
export interface IrcSession {
  nick: string;
  isOpen(): boolean;
  /** Null where we are in the channel. */
  join(channel: IrcChannel, signal: AbortSignal): Promise<Unheard | null>;
  /** Null where the server has taken all of it. At most one line in `times.line`. */
  say(channel: IrcChannel, texts: readonly string[], signal: AbortSignal): Promise<Unheard | null>;
  quit(): Promise<void>;
}

/** Nicks that are tried, one after the other, where ours is somebody's. */
const nicksOf = (nick: string): string[] => [nick, `${nick}_`, `${nick}__`];

/** Connects and is let in; where an account is asked for, by nothing less. Never throws for what a server can do. */
export async function openSession(
  server: IrcServer,
  times: IrcTimes,
  signal: AbortSignal,
  onStep: (text: string) => void,
): Promise<IrcSession | Unheard> {
  let wire: Wire | null = null;
  try {
    wire = await openWire(server, times, signal);
    onStep(wire.tls === null ? "connected, without TLS" : `connected with ${wire.tls}: its certificate is of a CA that is trusted here`);
    const self = selfOn(wire, server);
    const nick = await register(wire, server, times, signal, onStep);
    if (typeof nick === "string") return sessionOver(wire, { server, times, self });
    await wire.close(ircLine("QUIT", "not let in as who we are"));
    return refused(server, nick);
  } catch (error) {
    await wire?.close(null);
    return faultOf(server, error);
  }
}

/** Servers say why they end a connection; that is worth more than that they did. */
function faultOf(server: IrcServer, error: unknown): Unheard {
  const { said } = error as { said?: string };
  if (said === undefined) return networkFault(error, placeOf(server));
  return refused(server, { text: `it ended the connection ("${plain(said)}")`, hint: "Ask the server's operators what that means there." });
}

const refused = (server: IrcServer, { text, hint }: Refusal): Unheard => ({
  heard: false,
  text: `${placeOf(server)}: ${text}`,
  hint,
  afterSeconds: 0,
});

/** The nick that we got, or why we are not let in. */
async function register(
  wire: Wire,
  server: IrcServer,
  times: IrcTimes,
  signal: AbortSignal,
  onStep: (text: string) => void,
): Promise<string | Refusal> {
  const nicks = nicksOf(server.nick);
  let at = 0;
  const welcome = wire.until<string | Refusal>(
    (line) => {
      if (line.command === "001") return line.params[0] ?? server.nick;
      if (line.command !== "433" && line.command !== "437") return refusalOf("register", line);
      at += 1;
      const next = nicks[at];
      if (next === undefined)
        return { text: `the nick ${server.nick} and those tried after it are in use`, hint: "Write another `nick` into the site's file." };
      wire.send("NICK", next);
      return null;
    },
    times.register,
    signal,
  );
  // Heard by who waits for the authentication first.
  welcome.catch(() => null);
  if (server.sasl !== null) wire.send("CAP", "LS", "302");
  if (server.password !== null) wire.send("PASS", server.password);
  wire.send("NICK", server.nick);
  wire.send("USER", server.nick.replaceAll(/[^A-Za-z0-9]/gu, "").slice(0, 9) || "gate", "0", "*", "puppet-gate");
  if (server.sasl !== null) {
    const refusal = await Promise.race([authenticate(wire, server.sasl, times, signal), welcome]);
    // Let in before we were known: a server that does so would let us speak as anybody.
    if (typeof refusal === "string") return { text: "it let us in without asking who we are", hint: "Use a server that has SASL." };
    if (refusal !== null) return refusal;
    onStep(
      `known as ${server.sasl.mechanism === "PLAIN" ? server.sasl.account : "the certificate's account"} (SASL ${server.sasl.mechanism})`,
    );
    wire.send("CAP", "END");
  }
  const nick = await welcome;
  if (typeof nick === "string") onStep(`let in as ${plain(nick)}`);
  return nick;
}

/** Who we are there, and in which channels: both can change without our asking. */
interface Self {
  nick: string;
  /** Folded. */
  joined: Set<string>;
}

/** From the first line on: what comes with the welcome counts, too. */
function selfOn(wire: Wire, { nick }: IrcServer): Self {
  const self: Self = { nick, joined: new Set() };
  wire.onLine(({ source, command, params }) => {
    const [who = ""] = source.split("!");
    const isOurs = fold(who) === fold(self.nick);
    const channel = fold(params[0] ?? "");
    if (command === "001") self.nick = params[0] ?? nick;
    if (command === "NICK" && isOurs) self.nick = params[0] ?? self.nick;
    if (command === "JOIN" && isOurs) self.joined.add(channel);
    if (command === "PART" && isOurs) self.joined.delete(channel);
    if (command === "KICK" && fold(params[1] ?? "") === fold(self.nick)) self.joined.delete(channel);
  });
  return self;
}

function sessionOver(wire: Wire, { server, times, self }: { server: IrcServer; times: IrcTimes; self: Self }): IrcSession {
  let lastLine = 0;
  const answer = async (
    ask: () => void,
    take: (line: IrcLine) => Refusal | "fine" | null,
    signal: AbortSignal,
  ): Promise<Unheard | null> => {
    try {
      const answered = wire.until(take, times.answer, signal);
      ask();
      const got = await answered;
      return got === "fine" ? null : refused(server, got);
    } catch (error) {
      return faultOf(server, error);
    }
  };
  const about = (asked: Asked, { channel }: IrcChannel, line: IrcLine): Refusal | null => {
    if (!line.params.slice(1, -1).some((param) => fold(param) === fold(channel))) return null;
    const refusal = refusalOf(asked, line);
    return refusal === null ? null : { ...refusal, text: `${channel}: ${refusal.text}` };
  };
  let pings = 0;
  return {
    get nick() {
      return self.nick;
    },
    isOpen: () => wire.isOpen(),
    join: async (channel, signal) => {
      if (self.joined.has(fold(channel.channel))) return null;
      return answer(
        () => wire.send("JOIN", channel.channel, ...(channel.key === null ? [] : [channel.key])),
        (line) => {
          const [who = ""] = line.source.split("!");
          if (line.command === "JOIN" && fold(who) === fold(self.nick) && fold(line.params[0] ?? "") === fold(channel.channel))
            return "fine";
          return about("join", channel, line);
        },
        signal,
      );
    },
    say: async (channel, texts, signal) => {
      for (const text of texts) {
        await pause(lastLine + times.line - performance.now());
        lastLine = performance.now();
        wire.send("PRIVMSG", channel.channel, text);
      }
      // Nothing answers a message that was passed on. Whoever answers this has read all before it, and refused what it refuses.
      pings += 1;
      const token = `gate-${pings}`;
      return answer(
        () => wire.send("PING", token),
        (line) => {
          if (line.command === "PONG" && line.params.at(-1) === token) return "fine";
          if (
            line.command === "KICK" &&
            fold(line.params[0] ?? "") === fold(channel.channel) &&
            fold(line.params[1] ?? "") === fold(self.nick)
          )
            return {
              text: `${channel.channel}: we were thrown out ("${plain(line.params[2] ?? "")}")`,
              hint: "Ask an operator of the channel.",
            };
          return about("say", channel, line);
        },
        signal,
      );
    },
    quit: () => wire.close(ircLine("QUIT", "nothing more to announce")),
  };
}

const pause = (milliseconds: number): Promise<void> =>
  milliseconds <= 0
    ? Promise.resolve()
    : new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
      });
