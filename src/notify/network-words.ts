import { isIP } from "node:net";
import type { Unheard } from "../rollout/announcement.ts";

/** What a connection failed over, in words for an operator. Nothing of an address but its host and port is ever in them. */
export function networkFault(error: unknown, at: string): Unheard {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const [text, hint] = words[code] ?? [
    isTls(code) ? `TLS failed (${code})` : `the connection failed (${code === "" ? message : code})`,
    look,
  ];
  return { heard: false, text: `${at}: ${text}`, hint, afterSeconds: 0 };
}

const isTls = (code: string): boolean => /^(?:ERR_SSL|ERR_TLS|EPROTO|CERT_|UNABLE_|DEPTH_|SELF_SIGNED)/u.test(code);

const look = "Look at the server, and at the network and firewalls in between.";
const ownCa = "Name the CA that its certificate is of under `ca` in the site's file.";

const words: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ["nothing listens there", "Start the server, or correct host and port in the site's file."],
  ENOTFOUND: ["no such host", "Correct the host in the site's file, or look at DNS."],
  EAI_AGAIN: ["its name can't be looked up now", "Look at DNS on this machine."],
  ETIMEDOUT: ["no answer", look],
  EHOSTUNREACH: ["no way there", look],
  ENETUNREACH: ["no way there", look],
  ECONNRESET: ["it broke the connection off", look],
  EPIPE: ["it broke the connection off", look],
  CERT_HAS_EXPIRED: ["its certificate has expired", "Renew it there."],
  CERT_NOT_YET_VALID: ["its certificate is not valid yet", "Set the clocks of both machines."],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    "its certificate is of another name",
    "Write the host as the certificate has it, or mend the certificate.",
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["its certificate is of no CA that is trusted here", ownCa],
  SELF_SIGNED_CERT_IN_CHAIN: ["its certificate is of no CA that is trusted here", ownCa],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["its certificate is of no CA that is trusted here", ownCa],
  UNABLE_TO_GET_ISSUER_CERT: ["its certificate is of no CA that is trusted here", ownCa],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["its certificate is of no CA that is trusted here", ownCa],
  TLS_SILENT: ["it was reached, and does not answer in TLS", "Give the port for TLS: 6697 for IRC; where it is that, look at the server."],
  ERR_SSL_WRONG_VERSION_NUMBER: ["it does not speak TLS on this port", "Give the port for TLS: 6697 for IRC, 443 for webhooks."],
  EPROTO: ["it does not speak TLS on this port, or none that is safe", "Give the port for TLS: 6697 for IRC, 443 for webhooks."],
};

/** Whether an address never leaves this machine. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
