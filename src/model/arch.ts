/** A GPU architecture as guards and traces write it. */
interface Arch {
  readonly family: "sm" | "gfx";
  readonly order: number;
}

/** Whose GPUs an architecture names. */
export const VENDOR_OF_FAMILY: Readonly<Record<string, string>> = { sm: "nvidia", gfx: "amd" };

/** Null for what is no architecture. "sm90a" and "sm_90" read as sm90; a gfx number is major, minor digit, stepping digit (gfx90a, gfx1100). */
export function parseArch(text: string): Arch | null {
  const sm = /^sm_?(\d+)[af]?$/.exec(text);
  if (sm !== null) return { family: "sm", order: Number(sm[1]) };
  const gfx = /^gfx(\d+)([0-9a-f])([0-9a-f])$/.exec(text);
  if (gfx === null) return null;
  const order = Number(gfx[1]) * 256 + parseInt(gfx[2]!, 16) * 16 + parseInt(gfx[3]!, 16);
  return { family: "gfx", order };
}

/** Negative, 0 or positive as `a` is older than, equal to or newer than `b`; null across families or for unreadable names. */
export function compareArch(a: string, b: string): number | null {
  const left = parseArch(a);
  const right = parseArch(b);
  if (left === null || right === null || left.family !== right.family) return null;
  return left.order - right.order;
}
