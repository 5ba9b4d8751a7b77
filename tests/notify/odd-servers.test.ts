import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createIrcNetwork, type IrcNetwork } from "../../src/notify/irc/network.ts";
import type { IrcServer, IrcTimes, Sasl } from "../../src/notify/irc/server.ts";
import type { Heard } from "../../src/rollout/announcement.ts";

/** Servers that a real one is not: each answers lines by a table, and what it was sent is noted. */
type Answer = readonly [sent: RegExp, answer: string | ((socket: Socket) => void)];

let server: Server | null = null;
let network: IrcNetwork | null = null;
let sent: string[] = [];
afterEach(async () => {
  await network?.close();
  server?.close();
  [server, network, sent] = [null, null, []];
});

const times: IrcTimes = { register: 400, answer: 300, line: 1, quiet: 60_000, idle: 60_000, again: 1 };
const sasl: Sasl = { mechanism: "PLAIN", account: "gate", password: "s3cret" };
const asSent = Buffer.from("gate\0gate\0s3cret").toString("base64");

async function said(answers: readonly Answer[], more: Partial<IrcServer> = {}, time: Partial<IrcTimes> = {}): Promise<string> {
  const sockets: Socket[] = [];
  const listening = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => socket.destroy());
    let rest = "";
    socket.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        sent.push(line);
        for (const [like, answer] of answers) {
          if (!like.test(line)) continue;
          if (typeof answer === "string")
            socket.write(answer.replaceAll("|", "\r\n").replaceAll("{}", line.split(" ").at(-1) ?? "") + (answer === "" ? "" : "\r\n"));
          else answer(socket);
        }
      }
    });
  }).listen(0, "127.0.0.1");
  server = listening;
  await once(listening, "listening");
  const { port } = listening.address() as AddressInfo;
  const of: IrcServer = { name: "odd", host: "127.0.0.1", port, tls: null, nick: "gate", password: null, sasl: null, ...more };
  network = createIrcNetwork(of, [{ name: "ops", channel: "#ops", key: null }], { ...times, ...time });
  const heard = await network.receivers[0]?.say({ kind: "trial" }, AbortSignal.timeout(20_000));
  for (const socket of sockets) socket.destroy();
  return why(heard);
}

const why = (heard: Heard | undefined): string => (heard?.heard === false ? heard.text.replace(/^.*?:\d+: /u, "") : "heard");

const letIn: Answer = [/^USER /u, ":s 001 gate :Welcome"];
const joins: Answer = [/^JOIN /u, ":gate!g@h JOIN #ops"];
const answersPings: Answer = [/^PING /u, ":s PONG s :{}"];
const works: readonly Answer[] = [letIn, joins, answersPings];
const offers: Answer = [/^CAP LS/u, ":s CAP * LS :multi-prefix sasl=PLAIN,EXTERNAL"];
const acknowledges: Answer = [/^CAP REQ/u, ":s CAP * ACK :sasl"];
const goesOn: Answer = [/^AUTHENTICATE PLAIN/u, "AUTHENTICATE +"];
const knows: Answer = [new RegExp(`^AUTHENTICATE ${asSent}`, "u"), ":s 900 gate g!g@h gate :ok|:s 903 gate :SASL ok"];
const end: Answer = [/^CAP END/u, ":s 001 gate :Welcome"];

const none = "it does not offer SASL PLAIN, and nothing is said without";

