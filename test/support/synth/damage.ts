/** Ways a trace file is cut or spoilt on its way to us. All work on the text or bytes of a file. */

/** A truncated copy: `share` (0–1) of the text. */
export function cutAt(text: string, share: number): string {
  return text.slice(0, Math.floor(text.length * share));
}

/** Only the array of events, as `chrome://tracing` saves it. */
export function bareArray(text: string): string {
  const start = text.indexOf("[", text.indexOf('"traceEvents"'));
  return text.slice(start, endOfEvents(text));
}

/** One element in the middle is not JSON: the writer died and another went on. */
export function spoilEvent(text: string, index: number): string {
  const at = startOfEvent(text, index);
  return `${text.slice(0, at)}{ "ph": "X", "cat": "kernel", "name": "half an ev${text.slice(at)}`;
}

/** Two writers wrote into one file: a second trace's beginning inside the first. */
export function interleave(first: string, second: string, index: number): string {
  const at = startOfEvent(first, index);
  return `${first.slice(0, at)}${second.slice(0, 4096)}${first.slice(at)}`;
}

/** A raw control character and a lone surrogate inside a name, as a broken demangler leaves them. */
export function strangeName(text: string, index: number): string {
  const at = text.indexOf('"name": "', startOfEvent(text, index)) + '"name": "'.length;
  return `${text.slice(0, at)}\\u0001\\ud800${text.slice(at)}`;
}

/** A gzip file that lost its last `count` bytes (8 = just the trailer). */
export function cutGzip(bytes: Buffer, count: number): Buffer {
  return bytes.subarray(0, bytes.length - count);
}

/** A gzip file with one byte of its body flipped. */
export function flipByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
}

/** Offset of the `index`-th element of traceEvents, as our serialiser lays it out. */
function startOfEvent(text: string, index: number): number {
  let at = text.indexOf("[", text.indexOf('"traceEvents"')) + 1;
  for (let seen = 0; seen < index; seen++) {
    const next = text.indexOf("\n  },\n", at);
    if (next === -1) throw new Error(`the text holds no event ${index}`);
    at = next + "\n  },\n".length;
  }
  return at;
}

function endOfEvents(text: string): number {
  return text.lastIndexOf("\n  ]") + "\n  ]".length;
}
