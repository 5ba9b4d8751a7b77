import { once } from "node:events";
import { connect as connectPlain, isIP, type Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type IrcLine, ircLine, parseLine } from "./line.ts";
import type { IrcServer, IrcTimes } from "./server.ts";

/** One connection, as lines. */
export interface Wire {
  /** What TLS was agreed on; null without. */
  tls: string | null;
  send(command: string, ...params: string[]): void;
  /**
   * The first line, from now on, of which `take` makes something. Rejects when the connection ends, after `milliseconds` without such a line (code ETIMEDOUT), or
   * when told to stop.
   */
  until<T>(take: (line: IrcLine) => T | null, milliseconds: number, signal: AbortSignal): Promise<T>;
  /** Hears every line before anybody who waits for one. */
  onLine(hear: (line: IrcLine) => void): void;
  isOpen(): boolean;
  /** With a last line; the socket is gone when it resolves. */
  close(last: string | null): Promise<void>;
}

/** Characters of a line: tags and all, no server sends as many. */
const longestLine = 16_384;
/** Milliseconds that a server has to close after our last line. */
const parting = 2_000;

/** Rejects with Node's own error where there is no connection, or no TLS with a certificate that is trusted. */
export async function openWire(server: IrcServer, { answer, quiet }: IrcTimes, signal: AbortSignal): Promise<Wire> {
  const socket = dial(server);
  let isReached = false;
  socket.once("connect", () => (isReached = true));
  const opened = AbortSignal.any([signal, AbortSignal.timeout(answer)]);
  try {
    await once(socket, server.tls === null ? "connect" : "secureConnect", { signal: opened });
  } catch (error) {
    socket.destroy();
    throw opened.aborted ? late(server.tls !== null && isReached ? "TLS_SILENT" : "ETIMEDOUT") : error;
  }
  return overSocket(socket, quiet);
}

function dial({ host, port, tls, sasl }: IrcServer): Socket | TLSSocket {
  if (tls === null) return connectPlain({ host, port });
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 && { servername: host }),
    ...(tls.ca !== null && { ca: tls.ca }),
    ...(sasl?.mechanism === "EXTERNAL" && { cert: sasl.cert, key: sasl.key }),
  });
}

const late = (code = "ETIMEDOUT"): Error => Object.assign(new Error("no answer in time"), { code });

interface Waiter {
  hear: (line: IrcLine) => void;
  fail: (error: Error) => void;
}

function overSocket(socket: Socket | TLSSocket, quiet: number): Wire {
  const waiters = new Set<Waiter>();
  const hearers: ((line: IrcLine) => void)[] = [];
  const decoder = new StringDecoder("utf8");
  let rest = "";
  /** Why it ended; null while it is open. */
  let ended: Error | null = null;
  let isAsked = false;
  const end = (error: Error): void => {
    if (ended !== null) return;
    ended = error;
    socket.setTimeout(0);
    for (const waiter of waiters) waiter.fail(error);
    waiters.clear();
  };
  const put = (line: string): void => {
    if (ended === null && socket.writable) socket.write(`${line}\r\n`);
  };
  const hear = (text: string): void => {
    const line = parseLine(text);
    if (line === null) return;
    if (line.command === "PING") put(ircLine("PONG", ...line.params.slice(0, 1)));
    if (line.command === "ERROR") end(Object.assign(new Error("the server ended it"), { said: line.params.at(-1) ?? "" }));
    for (const one of hearers) one(line);
    for (const waiter of waiters) waiter.hear(line);
  };
  socket.on("data", (chunk: Buffer) => {
    isAsked = false;
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/u);
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
    if (rest.length > longestLine) socket.destroy(new Error("it sends a line that does not end"));
  });
  socket.setTimeout(quiet);
  socket.on("timeout", () => {
    if (isAsked) socket.destroy(late());
    isAsked = true;
    put(ircLine("PING", "are you there"));
  });
  socket.on("error", end);
  socket.on("close", () => end(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" })));
  return {
    tls: "getProtocol" in socket ? socket.getProtocol() : null,
    send: (command, ...params) => put(ircLine(command, ...params)),
    onLine: (one) => hearers.push(one),
    isOpen: () => ended === null,
    until: (take, milliseconds, signal) =>
      new Promise((resolve, reject) => {
        const over = (): void => {
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
          waiters.delete(waiter);
        };
        const fail = (error: Error): void => {
          over();
          reject(error);
        };
        const stop = (): void => fail(new Error("told to stop"));
        const timer = setTimeout(() => fail(late()), milliseconds);
        const waiter: Waiter = {
          fail,
          hear: (line) => {
            const taken = take(line);
            if (taken === null) return;
            over();
            resolve(taken);
          },
        };
        if (ended !== null) return fail(ended);
        if (signal.aborted) return stop();
        signal.addEventListener("abort", stop, { once: true });
        waiters.add(waiter);
      }),
    close: async (last) => {
      if (socket.destroyed) return;
      if (last !== null) put(last);
      const gone = once(socket, "close", { signal: AbortSignal.timeout(parting) }).catch(() => null);
      socket.end();
      await gone;
      socket.destroy();
      end(new Error("we left"));
    },
  };
}
