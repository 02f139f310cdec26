import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import type { Garbled } from "./fault.ts";

const PIECE = Buffer.alloc(1 << 20, 0x20);

/** Answers 200 with a body that no server of its kind sends. */
export function sendGarbled(response: ServerResponse, body: Garbled): void {
  response.writeHead(body === "moved" ? 307 : 200, {
    "content-type": "application/json",
    ...HEADERS[body],
  });
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
  } else if (body === "shorter than told") {
    response.write("{}");
    setTimeout(() => response.destroy(), 5);
  } else if (body === "a packed bomb") response.end(gzipSync(Buffer.alloc(64 << 20)));
  else response.end(TEXTS[body]);
}

const HEADERS: Readonly<Partial<Record<Garbled, Readonly<Record<string, string>>>>> = {
  moved: { location: "http://127.0.0.1:9/elsewhere" },
  "shorter than told": { "content-length": "1000000" },
  "a packed bomb": { "content-encoding": "gzip" },
};

const TEXTS: Readonly<Partial<Record<Garbled, string>>> = {
  moved: "",
  deep: "[".repeat(100_000) + "]".repeat(100_000),
  html: "<html><body>::error::502 Bad Gateway</body></html>",
  null: "null",
  "other types":
    '{"data": {"id": 7}, "choices": "x", "model_path": [], "version": {}, "status": null, "tp_size": "a"}',
};
