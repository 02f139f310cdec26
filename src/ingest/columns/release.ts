import { MessageChannel } from "node:worker_threads";

interface Transferable {
  transfer?: (length: number) => ArrayBuffer;
}

/** What is posted to a closed port is moved out of the program and dropped. */
const closedPort = newClosedPort();

/**
 * Gives the memory of a typed array back, now. The collector sees small objects and would let the
 * large buffers behind them lie until long after the peak.
 */
export function release(column: { readonly buffer: ArrayBufferLike }): void {
  const buffer = column.buffer as ArrayBuffer & Transferable;
  if (buffer.transfer !== undefined) buffer.transfer(0);
  else closedPort.postMessage(null, [buffer]);
}

function newClosedPort(): InstanceType<typeof MessageChannel>["port1"] {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
