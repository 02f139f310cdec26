/** Trace data as JSON text, laid out the way Kineto writes it. */
import type { Json, SynthEvent, SynthTrace } from "./trace.ts";

/** The file's text in pieces of a few kilobytes, for streaming. */
export function* traceChunks(trace: SynthTrace): Generator<string> {
  yield `{\n${trace.head.map(topLevel).join("")}  "traceEvents": [\n`;
  let chunk = "";
  for (const [index, event] of trace.events.entries()) {
    chunk += index === 0 ? eventText(event, trace.baseUs) : `,\n${eventText(event, trace.baseUs)}`;
    if (chunk.length < 16_384) continue;
    yield chunk;
    chunk = "";
  }
  const tail = trace.tail.map(([key, value]) => `,\n  ${JSON.stringify(key)}: ${jsonText(value)}`);
  yield `${chunk}\n  ]${tail.join("")}\n}\n`;
}

export function traceText(trace: SynthTrace): string {
  return [...traceChunks(trace)].join("");
}

function topLevel([key, value]: [string, Json]): string {
  return `  ${JSON.stringify(key)}: ${jsonText(value)},\n`;
}

/** One event, keys in Kineto's order for its phase. */
export function eventText(event: SynthEvent, baseUs: number): string {
  const pid = jsonText(event.pid);
  const tid = jsonText(event.tid);
  const name = JSON.stringify(event.name);
  const ts = microseconds(event.ts, baseUs);
  const args = event.args === undefined ? "" : `,\n    "args": ${jsonText(event.args)}`;
  switch (event.ph) {
    case "X":
      return `  {\n    "ph": "X", "cat": "${event.cat}", "name": ${name}, "pid": ${pid}, "tid": ${tid},\n    "ts": ${ts}, "dur": ${microseconds(event.dur ?? 0, 0)}${args}\n  }`;
    case "s":
    case "f": {
      const binding = event.ph === "f" ? `, "bp": "e"` : "";
      return `  {\n    "ph": "${event.ph}", "id": ${event.id}, "pid": ${pid}, "tid": ${tid}, "ts": ${ts},\n    "cat": "${event.cat}", "name": ${name}${binding}\n  }`;
    }
    case "M":
      return `  {\n    "name": ${name}, "ph": "M", "ts": ${ts}, "pid": ${pid}, "tid": ${tid}${args}\n  }`;
    case "i": {
      const cat = event.cat === undefined ? "" : `"cat": "${event.cat}", `;
      return `  {\n    "name": ${name}, ${cat}"ph": "i", "s": "g",\n    "pid": ${pid}, "tid": ${tid}, "ts": ${ts}${args}\n  }`;
    }
  }
}

/** µs with three decimals. Integer arithmetic throughout: a double would lose ns at 16 digits. */
function microseconds(ns: number, baseUs: number): string {
  const whole = Math.floor(ns / 1000);
  const fraction = ns - whole * 1000;
  return `${baseUs + whole}.${String(fraction).padStart(3, "0")}`;
}

/** As JSON.stringify with Kineto's blanks; bigints are written as plain integers. */
export function jsonText(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${JSON.stringify(key)}: ${jsonText(item)}`,
    );
    return `{${entries.join(", ")}}`;
  }
  return JSON.stringify(value);
}