describe("a server", () => {
  it("that does as it should hears us", async () => {
    expect(await said(works)).toBe("heard");
    expect(sent).toEqual([
      "NICK gate",
      "USER gate 0 * puppet-gate",
      "JOIN #ops",
      "PRIVMSG #ops :puppet-gate: a test line, nothing happened",
      "PING gate-1",
    ]);
  });

  it("with SASL hears us once it knows us", async () => {
    expect(await said([offers, acknowledges, goesOn, knows, end, joins, answersPings], { sasl })).toBe("heard");
    expect(sent.slice(0, 7)).toEqual([
      "CAP LS 302",
      "NICK gate",
      "USER gate 0 * puppet-gate",
      "CAP REQ sasl",
      "AUTHENTICATE PLAIN",
      `AUTHENTICATE ${asSent}`,
      "CAP END",
    ]);
  });

  it.each<[string, readonly Answer[], string]>([
    ["lets us in without asking", [letIn], "it let us in without asking who we are"],
    ["knows no capabilities", [[/^CAP LS/u, ":s 421 * CAP :Unknown command"]], none],
    ["offers nothing", [[/^CAP LS/u, ":s CAP * LS :"]], none],
    ["offers it on a second line only for others", [[/^CAP LS/u, ":s CAP * LS * :batch|:s CAP * LS :sasl=SCRAM-SHA-256"]], none],
    ["offers and then refuses it", [offers, [/^CAP REQ/u, ":s CAP * NAK :sasl"]], none],
    ["acknowledges what nobody asked for", [[/^CAP LS/u, ":s CAP * ACK :sasl|:s 001 gate :hi"]], "it let us in without asking who we are"],
    ["does not go on", [offers, acknowledges], "no answer"],
    [
      "has no such mechanism",
      [offers, acknowledges, [/^AUTHENTICATE PLAIN/u, ":s 908 gate EXTERNAL :are available|:s 904 gate :failed"]],
      "it has no such mechanism",
    ],
    [
      "does not know us",
      [offers, acknowledges, goesOn, [/^AUTHENTICATE Z/u, ":s 904 gate :failed"]],
      "it does not know the account, or its password or certificate is wrong",
    ],
    ["breaks it off", [offers, acknowledges, goesOn, [/^AUTHENTICATE Z/u, ":s 906 gate :aborted"]], "it ended the authentication"],
    [
      "lets us in while we wait to be known",
      [offers, acknowledges, goesOn, [/^AUTHENTICATE Z/u, ":s 001 gate :hi"]],
      "it let us in without asking who we are",
    ],
  ])("that %s is told nothing where we have an account", async (_, answers, expected) => {
    expect(await said([...answers, joins, answersPings], { sasl })).toBe(expected);
    expect(sent.filter((line) => /^(?:JOIN|PRIVMSG)/u.test(line))).toEqual([]);
  });

  it.each<[string, readonly Answer[], string]>([
    ["says nothing", [], "no answer"],
    ["goes away", [[/^USER/u, (socket) => void socket.end()]], "it broke the connection off"],
    [
      "says why it goes",
      [[/^USER/u, "ERROR :Closing Link: (K-Lined: \u0002no bots\u0002)"]],
      'it ended the connection ("Closing Link: (K-Lined: ‹U+0002›no bots‹U+0002›)")',
    ],
    ["bans us", [[/^USER/u, ":s 465 gate :You are banned"]], "we are banned from it"],
    ["wants a password", [[/^USER/u, ":s 464 * :Password incorrect"]], "its password is missing or wrong"],
    ["has no nick for us", [[/^NICK/u, ":s 433 * {} :in use"]], "the nick gate and those tried after it are in use"],
    ["takes no such nick", [[/^NICK/u, ":s 432 * gate :Erroneous"]], "it does not take our nick"],
    [
      "sends a line that does not end",
      [[/^USER/u, (socket) => void socket.write("x".repeat(100_000))]],
      "the connection failed (it sends a line that does not end)",
    ],
    ["does not let us join", [letIn], "no answer"],
    [
      "refuses the channel in words of its own",
      [letIn, [/^JOIN/u, ":s 499 gate #ops :only on \u0003Tuesdays"]],
      '#ops: it refuses (499 "only on ‹U+0003›Tuesdays")',
    ],
    [
      "throws us out for what we say",
      [letIn, joins, [/^PRIVMSG/u, ":op!o@h KICK #ops gate :no bots"], answersPings],
      '#ops: we were thrown out ("no bots")',
    ],
    ["takes the message and never answers", [letIn, joins], "no answer"],
  ])("that %s", async (_, answers, expected) => {
    expect(await said(answers)).toBe(expected);
  });

  it.each<[string, string]>([
    [
      "nonsense",
      "\u0000\u0001\u0002|:|::|:s|@|@a=b|PING|PING :|PING a\u0000b|CAP|:s CAP x|:s CAP * ACK :sasl|005|:s 005 gate CHANMODES PREFIX= :are|:s 433|KICK|JOIN|NICK|PONG|ERRORS|\ud800",
    ],
    [
      "others' doings",
      ":gate2!a@b JOIN #ops|:x!a@b KICK #ops y :x|:x!a@b PRIVMSG gate :\u0001VERSION\u0001|:x!a@b KICK #other gate :x|:x!a@b NICK gate2|:s 353 gate = #ops :a b",
    ],
    ["a thousand lines at once", Array.from({ length: 1000 }, (_, at) => `:s NOTICE gate :${at}`).join("|")],
  ])("that says %s is no harm", async (_, lines) => {
    expect(await said([[/^USER /u, `${lines}|:s 001 gate :Welcome|${lines}`], joins, answersPings])).toBe("heard");
    expect(sent).toContain("JOIN #ops");
    // Nothing is answered but pings.
    expect(sent.filter((line) => !/^(?:NICK|USER|JOIN|PRIVMSG|PING|PONG)\b/u.test(line))).toEqual([]);
  });

  it("that is quiet for long is asked whether it is there, and left where it is not", async () => {
    const begun = performance.now();
    expect(await said([letIn], {}, { quiet: 50, answer: 20_000 })).toBe("no answer");
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(sent).toContain("PING :are you there");
  });

  it("that calls us by another name with its welcome, or has us in the channel already, hears us", async () => {
    const renames: Answer = [/^USER /u, ":s 001 gate :Welcome|:gate!g@h NICK :Guest7"];
    expect(await said([renames, [/^JOIN /u, ":Guest7!g@h JOIN #ops"], answersPings])).toBe("heard");
    await network?.close();
    server?.close();
    sent = [];
    expect(await said([[/^USER /u, ":s 001 gate :Welcome|:gate!g@h JOIN :#ops"], answersPings])).toBe("heard");
    expect(sent).not.toContain("JOIN #ops");
  });

  it("is asked for under a folded name, and by a nick that it gave us", async () => {
    const named: readonly Answer[] = [[/^USER /u, ":s 001 Gate[1] :Welcome"], [/^JOIN /u, ":gate{1}!g@h JOIN #OPS"], answersPings];
    expect(await said(named)).toBe("heard");
  });
});
