/**
 * Seeded pseudo-random numbers (mulberry32 by Tommy Ettinger, public domain): 32-bit integer
 * arithmetic only, so every engine and platform draws the same sequence.
 */
export class Prng {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** Next value in [0, 1). */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }

  /** `ns` scattered evenly by ±`share` (0.1 = ±10 %), whole nanoseconds, at least 1. */
  around(ns: number, share: number): number {
    return Math.max(1, Math.round(ns * (1 + (2 * this.unit() - 1) * share)));
  }

  /** `digits` upper-case hexadecimal digits, for trace ids. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += Math.floor(this.unit() * 16).toString(16);
    return text.toUpperCase();
  }
}
