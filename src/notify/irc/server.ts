/** An IRC server, and who we are there. */
export interface IrcServer {
  /** As the site's file calls it. */
  name: string;
  host: string;
  port: number;
  /** Null: no TLS, which is for this machine's own servers only. `ca` is PEM; null for the CAs that Node brings. */
  tls: { ca: string | null } | null;
  nick: string;
  /** The server's own, not an account's; null where it asks for none. */
  password: string | null;
  /** Whom it has to know us as before anything is said; null for nobody. */
  sasl: Sasl | null;
}

export type Sasl =
  | { mechanism: "PLAIN"; account: string; password: string }
  /** By a client certificate, in PEM. */
  | { mechanism: "EXTERNAL"; cert: string; key: string };

export interface IrcChannel {
  name: string;
  channel: string;
  /** Null where none is asked for. */
  key: string | null;
}

/** Milliseconds. */
export interface IrcTimes {
  /** Until we are let in. */
  register: number;
  /** Until an answer. */
  answer: number;
  /** Between two lines that are told. */
  line: number;
  /** Without a word from the server, before it is asked for one; and after that before it counts as gone. */
  quiet: number;
  /** After the last thing said, until we leave. */
  idle: number;
  /** Before the next try after a first failure; each further one takes twice as long. */
  again: number;
}

export const ircTimes: IrcTimes = { register: 30_000, answer: 15_000, line: 1_000, quiet: 60_000, idle: 3_600_000, again: 15_000 };

export const placeOf = ({ host, port }: IrcServer): string => `the IRC server at ${host.includes(":") ? `[${host}]` : host}:${port}`;
