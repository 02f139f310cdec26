import type { Scanner } from "./scanner.ts";

/** Room for a few chunks, so that what is left of one is rarely moved. */
const CAPACITY = 4 << 20;
/** Bytes behind the last one that may be looked at: a vector may be read at any place. */
const SPARE = 32;

/**
 * The part of a byte stream being looked at, in the scanner's memory. A 0 always follows the last
 * byte: loops over the bytes need no other bound, because JSON holds no 0.
 */
export class ByteWindow {
  /** First byte not used up yet. */
  start = 0;
  /** Behind the last byte. */
  end = 0;
  readonly #scanner: Scanner;
  #capacity = CAPACITY;
  /** Where the window begins in the scanner's memory. */
  #address: number;
  #view: Uint8Array;
  /** Position of `bytes[0]` in the stream. */
  #base = 0;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#address = scanner.resizeWindow(0, CAPACITY + SPARE);
    this.#view = this.#newView();
  }

  /** The bytes; another array whenever the scanner's memory or the window has grown. */
  get bytes(): Uint8Array {
    if (this.#view.buffer !== this.#scanner.memory) this.#view = this.#newView();
    return this.#view;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Place of `bytes[at]` in the stream. */
  positionOf(at: number): number {
    return this.#base + at;
  }

  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.#capacity) this.#makeRoom(chunk.length);
    const { bytes } = this;
    bytes.set(chunk, this.end);
    this.end += chunk.length;
    bytes[this.end] = 0;
  }

  /** Lets the scanner read a batch from `bytes[at]` on. @returns where it stopped. */
  scan(at: number): number {
    return this.#scanner.scan(this.#address + at, this.#address + this.end) - this.#address;
  }

  #makeRoom(added: number): void {
    this.bytes.copyWithin(0, this.start, this.end);
    this.#base += this.start;
    this.end -= this.start;
    this.start = 0;
    if (this.end + added <= this.#capacity) return;
    this.#capacity = Math.max(this.#capacity * 2, this.end + added);
    this.#address = this.#scanner.resizeWindow(this.#address, this.#capacity + SPARE);
    this.#view = this.#newView();
  }

  #newView(): Uint8Array {
    return new Uint8Array(this.#scanner.memory, this.#address, this.#capacity + SPARE);
  }
}
