import { areEqual, zeros } from "./arena.ts";
import * as field from "./fields.ts";

const SLOTS = 256;

@unmanaged
class Key {
  place: usize = 0;
  length: usize = 0;
  field: i32 = 0;
}

/** Finds which of a few known keys some bytes spell: one look, one comparison. */
@unmanaged
export class KeyTable {
  private slots: usize = 0;

  constructor() {
    this.slots = zeros(SLOTS * sizeof<usize>());
  }

  /** Two keys may not share a slot. */
  add(text: string, field: i32): this {
    const key = new Key();
    key.length = text.length;
    key.place = heap.alloc(key.length);
    for (let i = 0; i < text.length; i++) store<u8>(key.place + i, text.charCodeAt(i));
    key.field = field;
    const slot = this.slotOf(key.place, key.length);
    if (load<usize>(slot) !== 0) unreachable();
    store<usize>(slot, changetype<usize>(key));
    return this;
  }

  /** Field of the key of `length` at `start`, {@link field.SKIP} for any other. */
  find(start: usize, length: usize): i32 {
    if (length === 0) return field.SKIP;
    const key = changetype<Key | null>(load<usize>(this.slotOf(start, length)));
    if (key === null || key.length !== length) return field.SKIP;
    return areEqual(key.place, start, length) ? key.field : field.SKIP;
  }

  private slotOf(start: usize, length: usize): usize {
    const first = load<u8>(start) as u32;
    const last = load<u8>(start + length - 1) as u32;
    const slot = (first * 7 + last * 3 + (length as u32) * 29) & (SLOTS - 1);
    return this.slots + slot * sizeof<usize>();
  }
}

export const KEYS = new KeyTable()
  .add("ph", field.PH)
  .add("cat", field.CAT)
  .add("name", field.NAME)
  .add("pid", field.PID)
  .add("tid", field.TID)
  .add("ts", field.TS)
  .add("dur", field.DUR)
  .add("args", field.ARGS);

export const ARGUMENT_KEYS = new KeyTable()
  .add("correlation", field.CORRELATION)
  .add("External id", field.EXTERNAL_ID)
  .add("device", field.DEVICE)
  .add("stream", field.STREAM)
  .add("grid", field.GRID)
  .add("block", field.BLOCK)
  .add("bytes", field.BYTES)
  .add("Input Dims", field.DIMS)
  .add("Input type", field.TYPES)
  .add("Input Strides", field.STRIDES)
  .add("Concrete Inputs", field.CONCRETE)
  .add("kernel", field.KERNEL)
  .add("kind", field.DETAIL)
  .add("name", field.LABEL)
  .add("graph id", field.GRAPH_ID)
  .add("graph node id", field.GRAPH_NODE_ID)
  .add("wait_on_stream", field.WAIT_ON)
  .add("Collective name", field.COLLECTIVE);
