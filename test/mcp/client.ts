import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const ENTRY = join(process.cwd(), "src/cli/triage.ts");

/** What a tool answered. */
export interface Answer {
  readonly text: string;
  readonly isError: boolean;
}

export interface Agent {
  readonly client: Client;
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** The SDK's client on a server of its own, over standard input and output; the program as its sources. */
export async function startAgent(cwd: string, ...args: readonly string[]): Promise<Agent> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["--import", import.meta.resolve("tsx"), ENTRY, "mcp", ...args],
    cwd,
    stderr: "pipe",
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  return {
    client,
    async call(name, given, options = {}) {
      const { content, isError = false } = await client.callTool(
        { name, arguments: given },
        undefined,
        { timeout: 60_000, ...options },
      );
      const [first] = content as readonly { readonly text: string }[];
      return { text: first!.text, isError: isError as boolean };
    },
    close: () => client.close(),
  };
}
