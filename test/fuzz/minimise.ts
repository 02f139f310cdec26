/**
 * A smaller input that still fails: pieces are left out, halves first, then quarters, down to
 * single bytes, as long as the failure stays.
 *
 * @param fails resolves to true when the bytes show the failure.
 */
export async function minimised(
  bytes: Uint8Array,
  fails: (bytes: Uint8Array) => Promise<boolean>,
  tries = 3000,
): Promise<Uint8Array> {
  let best = bytes;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < best.length && tries > 0; ) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      tries--;
      if (await fails(shorter)) best = shorter;
      else at += size;
    }
  }
  return best;
}
