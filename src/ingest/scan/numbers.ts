import { digitCount, digitsEnd, MINUS } from "./bytes.ts";

const DOT: u8 = 0x2e;
/** Digits a double holds whatever they are. */
const EXACT_DIGITS: usize = 15;
/** Digits 64 bits hold whatever they are. */
const MOST_DIGITS: usize = 19;
const MAX_SAFE: u64 = 9_007_199_254_740_991;

/** Looked up: which number has how many digits is anybody's guess, and branches would guess wrong. */
const POWERS = memory.data<u64>([1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000]);

/** What the number read last says; with a fraction, its whole part. */
export let whole: u64 = 0;
/** Thousandths of the fraction read last, rounded half up. */
export let thousandths: i32 = 0;
export let isNegative: bool = false;

/** The number that the first `count` bytes of a word spell, as eight digits with zeros in front. */
function numberOf(word: u64, count: usize): u64 {
  if (count === 0) return 0;
  word <<= 64 - 8 * (count as u64);
  // Pairs, then fours, then all.
  word = ((word & 0x0f0f0f0f0f0f0f0f) * 2561) >> 8;
  word = ((word & 0x00ff00ff00ff00ff) * 6553601) >> 16;
  return ((word & 0x0000ffff0000ffff) * 42949672960001) >> 32;
}

function powerOfTen(exponent: usize): u64 {
  return load<u64>(POWERS + exponent * 8);
}

/** End of the digits at `p`; 0 when there are none, too many, or a 0 in front of others. */
function digits(first: usize): usize {
  let p = first;
  let value: u64 = 0;
  let count: usize;
  do {
    const word = load<u64>(p);
    count = digitCount(word);
    value = value * powerOfTen(count) + numberOf(word, count);
    p += count;
  } while (count === 8);
  const all = p - first;
  if (all === 0 || all > MOST_DIGITS || (all > 1 && load<u8>(first) === 0x30)) return 0;
  whole = value;
  return p;
}

/** End of the natural number at `p`, which is exact as a double. */
export function natural(p: usize): usize {
  const end = digits(p);
  return end - p > EXACT_DIGITS ? 0 : end;
}

/** End of the number at `p`: sign, whole part, and a fraction to thousandths. */
export function decimal(p: usize): usize {
  isNegative = load<u8>(p) === MINUS;
  p = digits(isNegative ? p + 1 : p);
  if (p === 0 || whole > MAX_SAFE) return 0;
  thousandths = 0;
  return load<u8>(p) === DOT ? fraction(p + 1) : p;
}

function fraction(first: usize): usize {
  const word = load<u64>(first);
  const count = digitCount(word);
  const kept = min(count, 3);
  const isRoundedUp = count > 3 && load<u8>(first, 3) >= 0x35;
  thousandths = ((numberOf(word, kept) * powerOfTen(3 - kept)) as i32) + (isRoundedUp as i32);
  return count < 8 ? (count === 0 ? 0 : first + count) : digitsEnd(first);
}
