import { Prng } from "../support/synth/prng.ts";

/** Draws for one case; the same seed draws the same case everywhere. */
export class Random {
  private readonly prng: Prng;

  constructor(seed: number) {
    this.prng = new Prng(seed);
  }

  /** Whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.prng.unit() * below);
  }

  chance(share: number): boolean {
    return this.prng.unit() < share;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** `count` places in [0, length], in order. */
  places(length: number, count: number): number[] {
    return Array.from({ length: count }, () => this.below(length + 1)).sort((a, b) => a - b);
  }
}

/** Seed of one case of a long run: neighbouring numbers give unlike sequences. */
export function caseSeed(seed: number, index: number): number {
  return (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
}
