import { createServer, type RequestListener } from "node:http";
import { afterAll, expect, test } from "vitest";
import { machineClock } from "../../../src/capture/net/clock.ts";
import { getFrom } from "../../../src/capture/net/server-link.ts";

const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

async function ask(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const link = {
    url: `http://127.0.0.1:${port}`,
    apiKey: null,
    workerUrl: null,
    clock: machineClock(),
    signal: null,
  };
  return getFrom(link, "/v1/models", 60_000);
}

test("an answer without end is given up long before the deadline", async () => {
  let sent = 0;
  const result = await ask((_, response) => {
    const piece = Buffer.alloc(1 << 20, 0x20);
    const more = () => {
      while (!response.destroyed && response.write(piece)) sent += piece.length;
    };
    response.on("drain", more);
    more();
  });
  expect(result).toMatchObject({ kind: "reset", message: expect.stringContaining("longer than") });
  expect(sent).toBeLessThan(64 << 20);
});

test("a long honest answer is taken", async () => {
  const result = await ask((_, response) => response.end(JSON.stringify("x".repeat(4 << 20))));
  expect(result).toMatchObject({ kind: "reply", status: 200 });
});
