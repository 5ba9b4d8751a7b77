import type { Announcement } from "../../rollout/announcement.ts";
import { plain } from "../plain.ts";
import { wordsOf } from "../words.ts";

/** Lines of the Internet Relay Chat protocol (RFC 1459, RFC 2812, modern.ircdocs.horse), as far as one who only tells needs them. */

export interface IrcLine {
  /** `nick!user@host` or a server's name; empty where there is none. */
  source: string;
  /** In capitals, or three digits. */
  command: string;
  params: readonly string[];
}

/** Null for what is none. */
export function parseLine(line: string): IrcLine | null {
  // A part of it comes back in our answer: none may end that.
  if (/[\0\r\n]/u.test(line)) return null;
  const found = /^(?:@[^ ]* +)?(?::(?<source>[^ ]+) +)?(?<command>[A-Za-z]+|\d{3})(?<rest>.*)$/su.exec(line);
  if (found?.groups === undefined) return null;
  const { source = "", command = "", rest = "" } = found.groups;
  const params: string[] = [];
  let left = rest.replace(/^ +/u, "");
  while (left !== "") {
    if (left.startsWith(":")) {
      params.push(left.slice(1));
      break;
    }
    const [first = ""] = left.split(" ", 1);
    params.push(first);
    left = left.slice(first.length).replace(/^ +/u, "");
  }
  return { source, command: command.toUpperCase(), params };
}

/** A line to send, without its end. Throws where a part would end it, or begin another: nothing of the kind may come so far. */
export function ircLine(command: string, ...params: readonly string[]): string {
  const parts = [
    command,
    ...params.map((param, at) => (at === params.length - 1 && (param === "" || /^:| /u.test(param)) ? `:${param}` : param)),
  ];
  const line = parts.join(" ");
  if (/[\0\r\n]/u.test(line) || params.slice(0, -1).some((param) => param === "" || /^:| /u.test(param)))
    throw new Error(`a part of an IRC line for ${command} would end it or be two`);
  return line;
}

/** Names of channels and people are the same in capitals, and `[]\~` are capitals of `{}|^` (RFC 1459, 2.2). */
export const fold = (name: string): string =>
  name.toLowerCase().replaceAll("[", "{").replaceAll("]", "}").replaceAll("\\", "|").replaceAll("~", "^");

/** Bytes of a whole line with its end, and with the source that the server puts in front for whoever hears it. */
const longestLine = 512;
/** Of a user's name and a host in that source; servers cut the name at ten or so, and hosts at 63. */
const longestUser = 12;
const longestHost = 63;
/** Lines that one announcement may take; the last has the link. */
const mostLines = 3;

/** What a channel is told, as texts of so many bytes that no server cuts them. */
export function ircTexts(announcement: Announcement, { nick, channel }: { nick: string; channel: string }): string[] {
  const source = 1 + nick.length + 1 + longestUser + 1 + longestHost + 1;
  const room = longestLine - source - Buffer.byteLength(`PRIVMSG ${channel} :\r\n`);
  const { parts, link } = wordsOf(announcement);
  const body = parts.map((part) => (typeof part === "string" ? part : `"${plain(part.quoted)}"`)).join("");
  return folded(body, link, room);
}

/** Broken at blanks where that can be, else between characters; what is too much is cut, and the link is whole and last. */
export function folded(body: string, link: string | null, room: number): string[] {
  const tail = link === null ? [] : [link];
  const lines = wrapped(body, room);
  const kept = lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), shortened(lines[mostLines - 1] ?? "", room)];
  const last = kept.at(-1) ?? "";
  const together = [last, ...tail].join(" ");
  if (Buffer.byteLength(together) <= room) return [...kept.slice(0, -1), together];
  // An address that no line holds would be a wrong one.
  const whole = tail.filter((each) => Buffer.byteLength(each) <= room);
  return kept.length < mostLines || whole.length === 0 ? [...kept, ...whole] : [...kept.slice(0, -1), ...whole];
}

function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((one) => pieces(one, room))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (Buffer.byteLength(longer) <= room) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A word that no line holds, in parts; never within a character. */
function pieces(word: string, room: number): string[] {
  if (Buffer.byteLength(word) <= room) return [word];
  const found: string[] = [];
  let [piece, bytes] = ["", 0];
  for (const point of word) {
    const more = Buffer.byteLength(point);
    if (bytes + more > room) {
      found.push(piece);
      [piece, bytes] = ["", 0];
    }
    piece += point;
    bytes += more;
  }
  return [...found, piece];
}

function shortened(line: string, room: number): string {
  const points = Array.from(line);
  while (Buffer.byteLength(`${points.join("")}…`) > room) points.pop();
  return `${points.join("")}…`;
}
