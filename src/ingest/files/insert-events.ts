const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const LONGEST_KEY = 100;

/**
 * A trace's bytes with further events in front of its own; everything else comes through as it
 * is. Needs a sound document: the caller has read it before.
 *
 * @param events texts of events with commas between them, together at least one event.
 */
export async function* insertEvents(
  chunks: AsyncIterable<Uint8Array>,
  events: Iterable<string>,
): AsyncGenerator<string | Uint8Array> {
  const opening = new ListOpening();
  let state: "before" | "inserted" | "after" = "before";
  for await (const chunk of chunks) {
    let from = 0;
    if (state === "before") {
      from = opening.find(chunk);
      if (from >= 0) yield chunk.subarray(0, from);
      if (from < 0) {
        yield chunk;
        continue;
      }
      yield "\n";
      yield* events;
      state = "inserted";
    }
    if (state === "inserted") {
      const next = chunk.subarray(from).findIndex((byte) => byte > 0x20);
      if (next >= 0) {
        // An empty list has nothing that a comma could stand before.
        if (chunk[from + next] !== CLOSE_LIST) yield ",";
        state = "after";
      }
    }
    yield chunk.subarray(from);
  }
}

/** Looks for the place behind the bracket that opens the list of events, chunk after chunk. */
class ListOpening {
  #depth = 0;
  #inString = false;
  #afterBackslash = false;
  /** Letters of the string read last, on the level of the top-level keys. */
  #string: number[] = [];
  #key: string | null = null;

  /** @returns -1 when it is not in this chunk. */
  find(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inString) this.#readString(byte);
      else if (byte === QUOTE) {
        this.#inString = true;
        this.#string = [];
      } else if (byte === COLON && this.#depth === 1) this.#key = textOf(this.#string);
      else if (byte === COMMA && this.#depth === 1) this.#key = null;
      else if (byte === OPEN_LIST && this.#opensEvents()) return at + 1;
      else if (byte === OPEN || byte === OPEN_LIST) this.#depth++;
      else if (byte === CLOSE || byte === CLOSE_LIST) this.#depth--;
    }
    return -1;
  }

  #opensEvents(): boolean {
    return this.#depth === 0 || (this.#depth === 1 && this.#key === "traceEvents");
  }

  #readString(byte: number): void {
    if (this.#afterBackslash) this.#afterBackslash = false;
    else if (byte === BACKSLASH) this.#afterBackslash = true;
    else if (byte === QUOTE) {
      this.#inString = false;
      return;
    }
    if (this.#depth === 1 && this.#string.length < LONGEST_KEY) this.#string.push(byte);
  }
}

function textOf(letters: readonly number[]): string | null {
  try {
    return JSON.parse(`"${Buffer.from(letters).toString()}"`) as string;
  } catch {
    return null;
  }
}
