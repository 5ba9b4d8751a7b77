import { type Fault, nameOf } from "../policy/issues.ts";
import { nearest } from "../policy/nearest.ts";
import type { Path, YamlSource } from "../policy/yaml-source.ts";
import { isLoopback } from "./network-words.ts";
import type { ChannelFile, ChannelsFile, ServerFile } from "./site-schema.ts";

/** What a schema can't say of the site's channels. No value that could be a secret is quoted. */
export function channelsFaults(file: ChannelsFile, source: YamlSource): Fault[] {
  const servers = file.irc.map(({ name }) => name);
  return [
    ...twice("irc", servers, source),
    ...twice(
      "channels",
      file.channels.map(({ name }) => name),
      source,
    ),
    ...file.irc.flatMap((server, at) => serverFaults(server, ["irc", at], source)),
    ...file.channels.flatMap((channel, at) => channelFaults(channel, ["channels", at], servers, source)),
  ];
}

const fault = (source: YamlSource, path: Path, text: string, hint: string): Fault => ({
  ...source.valueAt(path),
  text: `${nameOf(path)} ${text}.`,
  hint,
});

function twice(list: "irc" | "channels", names: readonly string[], source: YamlSource): Fault[] {
  return names.flatMap((name, at) => {
    const first = names.indexOf(name);
    if (first === at) return [];
    const { line } = source.valueAt([list, first, "name"]);
    return [fault(source, [list, at, "name"], `is "${name}", which line ${line} has already`, "Give each its own name.")];
  });
}

function serverFaults({ host, tls, ca, sasl }: ServerFile, path: Path, source: YamlSource): Fault[] {
  const found: Fault[] = [];
  if (!tls && !isLoopback(host))
    found.push(
      fault(
        source,
        [...path, "tls"],
        `is false, and ${host} is not this machine: everybody on the way could read along, and speak as the gate`,
        "Remove it, and give the server's port for TLS (6697).",
      ),
    );
  if (!tls && ca !== undefined)
    found.push(fault(source, [...path, "ca"], "is the CA of a certificate, and `tls` is false", "Keep one of the two."));
  if (sasl === undefined) return found;
  const says = (["account", "password", "cert", "key"] as const).filter((key) => sasl[key] !== undefined).join(" ");
  if (says !== "account password" && says !== "cert key")
    found.push(
      fault(
        source,
        [...path, "sasl"],
        `has ${
          says === ""
            ? "nothing"
            : says
                .split(" ")
                .map((key) => `\`${key}\``)
                .join(", ")
        }`,
        "Give it `account` and `password`, or `cert` and `key`: one pair, whole.",
      ),
    );
  if (!tls && sasl.cert !== undefined)
    found.push(fault(source, [...path, "sasl"], "is by a certificate, which takes TLS", "Remove `tls: false`."));
  return found;
}

function channelFaults(channel: ChannelFile, path: Path, servers: readonly string[], source: YamlSource): Fault[] {
  const { slack, ca, irc, channel: called } = channel;
  if ((slack === undefined) === (irc === undefined))
    return [
      fault(
        source,
        path,
        slack === undefined ? "is nowhere" : "is both a webhook and a channel of a server",
        "Give it `slack`, or `irc` with `channel`: one of the two.",
      ),
    ];
  if (slack !== undefined) {
    const strays = (["channel", "key"] as const).filter((part) => channel[part] !== undefined);
    return [
      ...urlFaults(slack, [...path, "slack"], source),
      ...strays.map((part) => fault(source, [...path, part], "belongs to a channel of an IRC server", "Remove it.")),
    ];
  }
  const found: Fault[] = [];
  if (!servers.includes(irc ?? "")) {
    const meant = nearest(irc ?? "", servers);
    const hint = meant === null ? `The servers under \`irc\`: ${servers.join(", ") || "none"}.` : `Did you mean \`${meant}\`?`;
    found.push(fault(source, [...path, "irc"], `is "${irc ?? ""}", and no server under \`irc\` has that name`, hint));
  }
  if (called === undefined) found.push(fault(source, path, "does not say which channel of the server", "Give it `channel: '#ops'`."));
  if (ca !== undefined) found.push(fault(source, [...path, "ca"], "belongs to a webhook", "Write it to the server, under `irc`."));
  return found;
}

function urlFaults(url: string, path: Path, source: YamlSource): Fault[] {
  const hint = "Copy the webhook's address as the receiver gave it out: https://HOST/….";
  if (!URL.canParse(url)) return [fault(source, path, "is no address", hint)];
  const { protocol, hostname, username, password, hash } = new URL(url);
  if (username !== "" || password !== "" || hash !== "") return [fault(source, path, "has a user, a password or a `#` in it", hint)];
  if (protocol === "https:" || (protocol === "http:" && isLoopback(hostname))) return [];
  return [fault(source, path, "does not begin with https://: everybody on the way could read it, and post there", hint)];
}
