/** Enough to tell a middle by, whatever the number of events. */
const MOST = 4096;

/** The middle of many numbers, told from some of them at even distances. */
export class Sample {
  readonly #values: number[] = [];
  readonly #stride: number;

  /** @param count how many numbers may be offered. */
  constructor(count: number) {
    this.#stride = Math.max(1, Math.floor(count / MOST));
  }

  /** @param index of the number among all. */
  add(index: number, value: number): void {
    if (index % this.#stride === 0) this.#values.push(value);
  }

  get count(): number {
    return this.#values.length;
  }

  /** 0 without any. */
  middle(): number {
    return middleOf(this.#values);
  }

  /** Middle of the distances from `center`. */
  distanceFrom(center: number): number {
    return middleOf(this.#values.map((value) => Math.abs(value - center)));
  }
}

function middleOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
