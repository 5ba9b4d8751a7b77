import type { Known } from "../../policy/known.ts";
import type { NodeToPlace } from "../../policy/services.ts";
import type { Recorder } from "./recorder.ts";

/** A node, and where it belongs by the policy. */
export interface PlacedNode {
  certname: string;
  services: Known<readonly string[]>;
  datacentre: Known<string | null>;
}

/** A node that expectations may ask about. */
export interface ExpectNode extends PlacedNode {
  /** What `for` reads: nothing of it can be invented by an agent. */
  about: NodeToPlace;
}

/** What an expression sees of the node whose catalog it looks at. */
export class NodeView {
  readonly #node: PlacedNode;
  readonly #recorder: Recorder;
  constructor(node: PlacedNode, recorder: Recorder) {
    this.#node = node;
    this.#recorder = recorder;
  }
  get certname(): string {
    return this.#node.certname;
  }
  get services(): readonly string[] {
    return this.#known(this.#node.services);
  }
  /** Empty where it has none. */
  get datacentre(): string {
    return this.#known(this.#node.datacentre) ?? "";
  }
  #known<T>(part: Known<T>): T {
    if (part.known) return part.value;
    throw this.#recorder.hole(part.reason);
  }
}

/** What an expectation over the fleet knows of one node: what `each` made of its catalogs, and what the change does to it. */
export interface FleetNode {
  node: PlacedNode;
  before: Known<unknown>;
  after: Known<unknown>;
  changed: boolean;
  /** `Service[postgresql]`, which would restart. */
  restarts: readonly string[];
}

export class FleetNodeView extends NodeView {
  readonly #all: FleetNode;
  readonly #holes: Recorder;
  readonly #side: "before" | "after";
  constructor(all: FleetNode, recorder: Recorder, side: "before" | "after") {
    super(all.node, recorder);
    this.#all = all;
    this.#holes = recorder;
    this.#side = side;
  }
  get before(): unknown {
    return this.#value(this.#all.before);
  }
  /** Looked at as it was, nothing has changed. */
  get after(): unknown {
    return this.#side === "before" ? this.before : this.#value(this.#all.after);
  }
  get changed(): boolean {
    return this.#side === "after" && this.#all.changed;
  }
  get restarts(): readonly string[] {
    return this.#side === "after" ? this.#all.restarts : [];
  }
  #value(part: Known<unknown>): unknown {
    if (part.known) return part.value;
    throw this.#holes.hole(`of ${this.#all.node.certname}: ${part.reason}`);
  }
}
