import { type Refusal, refusalOf } from "./replies.ts";
import type { IrcTimes, Sasl } from "./server.ts";
import type { Wire } from "./wire.ts";

/** Bytes of base64 in one line; a shorter one ends it, and `+` does where none is shorter (ircv3.net/specs/extensions/sasl-3.1). */
const chunk = 400;

/** Null once the server knows us as the account; else why it does not. To be asked after `CAP LS 302` was sent. */
export async function authenticate(wire: Wire, sasl: Sasl, { answer }: IrcTimes, signal: AbortSignal): Promise<Refusal | null> {
  const none: Refusal = {
    text: `it does not offer SASL ${sasl.mechanism}, and nothing is said without`,
    hint: "Use a server with SASL and services that are up, or take `sasl` out of the site's file.",
  };
  const offered = new Map<string, string>();
  const isOffered = await wire.until(
    ({ command, params }) => {
      if (command === "421" && params[1]?.toUpperCase() === "CAP") return "no";
      if (command !== "CAP" || params[1]?.toUpperCase() !== "LS") return null;
      for (const word of (params.at(-1) ?? "").split(" ")) {
        const [name = "", ...value] = word.split("=");
        offered.set(name.toLowerCase(), value.join("="));
      }
      // A star says that more lines follow.
      if (params[2] === "*" && params.length > 3) return null;
      const mechanisms = offered.get("sasl");
      return mechanisms === undefined || (mechanisms !== "" && !mechanisms.toUpperCase().split(",").includes(sasl.mechanism))
        ? "no"
        : "yes";
    },
    answer,
    signal,
  );
  if (isOffered === "no") return none;
  const acknowledged = wire.until(
    ({ command, params }) => (command === "CAP" && /^(?:ACK|NAK)$/iu.test(params[1] ?? "") ? (params[1] ?? "").toUpperCase() : null),
    answer,
    signal,
  );
  wire.send("CAP", "REQ", "sasl");
  if ((await acknowledged) !== "ACK") return none;
  const asked = wire.until((line) => (line.command === "AUTHENTICATE" ? "go on" : refusalOf("sasl", line)), answer, signal);
  wire.send("AUTHENTICATE", sasl.mechanism);
  const goOn = await asked;
  if (goOn !== "go on") return goOn;
  const known = wire.until((line) => (line.command === "903" ? "known" : refusalOf("sasl", line)), answer, signal);
  for (const line of answerLines(sasl)) wire.send("AUTHENTICATE", line);
  const end = await known;
  return end === "known" ? null : end;
}

function answerLines(sasl: Sasl): string[] {
  if (sasl.mechanism === "EXTERNAL") return ["+"];
  const text = Buffer.from(`${sasl.account}\0${sasl.account}\0${sasl.password}`, "utf8").toString("base64");
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += chunk) lines.push(text.slice(at, at + chunk));
  return text.length % chunk === 0 ? [...lines, "+"] : lines;
}
