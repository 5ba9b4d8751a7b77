import { createHmac } from "node:crypto";
import { sendFromThread } from "./burst-sender.ts";
import type { Faults } from "./faults.ts";
import type { App, Ids } from "./state.ts";

/** Webhooks on their way to an App: signed, numbered, recorded, and delivered one after the other, never retried. */

/** A request as it goes out. */
export interface WebhookRequest {
  headers: Record<string, string>;
  /** The JSON that was signed, to the byte. */
  body: string;
}

export interface Delivery extends WebhookRequest {
  id: number;
  /** `X-GitHub-Delivery`: shared by a delivery and its redeliveries. */
  guid: string;
  appId: number;
  event: string;
  action: string | null;
  redelivery: boolean;
  deliveredAt: string;
  /** The receiver's answer, 0 where none came; null while it is on its way or held by a fault. */
  status: number | null;
  /** What kept an answer from coming. */
  failure: string | null;
  /** Where it went; null for a function. */
  url: string | null;
  durationMs: number;
  /** What the receiver said, where it was an address. */
  answer: { headers: Record<string, string>; body: string } | null;
}

/** An address, or a function that answers with a status (nothing: 200). */
export type WebhookTarget = string | ((request: WebhookRequest) => Promise<number | void>);

export interface Deliveries {
  /** Where an App's webhooks go. Without a target they are recorded as failed. */
  target(app: App, target: WebhookTarget): void;
  /** The address that was named; null for a function, and for none. */
  addressOf(app: App): string | null;
  send(app: App, event: string, payload: object): void;
  /** Signs, numbers and records one that is not on its way. */
  prepare(app: App, event: string, payload: object): Delivery;
  /** Sends many at a rate to the App's address, from a thread of its own, whatever else is on its way. */
  burst(app: App, deliveries: readonly Delivery[], perSecond: number): Promise<void>;
  /** Every delivery so far, oldest first. */
  list(): readonly Delivery[];
  redeliver(id: number): void;
  /** Sends what `late` and `reordered` faults hold back. */
  deliverLate(): void;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>;
}

/** GitHub ends a delivery that takes longer. https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
const patienceMs = 10_000;

const unanswered = { status: null, failure: null, url: null, durationMs: 0, answer: null };

interface Clock {
  ids: Ids;
  stamp: () => string;
}

export function createDeliveries({ ids, stamp }: Clock, faults: Faults): Deliveries {
  const targets = new Map<number, WebhookTarget>();
  const record: Delivery[] = [];
  let late: Delivery[] = [];
  let overtaken: Delivery[] = [];
  let lastId = 0;
  let tail: Promise<void> = Promise.resolve();

  const post = async (delivery: Delivery): Promise<number> => {
    const target = targets.get(delivery.appId);
    if (target === undefined) throw new Error("The App has no receiver.");
    const { headers, body } = delivery;
    delivery.url = typeof target === "string" ? target : null;
    if (typeof target === "function") return (await target({ headers, body })) ?? 200;
    const response = await fetch(target, { method: "POST", headers, body, signal: AbortSignal.timeout(patienceMs) });
    delivery.answer = { headers: Object.fromEntries(response.headers), body: await response.text() };
    return response.status;
  };
  // Whatever kept the receiver from answering, GitHub records a failed delivery and goes on.
  const attempt = async (delivery: Delivery): Promise<void> => {
    const started = performance.now();
    try {
      delivery.status = await post(delivery);
    } catch (error) {
      Object.assign(delivery, { status: 0, failure: String(error) });
    }
    delivery.durationMs = performance.now() - started;
  };
  const queue = (delivery: Delivery): void => {
    const before = tail;
    tail = (async () => {
      await before;
      await attempt(delivery);
    })();
  };
  const again = (delivery: Delivery, redelivery: boolean): Delivery => {
    const copy = { ...delivery, ...unanswered, id: ++lastId, redelivery, deliveredAt: stamp() };
    record.push(copy);
    return copy;
  };
  const dispatch = (delivery: Delivery, fault: ReturnType<Faults["takeDelivery"]>): void => {
    if (fault?.kind === "reordered") {
      overtaken.push(delivery);
      return;
    }
    if (fault?.kind === "late") late.push(delivery);
    else if (fault?.kind === "lost") Object.assign(delivery, { status: 0, failure: "Lost on the way." });
    else queue(delivery);
    if (fault?.kind === "duplicate") queue(again(delivery, false));
    const behind = overtaken;
    overtaken = [];
    for (const held of behind) queue(held);
  };

  const prepare: Deliveries["prepare"] = (app, event, payload) => {
    const body = JSON.stringify(payload);
    const guid = ids.guid();
    const headers = {
      accept: "*/*",
      "content-type": "application/json",
      "user-agent": "GitHub-Hookshot/stand-in",
      "x-github-delivery": guid,
      "x-github-event": event,
      "x-github-hook-id": String(app.id),
      "x-github-hook-installation-target-id": String(app.id),
      "x-github-hook-installation-target-type": "integration",
      "x-hub-signature-256": `sha256=${createHmac("sha256", app.webhookSecret).update(body).digest("hex")}`,
    };
    const action = "action" in payload && typeof payload.action === "string" ? payload.action : null;
    const delivery: Delivery = {
      id: ++lastId,
      guid,
      appId: app.id,
      event,
      action,
      redelivery: false,
      deliveredAt: stamp(),
      ...unanswered,
      headers,
      body,
    };
    record.push(delivery);
    return delivery;
  };

  return {
    target: (app, target) => {
      targets.set(app.id, target);
    },
    addressOf: ({ id }) => {
      const target = targets.get(id);
      return typeof target === "string" ? target : null;
    },
    prepare,
    burst: async (app, sent, perSecond) => {
      const url = targets.get(app.id);
      if (typeof url !== "string") throw new Error("A burst needs the address of a receiver.");
      const requests = sent.map(({ headers, body }) => ({ headers, body: Buffer.from(body) }));
      const answers = await sendFromThread({ url, perSecond, patienceMs, requests });
      for (const [n, { ms, status, failure }] of answers.entries()) Object.assign(sent[n] ?? {}, { url, durationMs: ms, status, failure });
    },
    send: (app, event, payload) => {
      const fault = faults.takeDelivery(event);
      if (fault?.kind === "vanished") return;
      dispatch(prepare(app, event, payload), fault);
    },
    list: () => record,
    redeliver: (id) => {
      const delivery = record.find((entry) => entry.id === id);
      if (delivery === undefined) throw new Error(`No delivery has the id ${id}.`);
      queue(again(delivery, true));
    },
    deliverLate: () => {
      const held = [...late, ...overtaken];
      late = [];
      overtaken = [];
      for (const delivery of held) queue(delivery);
    },
    settled: async () => {
      let seen: Promise<void> | null = null;
      while (seen !== tail) {
        seen = tail;
        await seen;
      }
    },
  };
}
