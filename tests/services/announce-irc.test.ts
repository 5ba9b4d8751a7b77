import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createIrcNetwork, type IrcNetwork as Network } from "../../src/notify/irc/network.ts";
import type { IrcChannel, IrcServer, IrcTimes } from "../../src/notify/irc/server.ts";
import type { Announcement, Heard, Told } from "../../src/rollout/announcement.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { type IrcNetwork, type Person, startIrc } from "./irc.ts";

/** A real InspIRCd with Atheme's services: accounts, TLS, channels with keys, bans and limits. */
let irc: IrcNetwork;
let certificates: Certificates;
let ca: string;
let everybody: Person | null = null;
let count = 0;
const open: Network[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "puppet-gate-irc-"));
  const keys = join(folder, "keys");
  await mkdir(keys);
  certificates = await makeCertificates(keys);
  ca = await readFile(certificates.ca, "utf8");
  irc = await startIrc(folder, certificates);
});
afterAll(async () => irc?.close());
afterEach(async () => {
  await Promise.all(open.splice(0).map((network) => network.close()));
});

const times: IrcTimes = { register: 10_000, answer: 5_000, line: 1, quiet: 60_000, idle: 60_000, again: 1 };
const link = "https://github.com/acme/control/pull/12";
const told = (more: Partial<Told> = {}): Told => ({
  kind: "told",
  repository: "acme/control",
  lane: "canary",
  release: "1a2b3c4d5e",
  changes: [12],
  link,
  happenedAt: null,
  what: { kind: "started", by: null },
  ...more,
});
const reason = (text: string): Announcement =>
  told({ what: { kind: "halted", suspects: [], why: { kind: "person", by: { id: 1, name: "ann" }, reason: text } } });
const started = `[acme/control] canary: release 1a2b3c4 of #12 has started ${link}`;

interface Asked {
  server?: Partial<IrcServer>;
  channel?: Partial<IrcChannel>;
  times?: Partial<IrcTimes>;
}

/** A gate of its own, with a channel of its own, and how to speak there. */
function gate({ server, channel, times: more }: Asked = {}): {
  channel: string;
  nick: string;
  say: (what?: Announcement) => Promise<{ heard: Heard; steps: string[] }>;
  close: () => Promise<void>;
} {
  count += 1;
  const nick = server?.nick ?? `gate${count}`;
  const named = channel?.channel ?? `#room${count}`;
  const network = createIrcNetwork(
    { name: "test", host: "localhost", port: irc.port, tls: { ca }, password: null, sasl: null, ...server, nick },
    [{ name: "ops", key: null, ...channel, channel: named }],
    { ...times, ...more },
  );
  open.push(network);
  const [receiver] = network.receivers;
  if (receiver === undefined) throw new Error("no channel");
  return {
    channel: named,
    nick,
    close: () => network.close(),
    say: async (what = told()) => {
      const steps: string[] = [];
      const heard = await receiver.say(what, AbortSignal.timeout(50_000), (step) => steps.push(step));
      return { heard, steps };
    },
  };
}

/** Somebody who was in the channel first, and so may do all there. */
async function operator(channel: string): Promise<Person> {
  // A server lets somebody in once a second.
  if (everybody === null || everybody.isGone) {
    count += 1;
    everybody = await irc.person(`person${count}`);
  }
  await everybody.join(channel);
  return everybody;
}

const plain = () => ({ mechanism: "PLAIN" as const, account: irc.account.name, password: irc.account.password });
const why = ({ heard }: { heard: Heard }): string => (heard.heard ? "heard" : `${heard.text.replace(/^.*?:\d+: /u, "")} | ${heard.hint}`);

