/**
 * Architectures by what a device calls itself. The first entry whose text occurs in the device
 * name wins, so longer names stand before the ones they contain.
 */
const ARCH_OF_DEVICE: readonly (readonly [text: string, arch: string])[] = [
  ["GB300", "sm103"],
  ["B300", "sm103"],
  ["GB200", "sm100"],
  ["B200", "sm100"],
  ["B100", "sm100"],
  ["GH200", "sm90"],
  ["H200", "sm90"],
  ["H100", "sm90"],
  ["H800", "sm90"],
  ["H20", "sm90"],
  ["L40", "sm89"],
  ["L20", "sm89"],
  ["L4", "sm89"],
  ["RTX 4090", "sm89"],
  ["RTX 5090", "sm120"],
  ["RTX PRO 6000 Blackwell", "sm120"],
  ["A100", "sm80"],
  ["A800", "sm80"],
  ["A30", "sm80"],
  ["A10", "sm86"],
  ["A40", "sm86"],
  ["V100", "sm70"],
  ["T4", "sm75"],
  ["MI355", "gfx950"],
  ["MI350", "gfx950"],
  ["MI325", "gfx942"],
  ["MI300", "gfx942"],
  ["MI308", "gfx942"],
  ["MI250", "gfx90a"],
  ["MI210", "gfx90a"],
  ["MI100", "gfx908"],
];

/** "NVIDIA B200" → "sm100"; null for names we do not know. Texts must stand as whole words. */
export function archOfDeviceName(name: string): string | null {
  for (const [text, arch] of ARCH_OF_DEVICE) {
    const at = name.indexOf(text);
    if (at < 0) continue;
    const before = name[at - 1] ?? " ";
    const after = name[at + text.length] ?? " ";
    if (!/[A-Za-z0-9]/.test(before) && !/[0-9]/.test(after)) return arch;
  }
  return null;
}

/**
 * AMD devices report a version without the stepping; only where one product line has it does it
 * tell the architecture ("9.0" is gfx900, gfx908 and gfx90a).
 */
const ARCH_OF_AMD_VERSION: Readonly<Record<string, string>> = { "9.4": "gfx942", "9.5": "gfx950" };

/** "10.0" → "sm100", "9.0" → "sm90", "gfx942:sramecc+:xnack-" → "gfx942"; null for anything else. */
export function archOfComputeCapability(capability: string, vendor: string): string | null {
  const gfx = /^gfx[0-9a-f]+/.exec(capability);
  if (gfx !== null) return gfx[0];
  const version = /^(\d+)\.(\d+)$/.exec(capability);
  if (version === null) return null;
  if (vendor === "amd") return ARCH_OF_AMD_VERSION[capability] ?? null;
  return `sm${version[1]}${version[2]}`;
}
