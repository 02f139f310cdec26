/** When GPU work runs: one queue per stream, in order, with fences between streams. */
export class GpuLanes {
  /** ns at which each stream is free. */
  private readonly free = new Map<string, number>();
  private readonly marks = new Map<string, number>();
  private readonly lastStart = new Map<string, number>();

  /** Earliest start of new work that reaches the GPU at `ready`. */
  startOf(stream: string, ready: number, gapNs: number, earlyNs: number): number {
    const free = this.free.get(stream);
    if (free === undefined) return ready;
    // A dependent launch may begin early, yet never before its predecessor began.
    const begun = this.lastStart.get(stream) ?? 0;
    const next = earlyNs > 0 ? Math.max(begun + 1, free - earlyNs) : free + gapNs;
    return Math.max(ready, next);
  }

  occupy(stream: string, start: number, end: number): void {
    this.lastStart.set(stream, start);
    this.free.set(stream, Math.max(end, this.free.get(stream) ?? 0));
  }

  fence(from: string, to: string): void {
    const until = this.free.get(from);
    if (until !== undefined) this.free.set(to, Math.max(until, this.free.get(to) ?? 0));
  }

  /** Remembers when `stream` will have done what it holds now. */
  mark(name: string, stream: string): void {
    this.marks.set(name, this.free.get(stream) ?? 0);
  }

  /** When a mark or, failing that, all a stream holds now is reached; 0 when it never ran. */
  reached(markOrStream: string): number {
    return this.marks.get(markOrStream) ?? this.free.get(markOrStream) ?? 0;
  }
}
