import { z } from "zod";
import { name } from "../policy/atoms.ts";

/** The site's file of channels, as people write it: addresses and secrets, which no repository has. */

const absolute = z.string().regex(/^\/[^\0]*$/u, "an absolute path");
const secret = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0\r\n]*$/u, "a text of one line");
const word = z
  .string()
  .min(1)
  .max(400)
  .regex(/^[^\0\r\n :][^\0\r\n ]*$/u, "a text without blanks that does not begin with `:`");

const saslSchema = z
  .strictObject({
    account: word.optional().describe("The account, as the network's services know it."),
    password: secret.optional().describe("And its password."),
    cert: absolute.optional().describe("Instead of both: a client certificate that the account knows, as a PEM file."),
    key: absolute.optional().describe("And its key."),
  })
  .describe("Whom the server has to know us as: `account` and `password` (PLAIN), or `cert` and `key` (EXTERNAL).");

const serverSchema = z
  .strictObject({
    name: name.describe("What the channels of this file call it."),
    host: z
      .string()
      .regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]+)$/u, "a host's name or address")
      .max(253),
    port: z.int().min(1).max(65_535).optional().describe("Default: 6697, and 6667 without TLS."),
    tls: z.boolean().default(true).describe("`false` for a server on this machine only."),
    ca: absolute.optional().describe("A PEM file with the CA of its certificate. Default: the public CAs."),
    nick: z
      .string()
      .regex(/^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]*$/u, "a nick: letters, digits, `-` and `_`, a letter first")
      .max(30)
      .default("puppet-gate"),
    password: word.optional().describe("The server's own password, where it asks for one."),
    sasl: saslSchema.optional(),
  })
  .describe("An IRC server.");

const channelSchema = z
  .strictObject({
    name: name.describe("What policies call it: `announce: [{to: NAME}]`."),
    slack: secret
      .optional()
      .describe("The address of an incoming webhook, as Slack, Mattermost, Rocket.Chat and others give it out: a secret."),
    ca: absolute.optional().describe("With `slack`: a PEM file with the CA of its certificate. Default: the public CAs."),
    irc: name.optional().describe("The name of a server under `irc`."),
    channel: z
      .string()
      .regex(/^[#&+!][^\p{Cc} ,:]+$/u, "a channel's name, in quotes: `'#ops'`")
      .max(64)
      .optional()
      .describe("With `irc`: the channel there."),
    key: word
      .regex(/^[^,]*$/u, "a key without commas")
      .optional()
      .describe("With `irc`: the channel's key, where it has one."),
  })
  .describe("A channel: a webhook (`slack`), or a channel of a server (`irc` and `channel`).");

export const channelsSchema = z.strictObject({
  version: z.literal(1),
  irc: z.array(serverSchema).max(20).default([]).describe("IRC servers."),
  channels: z.array(channelSchema).min(1).max(200).describe("Channels."),
});

export type ChannelsFile = z.output<typeof channelsSchema>;
export type ChannelFile = ChannelsFile["channels"][number];
export type ServerFile = ChannelsFile["irc"][number];
