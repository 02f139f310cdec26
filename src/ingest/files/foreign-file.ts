/** A file that is something else than a trace, by its first bytes. */
export interface ForeignFile {
  /** What it is, with its article: "a zip archive". */
  readonly what: string;
  /** What to do to get a trace out of it. */
  readonly hint: string;
}

/** Bytes that are enough to tell: a tar has its magic at 257. */
export const TELLING_BYTES = 512;

interface Signature extends ForeignFile {
  readonly at?: number;
  readonly bytes: string;
}

const UNPACK = "Unpack it and give the trace inside.";
const UTF16: ForeignFile = {
  what: "a text in UTF-16, as Windows tools save it",
  hint: "Convert it: iconv -f UTF-16 -t UTF-8 FILE > trace.json.",
};

const UTF32: ForeignFile = {
  what: "a text in UTF-32",
  hint: "Convert it: iconv -f UTF-32 -t UTF-8 FILE > trace.json.",
};

/** Signatures as latin1, from the formats' own descriptions. */
const SIGNATURES: readonly Signature[] = [
  { bytes: "PK\x03\x04", what: "a zip archive", hint: `${UNPACK} (unzip FILE)` },
  { bytes: "PK\x05\x06", what: "an empty zip archive", hint: "Give the trace itself." },
  { bytes: "BZh", what: "packed with bzip2", hint: "Unpack it first: bunzip2 FILE." },
  { bytes: "\xfd7zXZ\x00", what: "packed with xz", hint: "Unpack it first: unxz FILE." },
  { bytes: "7z\xbc\xaf\x27\x1c", what: "a 7-Zip archive", hint: UNPACK },
  { bytes: "Rar!\x1a\x07", what: "a RAR archive", hint: UNPACK },
  { bytes: "\x04\x22\x4d\x18", what: "packed with lz4", hint: "Unpack it first: unlz4 FILE." },
  { bytes: "LZIP", what: "packed with lzip", hint: "Unpack it first: lzip -d FILE." },
  { at: 257, bytes: "ustar", what: "a tar archive", hint: `${UNPACK} (tar xf FILE)` },
  {
    bytes: "\x1f\x8b",
    what: "packed twice with gzip",
    hint: "Unpack it once: gunzip < FILE > trace.json.gz.",
  },
  {
    bytes: "\x28\xb5\x2f\xfd",
    what: "packed twice, with zstd inside",
    hint: "Unpack it once and give what comes out.",
  },
  {
    bytes: "version https://git-lfs",
    what: "a Git LFS pointer that stands for the trace",
    hint: "Fetch the file itself: git lfs pull.",
  },
  {
    bytes: "SQLite format 3\0",
    what: "an SQLite database, as Nsight Systems exports it",
    hint: "Only traces of torch.profiler are read: record one with export_chrome_trace.",
  },
  { bytes: "\xff\xfe\0\0", ...UTF32 },
  { bytes: "\0\0\xfe\xff", ...UTF32 },
  { bytes: "{\0\0\0", ...UTF32 },
  { bytes: "\0\0\0{", ...UTF32 },
  { bytes: "\xff\xfe", ...UTF16 },
  { bytes: "\xfe\xff", ...UTF16 },
  { bytes: "{\0", ...UTF16 },
  { bytes: "\0{", ...UTF16 },
  { bytes: "[\0", ...UTF16 },
  { bytes: "\0[", ...UTF16 },
];

/** What the first decoded bytes of a file prove it to be; null when it may be a trace. */
export function foreignFile(head: Uint8Array): ForeignFile | null {
  const text = latin1(head);
  return SIGNATURES.find(({ at = 0, bytes }) => text.startsWith(bytes, at)) ?? null;
}

/** What a file that is no JSON seems to be; null when nothing is known of it. */
export function guessForeign(head: Uint8Array): ForeignFile | null {
  const text = latin1(head);
  if (/^\s*<(!doctype|html|\?xml|head|body)/i.test(text))
    return {
      what: "a web page, not the file it links to",
      hint: "Download the raw file; a sign-in page may have been saved in its place.",
    };
  // Field 1 of a Perfetto trace: a packet with its length; JSON holds none of these bytes.
  if (/^\n[\s\S]/.test(text) && /[\0-\x08\x0e-\x1f]/.test(text))
    return {
      what: "Perfetto's protobuf, not JSON",
      hint: "Give the JSON trace that torch.profiler exported, or convert it: traceconv json FILE trace.json.",
    };
  if (/^\x80[\x02-\x05]/.test(text))
    return {
      what: "a Python pickle, as memory snapshots are",
      hint: "Give a trace of torch.profiler's export_chrome_trace.",
    };
  if (/^\s*[{[]\s*'/.test(text))
    return {
      what: "a Python object as print shows it, not JSON",
      hint: "Write it with json.dump.",
    };
  if (/^\s*\{[^\n]*"ph"[^\n]*\}\s*\n\s*\{/.test(text))
    return {
      what: "JSON Lines, an event a line, not one document",
      hint: "Put them into one: jq -s '{traceEvents: .}' FILE > trace.json.",
    };
  if (/^H4sI[A-Za-z0-9+/\r\n]{40}/.test(text))
    return {
      what: "gzip written as base64 text",
      hint: "Decode it first: base64 -d FILE > trace.json.gz.",
    };
  return null;
}

function latin1(head: Uint8Array): string {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, TELLING_BYTES)).toString(
    "latin1",
  );
}
