import { parseTolerantly } from "./tolerant-json.ts";

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function blanksEnd(bytes: Uint8Array, at: number): number {
  while (isBlank(bytes[at]!)) at++;
  return at;
}

export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

/** Undefined, which no JSON means, when the text is broken. */
export function parsed(text: string): unknown {
  try {
    return parseTolerantly(text);
  } catch {
    return undefined;
  }
}
