/** A set of small integers, one bit each; sets of one universe have equal length. */
export type Bits = Uint32Array;

const wordsFor = (size: number): number => (size + 31) >>> 5;

export function noBits(size: number): Bits {
  return new Uint32Array(wordsFor(size));
}

export function allBits(size: number): Bits {
  const bits = noBits(size).fill(0xffffffff);
  if ((size & 31) !== 0) bits[bits.length - 1] = 2 ** (size & 31) - 1;
  return bits;
}

export function addBit(bits: Bits, at: number): void {
  bits[at >>> 5]! |= 1 << (at & 31);
}

export function hasBit(bits: Bits, at: number): boolean {
  return (bits[at >>> 5]! & (1 << (at & 31))) !== 0;
}

export function union(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word | b[i]!);
}

export function intersection(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word & b[i]!);
}

/** What is in `a` and not in `b`. */
export function difference(a: Bits, b: Bits): Bits {
  return a.map((word, i) => word & ~b[i]!);
}

export function meet(a: Bits, b: Bits): boolean {
  return a.some((word, i) => (word & b[i]!) !== 0);
}

/** Is everything in `inner` also in `outer`? */
export function contains(outer: Bits, inner: Bits): boolean {
  return inner.every((word, i) => (word & ~outer[i]!) === 0);
}

export function isEmpty(bits: Bits): boolean {
  return bits.every((word) => word === 0);
}

export function countBits(bits: Bits): number {
  let count = 0;
  for (let word of bits) for (; word !== 0; word &= word - 1) count++;
  return count;
}

/** Members in rising order. */
export function* membersOf(bits: Bits): Generator<number> {
  for (const [index, word] of bits.entries())
    for (let rest = word; rest !== 0; rest &= rest - 1)
      yield index * 32 + (31 - Math.clz32(rest & -rest));
}
