/** Whether this process can do its work now, part by part: for whoever decides to send it requests, and for the person who looks why not. */
export interface Readiness {
  ready: boolean;
  /** Told to stop: what is under way is ended, and nothing new is begun. */
  draining: boolean;
  parts: readonly ReadinessPart[];
}

export interface ReadinessPart {
  name: string;
  /** `away`: it can't be had now, and what is asked of this process is kept until it can. */
  state: "ok" | "away" | "failing";
  /** Why, and what to do; without any secret. */
  text: string;
}
