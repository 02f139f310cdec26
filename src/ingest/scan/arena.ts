/** Room in a block of the arena; longer texts get one of their own. */
const BLOCK: usize = 1 << 16;

let free: usize = 0;
let left: usize = 0;

/** Keeps `length` bytes from `start` for good. @returns where. */
export function keep(start: usize, length: usize): usize {
  if (length > left) {
    left = max(BLOCK, length);
    free = heap.alloc(left);
  }
  const place = free;
  memory.copy(place, start, length);
  free += length;
  left -= length;
  return place;
}

/** Room for so many bytes, all of them 0. */
export function zeros(bytes: usize): usize {
  const place = heap.alloc(bytes);
  memory.fill(place, 0, bytes);
  return place;
}

/** Whether the same `length` bytes stand at `a` and `b`. Looks at no others. */
export function areEqual(a: usize, b: usize, length: usize): bool {
  if (length >= 16) {
    const last = length - 16;
    for (let at: usize = 0; at < last; at += 16) {
      if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
    }
    return !v128.any_true(v128.xor(v128.load(a + last), v128.load(b + last)));
  }
  if (length >= 8) {
    const last = length - 8;
    return load<u64>(a) === load<u64>(b) && load<u64>(a + last) === load<u64>(b + last);
  }
  if (length >= 4) {
    const last = length - 4;
    return load<u32>(a) === load<u32>(b) && load<u32>(a + last) === load<u32>(b + last);
  }
  for (let at: usize = 0; at < length; at++) {
    if (load<u8>(a + at) !== load<u8>(b + at)) return false;
  }
  return true;
}
