/**
 * Where the fields of a row stand in memory, in bytes: what the scanner writes and the reader
 * reads. Doubles first, then 32-bit integers; the meaning is that of EventRow.
 */
export const US_AT = 0;
export const DURATION_AT = 8;
export const CORRELATION_AT = 16;
export const EXTERNAL_ID_AT = 24;
export const DEVICE_AT = 32;
export const BYTES_AT = 40;
export const GRAPH_ID_AT = 48;
export const GRAPH_NODE_ID_AT = 56;

export const PHASE_AT = 64;
export const CATEGORY_AT = 68;
export const NAME_AT = 72;
export const PID_AT = 76;
export const TID_AT = 80;
export const NS_AT = 84;
/** 1 when any of the fields below, the device, the bytes or a graph's id was set. */
export const HAS_DETAILS_AT = 88;
export const STREAM_AT = 92;
export const KERNEL_AT = 96;
export const DETAIL_AT = 100;
export const LABEL_AT = 104;
export const WAIT_ON_AT = 108;
export const GRID_AT = 112;
export const BLOCK_AT = 116;
export const SHAPES_AT = 120;
export const TYPES_AT = 124;
export const STRIDES_AT = 128;
export const CONCRETE_AT = 132;

/** A multiple of 16, so that a row is cleared in whole vectors. */
export const ROW_BYTES = 144;
/** Rows the scanner hands over at a time. */
export const BATCH_ROWS = 512;
