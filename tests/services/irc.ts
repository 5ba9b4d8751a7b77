import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Certificates } from "./certificates.ts";

/** A real IRC network, as Debian packages it: InspIRCd on free loopback ports, and Atheme's services, which know accounts. */
export interface IrcNetwork {
  /** With TLS; the certificate is `localhost`'s. */
  port: number;
  /** Without. */
  plainPort: number;
  account: { name: string; password: string };
  /** Somebody else on it; whoever joins a channel first may do all there. */
  person(nick: string): Promise<Person>;
  /** The server, as a process that can be held and let go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Services go, and with them all accounts. */
  stopServices(): Promise<void>;
  startServices(): Promise<void>;
  close(): Promise<void>;
}

const run = promisify(execFile);

export async function startIrc(folder: string, certificates: Certificates): Promise<IrcNetwork> {
  const owner = await whoMayRunIt();
  const [port, plainPort, linkPort] = [await freePort(), await freePort(), await freePort()];
  await mkdir(join(folder, "atheme"));
  await writeFile(join(folder, "inspircd.conf"), inspircdConf(folder, certificates, { port, plainPort, linkPort }));
  await writeFile(join(folder, "atheme.conf"), athemeConf(linkPort));
  if (owner.uid !== undefined && owner.gid !== undefined)
    for (const name of ["", ...(await readdir(folder, { recursive: true }))]) await chown(join(folder, name), owner.uid, owner.gid);
  const begin = (program: string, args: string[]): ChildProcess => spawn(program, args, { ...owner, cwd: folder, stdio: "ignore" });
  /** Services keep their accounts when they are asked to end. */
  const end = async (process: ChildProcess | null, by: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> => {
    if (process === null || process.exitCode !== null || process.signalCode !== null) return;
    const gone = once(process, "exit");
    process.kill(by);
    await gone;
  };
  let server: ChildProcess | null = null;
  let services: ChildProcess | null = null;
  const people: Socket[] = [];
  const person = (nick: string): Promise<Person> => Person.come(plainPort, nick, people);
  const account = { name: "gateway", password: "correct_horse" };
  const startServices = async (): Promise<void> => {
    const file = (name: string): string => join(folder, name);
    services = begin("/usr/bin/atheme-services", [
      "-n",
      "-c",
      file("atheme.conf"),
      "-l",
      file("atheme.log"),
      "-p",
      file("atheme.pid"),
      "-D",
      file("atheme"),
    ]);
    const asker = await person("asker");
    await asker.until(/ 311 asker SaslServ /u, () => asker.send("WHOIS SaslServ"));
    await asker.leave();
  };
  const network: IrcNetwork = {
    port,
    plainPort,
    account,
    person,
    signal: (name) => void server?.kill(name),
    stop: () => end(server),
    start: async () => {
      server = begin("/usr/sbin/inspircd", ["--config", join(folder, "inspircd.conf"), "--nofork", "--nopid"]);
      const started = server;
      await until(async () => {
        if (started.exitCode !== null)
          throw new Error(`InspIRCd ended with ${started.exitCode}: ${await readFile(join(folder, "log"), "utf8")}`);
        return isListening(plainPort);
      });
    },
    stopServices: () => end(services, "SIGTERM"),
    startServices,
    close: async () => {
      for (const one of people) one.destroy();
      await end(services);
      await end(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await network.start();
    await startServices();
    const holder = await person(account.name);
    holder.send(`PRIVMSG NickServ :REGISTER ${account.password} gate@example.com`);
    await holder.until(/ 900 /u);
    await holder.until(/Added fingerprint/u, () => holder.send(`PRIVMSG NickServ :CERT ADD ${certificates.client.fingerprint}`));
    await holder.leave();
  } catch (error) {
    await network.close();
    throw error;
  }
  return network;
}

/** Somebody on the network, by a socket of the test's own: what they say and hear are lines as they are. */
export class Person {
  readonly heard: string[] = [];
  readonly nick: string;
  readonly #socket: Socket;
  #rest = "";

  private constructor(socket: Socket, nick: string) {
    this.#socket = socket;
    this.nick = nick;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const lines = (this.#rest + chunk.toString()).split("\r\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("PING ")) this.send(line.replace("PING", "PONG"));
        this.heard.push(line);
      }
    });
  }

  static async come(port: number, nick: string, people: Socket[]): Promise<Person> {
    const socket = connect(port, "127.0.0.1");
    people.push(socket);
    await once(socket, "connect");
    const person = new Person(socket, nick);
    person.send(`NICK ${nick}`);
    person.send(`USER ${nick} 0 * :${nick}`);
    await person.until(/ 001 /u);
    return person;
  }

  send(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  async join(channel: string): Promise<void> {
    await this.until(new RegExp(` 366 ${this.nick} ${channel} `, "u"), () => this.send(`JOIN ${channel}`));
  }

  /** Says something that the server has dealt with when this resolves. */
  async say(line: string): Promise<void> {
    const token = `t${this.heard.length}`;
    this.send(line);
    await this.until(new RegExp(`PONG .*${token}$`, "u"), () => this.send(`PING ${token}`));
  }

  /** The first line like this from the last look on; asks again and again where it has to be asked for. */
  async until(like: RegExp, ask: () => void = () => {}): Promise<string> {
    let [at, waited] = [this.heard.length === 0 ? 0 : this.#seen, 0];
    for (; ; waited += 1) {
      const found = this.heard.findIndex((line, index) => index >= at && like.test(line));
      if (found >= 0) {
        this.#seen = found + 1;
        return this.heard[found] ?? "";
      }
      if (waited % 50 === 0) ask();
      if (waited > 3_000) throw new Error(`${this.nick} never heard ${like.source}: ${this.heard.slice(-20).join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
      at = this.#seen;
    }
  }
  #seen = 0;

  /** What was said in a channel so far, by whom. */
  async told(channel: string): Promise<string[]> {
    await this.say("WHO nobody");
    return this.heard.flatMap((line) => {
      const found = /^:(?<who>[^!]+)![^ ]+ PRIVMSG (?<where>[^ ]+) :(?<text>.*)$/u.exec(line)?.groups;
      return found?.["where"] === channel ? [`${found["who"]}: ${found["text"]}`] : [];
    });
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  async leave(): Promise<void> {
    if (this.#socket.destroyed) return;
    const gone = once(this.#socket, "close");
    this.send("QUIT");
    await gone;
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // not yet: asked again
  } finally {
    socket.destroy();
  }
}

/** Neither of the two runs as root. */
async function whoMayRunIt(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = async (option: string): Promise<number> => Number((await run("id", [option, "irc"])).stdout);
  return { uid: await id("-u"), gid: await id("-g") };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

const modules = ["ssl_gnutls", "sslinfo", "cap", "sasl", "services_account", "spanningtree", "ircv3", "sha256", "sslmodes"];

function inspircdConf(
  folder: string,
  { ca, server: { cert, key } }: Certificates,
  { port, plainPort, linkPort }: { port: number; plainPort: number; linkPort: number },
): string {
  return `<path configdir="${folder}" datadir="${folder}" logdir="${folder}" runtimedir="${folder}" moduledir="/usr/lib/inspircd/modules">
<server name="irc.test" description="test" network="Test" id="001">
<admin name="test" nick="test" email="test@example.com">
${modules.map((name) => `<module name="${name}">`).join("\n")}
<sslprofile name="Clients" provider="gnutls" cafile="${ca}" certfile="${cert}" keyfile="${key}" hash="sha256" requestclientcert="yes">
<bind address="127.0.0.1" port="${port}" type="clients" sslprofile="Clients">
<bind address="127.0.0.1" port="${plainPort}" type="clients">
<bind address="127.0.0.1" port="${linkPort}" type="servers">
<link name="services.test" ipaddr="127.0.0.1" port="${linkPort}" allowmask="127.0.0.0/8" recvpass="linked" sendpass="linked">
<uline server="services.test" silent="yes">
<sasl target="services.test" requiressl="yes">
<connect allow="*" timeout="20" pingfreq="120" resolvehostnames="no" useident="no" globalmax="50" localmax="50" commandrate="100000" fakelag="no" threshold="1000">
<class name="all" commands="*" privs="*" usermodes="*" chanmodes="*">
<type name="oper" classes="all">
<oper name="oper" password="oper" host="*@*" type="oper">
<options prefixquit="" defaultmodes="not">
<performance quietbursts="yes" softlimit="100" nouserdns="yes">
<limits maxnick="31" maxchan="64" maxident="10" maxhost="64">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="log">
`;
}

const athemeModules = [
  "backend/opensex",
  "protocol/inspircd",
  "crypto/pbkdf2v2",
  "nickserv/main",
  "nickserv/register",
  "nickserv/identify",
  "nickserv/cert",
  "saslserv/main",
  "saslserv/plain",
  "saslserv/external",
];

const athemeConf = (linkPort: number): string => `${athemeModules.map((name) => `loadmodule "modules/${name}";`).join("\n")}
serverinfo { name = "services.test"; desc = "services"; numeric = "00A"; recontime = 1; netname = "Test"; adminname = "test"; adminemail = "test@example.com"; registeremail = "test@example.com"; auth = none; mta = "/bin/true"; loglevel = { error; info; }; maxcertfp = 5; maxlogins = 50; maxusers = 50; casemapping = rfc1459; };
uplink "irc.test" { host = "127.0.0.1"; port = ${linkPort}; send_password = "linked"; receive_password = "linked"; };
nickserv { nick = "NickServ"; user = "services"; host = "services.test"; real = "services"; };
saslserv { nick = "SaslServ"; user = "services"; host = "services.test"; real = "services"; };
general { commit_interval = 60; default_clone_limit = 100; uflags = { hidemail; }; };
`;
