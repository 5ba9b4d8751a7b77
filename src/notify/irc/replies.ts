import { plain } from "../plain.ts";
import type { IrcLine } from "./line.ts";

/** Why a server refuses, by its numeric reply (modern.ircdocs.horse): what happened, and what to do. */
type Words = readonly [string, string];

const ask = "Ask an operator of the channel";

const joining: Readonly<Record<string, Words>> = {
  "403": ["there is no such channel", "Correct `channel` in the site's file."],
  "405": ["it lets us into no more channels", "Use another nick, or another server, for some of them."],
  "437": ["the channel can't be joined now (a netsplit)", "Nothing to do: it is tried again."],
  "471": ["the channel is full", `${ask} for a larger limit (mode +l).`],
  "473": ["the channel is for who is invited (mode +i)", `${ask} for an exception (mode +I) for our nick, or to take the mode away.`],
  "474": ["we are banned from the channel (mode +b)", `${ask} to take the ban away, or to make an exception (mode +e).`],
  "475": ["the channel's key is missing or wrong (mode +k)", "Write the channel's `key` into the site's file."],
  "476": ["that is no channel's name", "Correct `channel` in the site's file."],
  "477": ["the channel is for registered nicks", "Register the nick with the network's NickServ, and give the site's file its `sasl`."],
  "479": ["that is no channel's name", "Correct `channel` in the site's file."],
  "489": ["the channel is for connections with TLS", "Take `tls: false` out of the site's file."],
  "520": ["the channel is for the network's operators", "Take another channel."],
};

const saying: Readonly<Record<string, Words>> = {
  "401": ["there is no such channel", "Correct `channel` in the site's file."],
  "403": ["there is no such channel", "Correct `channel` in the site's file."],
  "404": ["we may not speak in the channel (modes +m, +R or a quiet)", `${ask} for voice (mode +v) for our nick.`],
  "407": ["that is more than one channel", "Correct `channel` in the site's file."],
  "442": ["we are not in the channel any more", "Nothing to do: it is joined again."],
  "531": ["it does not pass our words on", `${ask}, or of the network.`],
};

const registering: Readonly<Record<string, Words>> = {
  "432": ["it does not take our nick", "Write another `nick` into the site's file."],
  "451": ["it does not let us in", "See the server's log."],
  "463": ["it lets nobody in from this machine", "Have the server's operators allow it."],
  "464": ["its password is missing or wrong", "Write the server's `password` into the site's file."],
  "465": ["we are banned from it", "Ask the server's operators to take the ban away."],
};

/** Of SASL 3.1 and 3.2 (ircv3.net/specs/extensions/sasl-3.1). */
const authenticating: Readonly<Record<string, Words>> = {
  "902": ["the account is locked", "Ask the network's services."],
  "904": [
    "it does not know the account, or its password or certificate is wrong",
    "Correct `sasl` in the site's file, or register the account.",
  ],
  "905": ["account and password are too long for it", "Take a shorter password."],
  "906": ["it ended the authentication", "See the server's log; it is tried again."],
  "908": ["it has no such mechanism", "Take the other kind of `sasl`: a password, or a certificate."],
};

export type Asked = "join" | "say" | "register" | "sasl";

const tables: Readonly<Record<Asked, Readonly<Record<string, Words>>>> = {
  join: joining,
  say: saying,
  register: registering,
  sasl: authenticating,
};

export interface Refusal {
  text: string;
  hint: string;
}

/** Whether a reply refuses what was asked; a numeric that nobody here knows is told in the server's words. */
export function refusalOf(asked: Asked, { command, params }: IrcLine): Refusal | null {
  const known = tables[asked][command];
  if (known !== undefined) return { text: known[0], hint: known[1] };
  if (!/^[45]\d\d$/u.test(command) || asked === "sasl" || asked === "register") return null;
  return { text: `it refuses (${command} "${plain(params.at(-1) ?? "")}")`, hint: "Ask the server's operators what that means there." };
}
