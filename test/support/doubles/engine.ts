import type { Forward } from "./double-trace.ts";

/** What is being recorded: forwards `begin` up to and without `end`; no end means until stopped. */
export interface Window {
  readonly directory: string;
  readonly prefix: string;
  readonly begin: number;
  readonly end: number | null;
  readonly byStage: number | null;
  /** Kinds of forward still to record by stage; absent = both. */
  readonly stages?: readonly Forward["kind"][];
  /** Begins with a forward to come, so that there is nothing to stop before it. */
  readonly armed: boolean;
  readonly recorded: Forward[];
}

export class ServerGone extends Error {}

/** A scheduler loop that only counts: each request advances it, and it saves inside the loop. */
export class Engine {
  forwards = 0;
  window: Window | null = null;
  saving = false;
  dead = false;
  /** Ends right after its last forward (TokenSpeed) instead of before the next (SGLang, TensorRT-LLM). */
  readonly #endsAfter: boolean;
  readonly #pace: () => Promise<void>;
  readonly #save: (window: Window, stage: Forward["kind"] | null) => Promise<void>;
  #busy: Promise<void> = Promise.resolve();

  constructor(
    save: (window: Window, stage: Forward["kind"] | null) => Promise<void>,
    endsAfter: boolean,
    pace: () => Promise<void>,
  ) {
    this.#save = save;
    this.#pace = pace;
    this.#endsAfter = endsAfter;
  }

  get recording(): boolean {
    const { window } = this;
    return window !== null && (!window.armed || this.forwards >= window.begin);
  }

  /** Runs forwards one after the other, behind whatever the loop does now. */
  run(forwards: readonly Forward[]): Promise<void> {
    return this.inLoop(async () => {
      for (const forward of forwards) await this.#forward(forward);
    });
  }

  /** Work that the scheduler does between forwards, such as answering a control call. */
  inLoop(work: () => Promise<void>): Promise<void> {
    const done = this.#busy.then(async () => {
      if (this.dead) throw new ServerGone();
      await work();
    });
    this.#busy = done.catch(() => {});
    return done;
  }

  /** SGLang's second profiler: each stage once, one forward more than asked. */
  async #nextStage(
    window: Window,
    stages: readonly Forward["kind"][],
    last: Forward,
    next: Forward,
  ): Promise<void> {
    if (last.kind === next.kind && window.recorded.length <= window.byStage!) return;
    await this.finish(last.kind);
    const left = stages.filter((kind) => kind !== last.kind);
    if (left.length > 0) this.window = { ...window, stages: left, recorded: [] };
  }

  async finish(stage: Forward["kind"] | null = null): Promise<void> {
    const { window } = this;
    if (window === null) return;
    this.saving = true;
    try {
      await this.#save(window, stage);
    } finally {
      this.saving = false;
      this.window = null;
    }
  }

  async #forward(forward: Forward): Promise<void> {
    if (this.dead) throw new ServerGone();
    await this.#pace();
    this.forwards++;
    if (this.#reachedEnd(this.forwards)) await this.finish();
    await this.#changeStage(forward);
    const { window } = this;
    const isWanted = window?.stages?.includes(forward.kind) ?? true;
    if (window !== null && isWanted && this.forwards >= window.begin) window.recorded.push(forward);
    if (this.#endsAfter && this.#reachedEnd(this.forwards + 1)) await this.finish();
  }

  #reachedEnd(next: number): boolean {
    return this.window?.end != null && next >= this.window.end;
  }

  /** By stage: each kind of forward is a recording of its own, saved when it is full or the kind changes. */
  async #changeStage(forward: Forward): Promise<void> {
    const { window } = this;
    const last = window?.recorded.at(-1);
    if (window === null || window.byStage === null || last === undefined) return;
    if (window.stages !== undefined) return this.#nextStage(window, window.stages, last, forward);
    const full = window.recorded.length >= window.byStage;
    if (last.kind === forward.kind && !full) return;
    const more = last.kind === "EXTEND" && forward.kind === "DECODE";
    await this.finish(last.kind);
    if (more) this.window = { ...window, recorded: [] };
  }
}