describe("a channel on IRC", () => {
  it("hears what is said, from whoever TLS and SASL say that we are", async () => {
    const { say, channel, nick, close } = gate({ server: { sasl: plain() } });
    const ann = await operator(channel);
    const { heard, steps } = await say();
    expect(heard).toEqual({ heard: true });
    expect(steps).toEqual([
      "connected with TLSv1.3: its certificate is of a CA that is trusted here",
      `known as ${irc.account.name} (SASL PLAIN)`,
      `let in as ${nick}`,
      `in ${channel}`,
    ]);
    expect(await ann.told(channel)).toEqual([`${nick}: ${started}`]);
    expect(await ann.until(/ 330 /u, () => ann.send(`WHOIS ${nick}`))).toContain(` ${nick} ${irc.account.name} `);
    await close();
    expect(await ann.until(/ QUIT /u)).toMatch(/^:gate\d+!.* QUIT :nothing more to announce$/u);
  });

  it("knows us by a certificate", async () => {
    const [cert, key] = [await readFile(certificates.client.cert, "utf8"), await readFile(certificates.client.key, "utf8")];
    const { say, channel, nick } = gate({ server: { sasl: { mechanism: "EXTERNAL", cert, key } } });
    const ann = await operator(channel);
    expect((await say()).heard).toEqual({ heard: true });
    expect(await ann.until(/ 330 /u, () => ann.send(`WHOIS ${nick}`))).toContain(` ${nick} ${irc.account.name} `);
  });

  it("is not spoken to as anybody where the account is not known, and no password is told", async () => {
    const { say, channel } = gate({ server: { sasl: { mechanism: "PLAIN", account: irc.account.name, password: "a wrong password" } } });
    const ann = await operator(channel);
    const { heard, steps } = await say();
    expect(why({ heard })).toBe(
      "it does not know the account, or its password or certificate is wrong | Correct `sasl` in the site's file, or register the account.",
    );
    expect(JSON.stringify([heard, steps])).not.toContain("wrong password");
    const [cert, key] = [await readFile(certificates.server.cert, "utf8"), await readFile(certificates.server.key, "utf8")];
    const other = gate({ server: { sasl: { mechanism: "EXTERNAL", cert, key } }, channel: { channel } });
    expect(why(await other.say())).toMatch(/^it does not know the account/u);
    await ann.say("WHO x");
    expect(ann.heard.filter((line) => line.endsWith(`JOIN :${channel}`))).toHaveLength(1);
  });

  it("is not spoken to where the server has no SASL: without TLS, and while services are gone", async () => {
    const none =
      "it does not offer SASL PLAIN, and nothing is said without | Use a server with SASL and services that are up, or take `sasl` out of the site's file.";
    const clear = gate({ server: { sasl: plain(), tls: null, port: irc.plainPort, host: "127.0.0.1" } });
    expect(why(await clear.say())).toBe(none);
    await irc.stopServices();
    const { say } = gate({ server: { sasl: plain() }, times: { answer: 2_000 } });
    await expect.poll(async () => why(await say())).toBe(none);
    await irc.startServices();
    await expect.poll(async () => why(await say())).toBe("heard");
  });

  it.each<[string, () => Partial<IrcServer>, string]>([
    [
      "a certificate of nobody's CA",
      () => ({ tls: { ca: null } }),
      "its certificate is of no CA that is trusted here | Name the CA that its certificate is of under `ca` in the site's file.",
    ],
    [
      "a certificate of another name",
      () => ({ host: "127.0.0.1" }),
      "its certificate is of another name | Write the host as the certificate has it, or mend the certificate.",
    ],
    ["nothing there", () => ({ port: 1 }), "nothing listens there | Start the server, or correct host and port in the site's file."],
    [
      "no TLS there",
      () => ({ port: irc.plainPort }),
      "it was reached, and does not answer in TLS | Give the port for TLS: 6697 for IRC; where it is that, look at the server.",
    ],
    ["no such host", () => ({ host: "no-such-host.invalid" }), "no such host | Correct the host in the site's file, or look at DNS."],
  ])("is not reached: %s", async (_, server, expected) => {
    const { say } = gate({ server: server(), times: { answer: 2_000 } });
    expect(why(await say())).toBe(expected);
  });

  it.each<[string, (channel: string, nick: string) => string, string]>([
    [
      "for who has its key",
      (channel) => `MODE ${channel} +k secret`,
      "the channel's key is missing or wrong (mode +k) | Write the channel's `key` into the site's file.",
    ],
    [
      "for who is invited",
      (channel) => `MODE ${channel} +i`,
      "the channel is for who is invited (mode +i) | Ask an operator of the channel for an exception (mode +I) for our nick, or to take the mode away.",
    ],
    [
      "closed to us",
      (channel, nick) => `MODE ${channel} +b ${nick}!*@*`,
      "we are banned from the channel (mode +b) | Ask an operator of the channel to take the ban away, or to make an exception (mode +e).",
    ],
    ["full", (channel) => `MODE ${channel} +l 1`, "the channel is full | Ask an operator of the channel for a larger limit (mode +l)."],
    [
      "for who has a voice",
      (channel) => `MODE ${channel} +m`,
      "we may not speak in the channel (modes +m, +R or a quiet) | Ask an operator of the channel for voice (mode +v) for our nick.",
    ],
    [
      "for registered nicks",
      (channel) => `MODE ${channel} +R`,
      "the channel is for registered nicks | Register the nick with the network's NickServ, and give the site's file its `sasl`.",
    ],
  ])("is %s, which is told, and mended while we wait", async (_, mode, expected) => {
    const { say, channel, nick } = gate();
    const ann = await operator(channel);
    await ann.say(mode(channel, nick));
    expect(why(await say())).toBe(`${channel}: ${expected}`);
    await ann.say(mode(channel, nick).replace(" +", " -"));
    expect(why(await say())).toBe("heard");
    expect(await ann.told(channel)).toEqual([`${nick}: ${started}`]);
  });

  it("with a key is opened by it", async () => {
    const { say, channel } = gate({ channel: { key: "secret" } });
    const ann = await operator(channel);
    await ann.say(`MODE ${channel} +k secret`);
    expect(why(await say())).toBe("heard");
  });

  it("hears us under another nick where ours is somebody's, and not where all are", async () => {
    const first = await irc.person("taken");
    const { say, channel } = gate({ server: { nick: "taken" } });
    const ann = await operator(channel);
    expect(why(await say())).toBe("heard");
    expect(await ann.told(channel)).toEqual([`taken_: ${started}`]);
    const second = await irc.person("taken__");
    const other = gate({ server: { nick: "taken" } });
    expect(why(await other.say())).toBe("the nick taken and those tried after it are in use | Write another `nick` into the site's file.");
    await Promise.all([first.leave(), second.leave()]);
  });

  it("gets anybody's text as one message that does nothing else, and long ones whole", async () => {
    const { say, channel, nick } = gate();
    const ann = await operator(channel);
    const attack = `x\r\nQUIT :gone\r\nPRIVMSG ${channel} :injected\r\n\u0003,4red\u0001VERSION\u0001`;
    expect(why(await say(reason(attack)))).toBe("heard");
    const long = "ä€😀 ".repeat(45).trim();
    expect(why(await say(reason(long)))).toBe("heard");
    const heard = await ann.told(channel);
    expect(heard[0]).toBe(
      `${nick}: [acme/control] canary stands still with release 1a2b3c4 of #12: "ann" stopped it: "x QUIT :gone PRIVMSG ${channel} :injected ‹U+0003›,4red‹U+0001›VERSION‹U+0001›" ${link}`,
    );
    const whole = heard
      .slice(1)
      .map((line) => line.replace(`${nick}: `, ""))
      .join(" ");
    expect(heard.length).toBeGreaterThan(2);
    expect(whole).toBe(`[acme/control] canary stands still with release 1a2b3c4 of #12: "ann" stopped it: "${long}" ${link}`);
    await ann.say("WHO x");
    expect(ann.heard.filter((line) => line.startsWith(`:${nick}!`) && line.includes(" QUIT :") && !line.includes("PRIVMSG"))).toEqual([]);
  });

  it("that threw us out hears us again", async () => {
    const { say, channel, nick } = gate();
    const ann = await operator(channel);
    expect(why(await say())).toBe("heard");
    await ann.say(`KICK ${channel} ${nick} :not now`);
    // The one that crosses it on the way is refused.
    await expect.poll(async () => why(await say())).toBe("heard");
    expect(await ann.told(channel)).toHaveLength(2);
  });

  it("hears us again after an operator of the network ended our connection, or the server went and came", async () => {
    const { say, channel, nick } = gate();
    const ann = await operator(channel);
    expect(why(await say())).toBe("heard");
    await ann.until(/ 381 /u, () => ann.send("OPER oper oper"));
    await ann.say(`KILL ${nick} :flooding`);
    await expect.poll(async () => why(await say())).toBe("heard");
    await irc.stopServices();
    await irc.stop();
    await expect
      .poll(async () => why(await say()))
      .toBe("nothing listens there | Start the server, or correct host and port in the site's file.");
    await irc.start();
    await irc.startServices();
    const again = await operator(channel);
    await expect.poll(async () => why(await say())).toBe("heard");
    expect(await again.told(channel)).toEqual([`${nick}: ${started}`]);
  });

  it("of a server that does not answer any more is left, and said so", async () => {
    const { say, channel } = gate({ times: { answer: 1_000 } });
    const ann = await operator(channel);
    expect(why(await say())).toBe("heard");
    irc.signal("SIGSTOP");
    try {
      expect(why(await say())).toBe("no answer | Look at the server, and at the network and firewalls in between.");
    } finally {
      irc.signal("SIGCONT");
    }
    await expect.poll(async () => why(await say())).toBe("heard");
    expect((await ann.told(channel)).length).toBeGreaterThanOrEqual(2);
  });

  it("hears no more than a line at a time, and none before its time", async () => {
    const { say, channel } = gate({ times: { line: 300 } });
    const ann = await operator(channel);
    const begun = performance.now();
    await Promise.all([say(), say(), say()]);
    expect(performance.now() - begun).toBeGreaterThan(590);
    expect(await ann.told(channel)).toHaveLength(3);
  });

  it("is not asked for again and again where a server refuses us", async () => {
    const { say } = gate({ server: { port: 1 }, times: { again: 60_000 } });
    await say();
    const { heard } = await say();
    expect(heard).toMatchObject({ heard: false, afterSeconds: 60 });
  });

  it("is left when there was nothing to say for long, and joined again", async () => {
    const { say, channel } = gate({ times: { idle: 50 } });
    const ann = await operator(channel);
    expect(why(await say())).toBe("heard");
    await ann.until(/ QUIT :nothing more to announce/u);
    expect(why(await say())).toBe("heard");
  });
});
