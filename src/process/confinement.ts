/**
 * Holds a program and all that it starts to limits of the whole: a process's own limits (setrlimit) count each process alone, and a
 * hundred of them may each take what one may.
 */
export interface Confinement {
  /** For one program, before it is started. */
  begin(): Confined;
}

export interface Confined {
  /**
   * Takes a program in that was just started, with all that it started meanwhile. It must not get to anything untrusted before this
   * returns. `kill` ends it, where the limit is kept by looking.
   */
  take(pid: number, kill: () => void): void;
  /** Whether the limit of memory struck. Asked once the program has ended. */
  struck(): boolean;
  /** Takes away what was made for it. Called once the program has ended. */
  end(): Promise<void>;
}

export interface Limits {
  /** Bytes of all its processes together. */
  memoryBytes: number;
  /** Processes and threads. */
  processes: number;
}
