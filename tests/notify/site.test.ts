import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readChannels } from "../../src/notify/site.ts";
import { Problem } from "../../src/problem.ts";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "puppet-gate-channels-"))));
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string, mode = 0o600): Promise<unknown> {
  const path = join(folder, "channels.yaml");
  await writeFile(path, text);
  await chmod(path, mode);
  try {
    return await readChannels(path);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.text} ${error.hint}`.replaceAll(`${folder}/`, "");
  }
}

/** Servers and channels, one a line: the first server on line 3, the first channel after `channels:`. */
const file = (servers: string[], channels: string[]): string =>
  `version: 1\nirc:${servers.length === 0 ? " []" : ""}\n${servers.map((one) => `  - {${one}}\n`).join("")}channels:\n${channels.map((one) => `  - {${one}}\n`).join("")}`;
const hook = "name: ops, slack: 'https://hooks.example.com/services/S3CRET'";

describe("the site's file of channels", () => {
  it("is webhooks, and channels of IRC servers", async () => {
    const text = file(
      [
        "name: libera, host: irc.example.com, sasl: {account: gate, password: 'p w'}",
        "name: own, host: '::1', tls: false, nick: bot, password: pass",
      ],
      [hook, "name: web, irc: libera, channel: '#web', key: k", "name: mail, irc: own, channel: '#mail'"],
    );
    expect(await read(text)).toEqual({
      slack: [{ name: "ops", url: "https://hooks.example.com/services/S3CRET", ca: null }],
      irc: [
        {
          server: {
            name: "libera",
            host: "irc.example.com",
            port: 6697,
            tls: { ca: null },
            nick: "puppet-gate",
            password: null,
            sasl: { mechanism: "PLAIN", account: "gate", password: "p w" },
          },
          channels: [{ name: "web", channel: "#web", key: "k" }],
        },
        {
          server: { name: "own", host: "::1", port: 6667, tls: null, nick: "bot", password: "pass", sasl: null },
          channels: [{ name: "mail", channel: "#mail", key: null }],
        },
      ],
    });
  });

  it("may be read by its group, and by nobody else", async () => {
    const text = file([], [hook]);
    expect(await read(text, 0o640)).toMatchObject({ slack: [{ name: "ops" }] });
    for (const mode of [0o644, 0o660, 0o604, 0o602])
      expect(await read(text, mode)).toBe(
        "channels.yaml can't be used: others than its owner may read or write it, and it holds what opens the channels. Take that from them: chmod 0640 channels.yaml, or 0600",
      );
  });

  const server = "name: a, host: irc.example.com";
  const irc = "name: ops, irc: a, channel: '#ops'";
  it.each<[string, string, string]>([
    ["nothing", "", "channels.yaml:1:1: The file is empty. Begin it with `version: 1`."],
    [
      "no YAML, and nothing of it is told",
      "version: 1\nchannels: [{name: ops, slack: @S3CRET}]\n",
      "channels.yaml:2:31: This is not YAML as this file may have it. Put values with signs like `#` and `@` into single quotes: '#ops'.",
    ],
    [
      "a secret that is no text",
      file([], ["name: ops, slack: 5550123"]),
      "channels.yaml:4:24: `channels[0].slack` is a number; expected a text. Write a text.",
    ],
    [
      "a secret where a mapping belongs",
      "version: 1\nchannels: ['https://x/S3CRET']\n",
      "channels.yaml:2:12: `channels[0]` is another text; expected a mapping. Write a mapping.",
    ],
    [
      "an address without TLS",
      file([], ["name: ops, slack: 'http://hooks.example.com/S3CRET'"]),
      "channels.yaml:4:24: `channels[0].slack` does not begin with https://: everybody on the way could read it, and post there. Copy the webhook's address as the receiver gave it out: https://HOST/….",
    ],
    [
      "no address",
      file([], ["name: ops, slack: S3CRET"]),
      "channels.yaml:4:24: `channels[0].slack` is no address. Copy the webhook's address as the receiver gave it out: https://HOST/….",
    ],
    [
      "an address with a password",
      file([], ["name: ops, slack: 'https://ann:S3CRET@x/y'"]),
      "channels.yaml:4:24: `channels[0].slack` has a user, a password or a `#` in it. Copy the webhook's address as the receiver gave it out: https://HOST/….",
    ],
    [
      "a key that there is not",
      file([], [`${hook}, chanel: x`]),
      "channels.yaml:4:69: `chanel` is not known in `channels[0]`; did you mean `channel`? Write `channel`, or remove it.",
    ],
    [
      "a channel that is nowhere",
      file([], ["name: ops"]),
      "channels.yaml:4:5: `channels[0]` is nowhere. Give it `slack`, or `irc` with `channel`: one of the two.",
    ],
    [
      "a channel in two places",
      file([server], [`${hook}, irc: a`]),
      "channels.yaml:5:5: `channels[0]` is both a webhook and a channel of a server. Give it `slack`, or `irc` with `channel`: one of the two.",
    ],
    [
      "a server that there is not",
      file([server], ["name: ops, irc: b, channel: '#ops'"]),
      'channels.yaml:5:22: `channels[0].irc` is "b", and no server under `irc` has that name. Did you mean `a`?',
    ],
    [
      "a server without its channel",
      file([server], ["name: ops, irc: a"]),
      "channels.yaml:5:5: `channels[0]` does not say which channel of the server. Give it `channel: '#ops'`.",
    ],
    [
      "a channel without quotes, which is a comment",
      file([server], ["name: ops, irc: a, channel: #ops"]),
      "channels.yaml:6:1: This is not YAML as this file may have it. Put values with signs like `#` and `@` into single quotes: '#ops'. (and",
    ],
    [
      "the same in a block",
      "version: 1\nirc: [{name: a, host: h}]\nchannels:\n  - name: ops\n    irc: a\n    channel: #ops\n",
      "channels.yaml:6:14: `channels[0].channel` is empty; expected a text. Put it into quotes, '#ops': without them `#` begins a comment.",
    ],
    [
      "two channels by one name",
      file([], [hook, hook]),
      'channels.yaml:5:12: `channels[1].name` is "ops", which line 4 has already. Give each its own name.',
    ],
    [
      "no TLS to elsewhere",
      file([`${server}, tls: false`], [irc]),
      "channels.yaml:3:43: `irc[0].tls` is false, and irc.example.com is not this machine: everybody on the way could read along, and speak as the gate. Remove it, and give the server's port for TLS (6697).",
    ],
    [
      "half of an account",
      file([`${server}, sasl: {account: gate}`], [irc]),
      "channels.yaml:3:44: `irc[0].sasl` has `account`. Give it `account` and `password`, or `cert` and `key`: one pair, whole.",
    ],
    [
      "two accounts",
      file([`${server}, sasl: {account: g, password: S3CRET, cert: /c, key: /k}`], [irc]),
      "channels.yaml:3:44: `irc[0].sasl` has `account`, `password`, `cert`, `key`. Give it `account` and `password`, or `cert` and `key`: one pair, whole. (and",
    ],
    [
      "an account with a line's end in its password",
      file([`${server}, sasl: {account: g, password: "S3CRET\\nQUIT"}`], [irc]),
      "channels.yaml:3:67: `irc[0].sasl.password` is another text; expected a text of one line. Write a text of one line.",
    ],
    [
      "a key of two words",
      file([server], [`${irc}, key: 'a b'`]),
      "channels.yaml:5:47: `channels[0].key` is another text; expected a text without blanks that does not begin with `:`. Write a text without blanks that does not begin with `:`.",
    ],
    [
      "a CA that is not there",
      file([], [`${hook}, ca: /no/such.pem`]),
      "channels.yaml:4:73: `channels[0].ca`: /no/such.pem can't be used: there is no such file. Name a PEM file that this process may read, and a key that belongs to the certificate.",
    ],
    [
      "a CA that is none",
      file([], [`${hook}, ca: /etc/passwd`]),
      "channels.yaml:4:73: `channels[0].ca`: /etc/passwd can't be used: there is no PEM in it. Name a PEM file that this process may read, and a key that belongs to the certificate.",
    ],
  ])("is refused with %s", async (_, text, expected) => {
    const told = String(await read(text));
    expect(told).not.toContain("S3CRET");
    expect(told.replace(/ \(and \d+ more\)/u, "")).toBe(expected.replace(" (and", ""));
  });

  it("is refused where it is not there", async () => {
    await expect(readChannels(join(folder, "nowhere.yaml"))).rejects.toThrow("nowhere.yaml can't be used: there is no such file.");
    await expect(readChannels(folder)).rejects.toThrow("it is no regular file");
  });
});
