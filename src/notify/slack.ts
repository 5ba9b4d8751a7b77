import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Announcement, Heard, Receiver, Unheard } from "../rollout/announcement.ts";
import { networkFault } from "./network-words.ts";
import { plain } from "./plain.ts";
import { type Part, wordsOf } from "./words.ts";

/**
 * Incoming webhooks as Slack has them (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks), and Mattermost, Rocket.Chat, Zulip and others
 * after it. The address is the secret: whoever has it may post.
 */
export interface SlackChannel {
  name: string;
  /** A secret, whole. */
  url: string;
  /** PEM; null for the CAs that Node brings. */
  ca: string | null;
}

/** Milliseconds for a whole exchange. */
const patience = 15_000;
/** Bytes of an answer; nobody needs more than its first word. */
const longestAnswer = 4096;
/** UTF-16 units; Slack takes 40,000, and 3,000 for a block. */
const longestText = 3000;

export function createSlackReceiver(channel: SlackChannel): Receiver {
  return {
    name: channel.name,
    say: async (announcement, signal, onStep) => {
      const text = slackText(announcement);
      try {
        return answered(channel, await post(channel, text, signal, onStep));
      } catch (error) {
        return networkFault(error, placeOf(channel));
      }
    },
  };
}

/** Host and port: the rest of the address is the secret. */
const placeOf = ({ url }: SlackChannel): string => `the webhook at ${new URL(url).host}`;

/**
 * In Slack's mrkdwn, which Mattermost's Markdown agrees with as far as this goes. Texts that are anybody's are code: nothing in it is a link, a mention or
 * markup, and `<!channel>` is none after its `<` is an entity.
 */
export function slackText(announcement: Announcement): string {
  const { parts, link } = wordsOf(announcement);
  const tail = link === null ? "" : ` <${link}>`;
  let text = "";
  for (const part of parts) {
    const next = slackPart(part);
    if (text.length + next.length + tail.length > longestText - 1) return `${text}…${tail}`;
    text += next;
  }
  return `${text}${tail}`;
}

const slackPart = (part: Part): string => (typeof part === "string" ? entities(part) : `\`${code(plain(part.quoted))}\``);

const entities = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A word joiner after `@`: receivers that look for mentions before they look for code find none. */
const code = (text: string): string => entities(text.replaceAll("`", "'")).replaceAll("@", "@\u2060");

interface Answer {
  status: number;
  retryAfter: string | undefined;
  text: string;
}

function post({ url, ca }: SlackChannel, text: string, signal: AbortSignal, onStep?: (text: string) => void): Promise<Answer> {
  const body = JSON.stringify({ text, unfurl_links: false, unfurl_media: false });
  const address = new URL(url);
  const send = address.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const late = AbortSignal.timeout(patience);
    const request = send(address, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", "content-length": Buffer.byteLength(body) },
      ...(ca !== null && { ca }),
      // Of its own: an answer that comes to nobody any more holds nothing up.
      agent: false,
      signal: AbortSignal.any([signal, late]),
    });
    request.on("socket", (socket) => {
      socket.once("secureConnect", () => onStep?.(`TLS is fine: its certificate is of a CA that is trusted here`));
    });
    request.on("error", (error) => reject(late.aborted ? Object.assign(new Error("late"), { code: "ETIMEDOUT" }) : error));
    request.on("response", (response) => void read(response).then(resolve, reject));
    request.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > longestAnswer) break;
  }
  response.destroy();
  const { statusCode = 0, headers } = response;
  return { status: statusCode, retryAfter: headers["retry-after"], text: text.slice(0, longestAnswer) };
}

function answered(channel: SlackChannel, { status, retryAfter, text }: Answer): Heard {
  if (status >= 200 && status < 300) return { heard: true };
  const at = placeOf(channel);
  // Slack's own word for it, and of nothing else: an answer may repeat the address.
  const word = /^[a-z][a-z_]{2,40}$/u.test(text.trim()) ? text.trim() : null;
  const unheard = (what: string, hint: string, afterSeconds = 0): Unheard => ({ heard: false, text: `${at} ${what}`, hint, afterSeconds });
  if (status === 429) {
    const seconds = secondsOf(retryAfter);
    return unheard(`asks to wait ${seconds} seconds (429)`, "Nothing to do: it is said then.", seconds);
  }
  if (status >= 300 && status < 400)
    return unheard(`sends on to another address (${status}), which is not followed`, "Write the final address into the site's file.");
  const said = `refused it (${status}${word === null ? "" : `, ${word}`})`;
  if (status >= 500) return unheard(`is in trouble (${status})`, "Look at the receiver; it is asked again.");
  if (status === 404 || status === 403 || status === 410 || status === 401) return unheard(said, refusals[word ?? ""] ?? goneHint);
  return unheard(said, "See whether the receiver is Slack-compatible: it is sent JSON with a `text`.");
}

const goneHint = "Make a new incoming webhook for the channel there, and write its address into the site's file.";
const refusals: Readonly<Record<string, string>> = {
  channel_is_archived: "Unarchive the channel, or make a webhook for another one.",
  channel_not_found: "The channel is gone: make a webhook for another one.",
  action_prohibited: "An administrator of the workspace forbids it: ask them.",
};

/** As Slack writes it, in seconds; a minute where it says nothing else, and a day at most. */
function secondsOf(retryAfter: string | undefined): number {
  if (retryAfter === undefined || !/^\d{1,6}$/u.test(retryAfter)) return 60;
  return Math.min(Math.max(Number(retryAfter), 1), 86_400);
}
