import { type McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { FORMATS } from "../report/formats.ts";
import { DEFAULT_RENDER_OPTIONS } from "../report/renderer.ts";
import { roomFor } from "./answer.ts";
import type { ShelvedReport } from "./report-shelf.ts";
import type { Session } from "./session.ts";

/** Bytes of a report's JSON that are handed out whole; clients put resources into a model's context. */
const LARGEST_JSON = 512 << 10;

const ADDRESS = "fuse-triage://reports/";

/** The reports of this session by id: short, or whole as JSON. */
export function addReports(server: McpServer, session: Session): void {
  const { shelf, maxTokens } = session;
  const found = (id: unknown): ShelvedReport => {
    const report = shelf.get(String(id));
    if (report !== null) return report;
    const known = shelf.all().map((one) => one.id);
    const there = known.length === 0 ? "none yet: call triage" : known.join(", ");
    throw new McpError(
      ErrorCode.InvalidParams,
      `No report ${String(id)} in this session; there are ${there}.`,
    );
  };
  server.registerResource(
    "report",
    new ResourceTemplate(`${ADDRESS}{id}`, {
      list: () => ({
        resources: shelf.all().map(({ id, report }) => ({
          uri: `${ADDRESS}${id}`,
          name: `report ${id}`,
          description: report.summary,
          mimeType: "text/plain",
        })),
      }),
    }),
    { title: "A report of this session, cut to a budget", mimeType: "text/plain" },
    (uri, { id }) => {
      const { report } = found(id);
      const text = FORMATS.brief(report, {
        ...DEFAULT_RENDER_OPTIONS,
        maxBytes: roomFor(2 * maxTokens),
      });
      return { contents: [{ uri: uri.href, mimeType: "text/plain", text }] };
    },
  );
  server.registerResource(
    "report-json",
    new ResourceTemplate(`${ADDRESS}{id}/json`, { list: undefined }),
    { title: "The same whole, as references/report.schema.json", mimeType: "application/json" },
    (uri, { id }) => {
      const { json } = found(id);
      const size = Buffer.byteLength(json);
      if (size > LARGEST_JSON)
        throw new McpError(
          ErrorCode.InvalidParams,
          `The report has ${size} bytes of JSON, more than the ${LARGEST_JSON} that are handed out. Ask triage with a larger maxTokens or one stage, or write it to a file: triage TRACE --format json --output FILE.`,
        );
      return { contents: [{ uri: uri.href, mimeType: "application/json", text: json }] };
    },
  );
}
