import { type FileHandle, open, readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { type Fault, faultsOf, nameOf } from "../policy/issues.ts";
import { type Path, YamlSource } from "../policy/yaml-source.ts";
import { Problem } from "../problem.ts";
import type { IrcChannel, IrcServer } from "./irc/server.ts";
import { channelsFaults } from "./site-faults.ts";
import { channelsSchema, type ChannelFile, type ChannelsFile, type ServerFile } from "./site-schema.ts";
import type { SlackChannel } from "./slack.ts";

/** The site's own file of channels. It holds what lets anybody speak there, so that nobody but its owner and group may read it. */
export interface Channels {
  slack: readonly SlackChannel[];
  irc: readonly { server: IrcServer; channels: readonly IrcChannel[] }[];
}

/** Reads the file, and the certificates that it names. Throws a Problem that names file and line; no secret is ever in one. */
export async function readChannels(path: string): Promise<Channels> {
  const { file, source } = parse(await ownText(path), path);
  const faults = [...channelsFaults(file, source), ...(await pemFaults(file, source))];
  if (faults.length > 0) throw refused(path, faults);
  const servers = await Promise.all(file.irc.map(async (server) => ({ server: await toServer(server), channels: ofServer(file, server) })));
  return {
    slack: await Promise.all(file.channels.flatMap((one) => (one.slack === undefined ? [] : [toSlack(one, one.slack)]))),
    irc: servers,
  };
}

function parse(text: string, path: string): { file: ChannelsFile; source: YamlSource } {
  const yaml = YamlSource.parse(text);
  if (!yaml.ok) {
    // The library's words may have a piece of the file in them.
    const hint = "Put values with signs like `#` and `@` into single quotes: '#ops'.";
    throw refused(
      path,
      yaml.faults.map(({ line, column }) => ({ line, column, text: "This is not YAML as this file may have it.", hint })),
    );
  }
  const { source } = yaml;
  if (source.value === null) throw refused(path, [{ line: 1, column: 1, text: "The file is empty.", hint: "Begin it with `version: 1`." }]);
  const parsed = channelsSchema.safeParse(source.value);
  if (!parsed.success) throw refused(path, faultsOf(parsed.error.issues, channelsSchema, source, false).map(withQuotes));
  return { file: parsed.data, source };
}

/** What everybody writes at first. */
const withQuotes = (fault: Fault): Fault =>
  /^`channels\[\d+\]\.channel` is empty/u.test(fault.text)
    ? { ...fault, hint: "Put it into quotes, '#ops': without them `#` begins a comment." }
    : fault;

function refused(path: string, faults: readonly Fault[]): Problem {
  const [first, ...others] = [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
  const place = first === undefined ? path : `${path}:${first.line}:${first.column}`;
  const more = others.length > 0 ? ` (and ${others.length} more)` : "";
  return new Problem({
    code: "bad-channels",
    text: `${place}: ${first?.text ?? "Not understood."}${more}`,
    hint: first?.hint ?? "Mend it.",
  });
}

const largest = 256 * 1024;

async function ownText(path: string): Promise<string> {
  const unusable = (why: string, hint: string, cause?: unknown): Problem =>
    new Problem({ code: "channels-unreadable", text: `${path} can't be used: ${why}.`, hint }, { cause });
  const exists = "Name a file that exists and that this process may read (docs/announcements.md shows one).";
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    throw unusable(reasonOf(cause), exists, cause);
  }
  try {
    // Of what was opened, so that it is the same as what is read.
    const stats = await file.stat();
    const { mode, size, uid } = stats;
    if (!stats.isFile()) throw unusable("it is no regular file", exists);
    if ((mode & 0o027) !== 0)
      throw unusable(
        "others than its owner may read or write it, and it holds what opens the channels",
        `Take that from them: chmod 0640 ${path}, or 0600`,
      );
    if (uid !== 0 && uid !== process.getuid?.()) throw unusable("it is somebody else's", `Give it to root: chown root ${path}`);
    if (size > largest) throw unusable(`it has ${size} bytes, more than ${largest}`, "Make it shorter.");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "this process may not read it" : message;
};

/** Certificates that can't be read are found at the start, and not at the first trouble of a release. */
async function pemFaults({ irc, channels }: ChannelsFile, source: YamlSource): Promise<Fault[]> {
  const found: Fault[] = [];
  const check = async (path: Path, files: Readonly<Record<string, string>>): Promise<void> => {
    try {
      const read = await Promise.all(Object.entries(files).map(async ([part, file]) => [part, await readFile(file, "utf8")] as const));
      createSecureContext(Object.fromEntries(read));
      if (read.some(([, text]) => !text.includes("-----BEGIN "))) throw new Error("there is no PEM in it");
    } catch (error) {
      const names = Object.values(files).join(" and ");
      const hint = "Name a PEM file that this process may read, and a key that belongs to the certificate.";
      found.push({ ...source.valueAt(path), text: `${nameOf(path)}: ${names} can't be used: ${reasonOf(error)}.`, hint });
    }
  };
  for (const [at, { ca, sasl }] of irc.entries()) {
    if (ca !== undefined) await check(["irc", at, "ca"], { ca });
    if (sasl?.cert !== undefined && sasl.key !== undefined) await check(["irc", at, "sasl"], { cert: sasl.cert, key: sasl.key });
  }
  for (const [at, { ca }] of channels.entries()) if (ca !== undefined) await check(["channels", at, "ca"], { ca });
  return found;
}

const pem = async (path: string | undefined): Promise<string | null> => (path === undefined ? null : readFile(path, "utf8"));

const toSlack = async ({ name, ca }: ChannelFile, url: string): Promise<SlackChannel> => ({ name, url, ca: await pem(ca) });

async function toServer({ name, host, port, tls, ca, nick, password, sasl }: ServerFile): Promise<IrcServer> {
  return {
    name,
    host,
    port: port ?? (tls ? 6697 : 6667),
    tls: tls ? { ca: await pem(ca) } : null,
    nick,
    password: password ?? null,
    sasl: sasl === undefined ? null : await toSasl(sasl),
  };
}

/** That it has one pair, whole, `site-faults.ts` has seen to. */
async function toSasl({ account = "", password = "", cert, key }: NonNullable<ServerFile["sasl"]>): Promise<IrcServer["sasl"]> {
  if (cert === undefined || key === undefined) return { mechanism: "PLAIN", account, password };
  return { mechanism: "EXTERNAL", cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
}

const ofServer = ({ channels }: ChannelsFile, { name: server }: ServerFile): IrcChannel[] =>
  channels.flatMap(({ name, irc, channel, key }) => (irc === server && channel !== undefined ? [{ name, channel, key: key ?? null }] : []));
