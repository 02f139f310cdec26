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

export function union(a: Bits, b: Bits): Bits {
  return joined(a, b, (x, y) => x | y);
}

export function intersection(a: Bits, b: Bits): Bits {
  return joined(a, b, (x, y) => x & y);
}

/** What is in `a` and not in `b`. */
export function difference(a: Bits, b: Bits): Bits {
  return joined(a, b, (x, y) => x & ~y);
}

function joined(a: Bits, b: Bits, join: (x: number, y: number) => number): Bits {
  const made = new Uint32Array(a.length);
  for (let i = 0; i < made.length; i++) made[i] = join(a[i]!, b[i]!);
  return made;
}

export function meet(a: Bits, b: Bits): boolean {
  for (let i = 0; i < a.length; i++) if ((a[i]! & b[i]!) !== 0) return true;
  return false;
}

/** Is everything in `inner` also in `outer`? */
export function contains(outer: Bits, inner: Bits): boolean {
  for (let i = 0; i < inner.length; i++) if ((inner[i]! & ~outer[i]!) !== 0) return false;
  return true;
}

export function isEmpty(bits: Bits): boolean {
  for (const word of bits) if (word !== 0) return false;
  return true;
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
