import { StringDecoder } from "node:string_decoder";
import { jsonParser, type Token } from "stream-json/core/parser.js";
import { LONG_NUMBER, LongNumber } from "../columns/decimal.ts";
import type { TraceBuilder } from "../columns/trace-builder.ts";
import { type EventRow, newEventRow } from "../events/event-row.ts";
import type { EventReader } from "./event-reader.ts";
import { NanFilter } from "./nan-filter.ts";
import { rowFromObject } from "./row-from-object.ts";

/**
 * The reader the fast one is measured against: stream-json's tokens put together to objects, no
 * bytes looked at. Ten times slower; it stops at the first thing that is not JSON.
 */
export class ReferenceReader implements EventReader {
  /** Without prototype: a key may be `__proto__`. */
  readonly head: Record<string, unknown> = Object.create(null);
  sawEvents = false;
  damage: string | null = null;
  notJsonAt: number | null = null;
  isCut = false;
  isWhole = false;
  stopped = false;

  readonly #builder: TraceBuilder;
  readonly #row: EventRow = newEventRow();
  readonly #parse = jsonParser({ streamValues: false });
  readonly #decoder = new StringDecoder("utf8");
  readonly #nanFilter = new NanFilter();
  readonly #values = new ValueStack();
  #bytes = 0;
  /** The first character, which may be a byte order mark, is past. */
  #begun = false;
  /** Brackets open around the value being put together: the document's, and the events'. */
  #outside = 0;
  #bare = false;
  /** The document's own bracket was there. */
  #opened = false;
  #inEvents = false;
  #key = "";

  constructor(builder: TraceBuilder) {
    this.#builder = builder;
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    const text = this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#feed(this.#nanFilter.write(this.#begun ? text : text.replace(/^\uFEFF/, "")));
    this.#begun ||= text !== "";
  }

  end(): void {
    if (this.stopped) return;
    this.#feed(this.#nanFilter.write(this.#decoder.end()) + this.#nanFilter.end());
    if (this.#outside > 0) this.#stop(`JSON cut at byte ${this.#bytes}`);
    else if (!this.#opened) this.notJsonAt ??= this.#bytes;
  }

  #feed(text: string): void {
    if (this.stopped || text === "") return;
    try {
      // Text without a whole token gives nothing at all.
      const tokens = this.#parse(text) as { readonly values?: readonly Token[] };
      for (const token of tokens.values ?? []) this.#take(token);
    } catch (error) {
      if (this.#outside === 0) this.notJsonAt = this.#bytes;
      this.#stop(
        `${(error as Error).message} before byte ${this.#bytes} (the reference reader is strict: it stops there)`,
      );
    }
  }

  #stop(damage: string): void {
    this.isCut = this.#inEvents || !this.sawEvents;
    this.damage ??= damage;
    this.stopped = true;
  }

  #take(token: Token): void {
    if (this.#values.isEmpty && this.#structural(token)) return;
    const value = this.#values.take(token);
    if (value === undefined) return;
    if (!this.#inEvents) this.head[this.#key] = value;
    else if (rowFromObject(this.#row, value, this.#builder.texts)) this.#builder.add(this.#row);
    else this.#builder.addUnreadable();
  }

  /** Brackets and keys of the document itself; everything within them is somebody's value. */
  #structural(token: Token): boolean {
    if (this.#outside === 0) {
      this.#bare = token.name === "startArray";
      this.#inEvents = this.#bare;
      this.sawEvents ||= this.#bare;
      this.#outside = this.#bare || token.name === "startObject" ? 1 : 0;
      if (this.#outside === 0) throw new Error("no object and no list");
      this.#opened = true;
      return true;
    }
    if (token.name === "keyValue" && !this.#inEvents) this.#key = token.value;
    else if (token.name === "startArray" && !this.#inEvents && this.#key === "traceEvents") {
      this.#inEvents = true;
      this.sawEvents = true;
      this.#outside++;
    } else if (token.name === "endArray" || token.name === "endObject") {
      this.#inEvents = false;
      this.#outside--;
      this.isWhole = this.#outside === 0;
    } else return false;
    return true;
  }
}

/** Puts one value after the other together from tokens. */
class ValueStack {
  readonly #open: { readonly value: unknown[] | Record<string, unknown>; key: string }[] = [];

  get isEmpty(): boolean {
    return this.#open.length === 0;
  }

  /** @returns the value the token completes, undefined while there is none. */
  take(token: Token): unknown {
    switch (token.name) {
      case "startObject":
        this.#open.push({ value: {}, key: "" });
        return undefined;
      case "startArray":
        this.#open.push({ value: [], key: "" });
        return undefined;
      case "keyValue":
        this.#open.at(-1)!.key = token.value;
        return undefined;
      case "endObject":
      case "endArray":
        return this.#put(this.#open.pop()!.value);
      case "numberValue":
        return this.#put(numberOf(token.value));
      case "stringValue":
      case "trueValue":
      case "falseValue":
      case "nullValue":
        return this.#put(token.value);
      default:
        return undefined;
    }
  }

  #put(value: unknown): unknown {
    const parent = this.#open.at(-1);
    if (parent === undefined) return value;
    if (Array.isArray(parent.value)) parent.value.push(value);
    else if (parent.key === "__proto__") setOwn(parent.value, value);
    else parent.value[parent.key] = value;
    return undefined;
  }
}

function numberOf(digits: string): number | LongNumber {
  return digits.length >= LONG_NUMBER ? new LongNumber(digits) : Number(digits);
}

/** As JSON.parse has it: an own property, not the prototype. */
function setOwn(object: Record<string, unknown>, value: unknown): void {
  const everything = { value, enumerable: true, configurable: true, writable: true };
  Object.defineProperty(object, "__proto__", everything);
}
