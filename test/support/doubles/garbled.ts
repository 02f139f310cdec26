import type { ServerResponse } from "node:http";
import type { Garbled } from "./fault.ts";

const PIECE = Buffer.alloc(1 << 20, 0x20);

/** Answers 200 with a body that no server of its kind sends. */
export function sendGarbled(response: ServerResponse, body: Garbled): void {
  response.writeHead(200, { "content-type": "application/json" });
  if (body === "endless" || body === "huge") {
    let left = body === "huge" ? 300 : Number.POSITIVE_INFINITY;
    const more = (): void => {
      while (!response.destroyed && left-- > 0) if (!response.write(PIECE)) return;
      if (!response.destroyed && left <= 0) response.end();
    };
    response.on("drain", more);
    more();
  } else if (body === "cut") {
    response.write('{"status": "o');
    setTimeout(() => response.destroy(), 5);
  } else response.end(TEXTS[body]);
}

const TEXTS: Readonly<Record<Exclude<Garbled, "endless" | "huge" | "cut">, string>> = {
  deep: "[".repeat(100_000) + "]".repeat(100_000),
  html: "<html><body>::error::502 Bad Gateway</body></html>",
  null: "null",
  "other types":
    '{"data": {"id": 7}, "choices": "x", "model_path": [], "version": {}, "status": null, "tp_size": "a"}',
};
