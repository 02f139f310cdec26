import type { Block } from "./block.ts";
import { DEFAULT_MAX_BYTES, documentBrief } from "./brief.ts";
import type { Format, PageOptions } from "./format.ts";
import { jsonText, type SchemaName } from "./json.ts";
import { documentMarkdown } from "./markdown.ts";
import { documentHtml } from "./page.ts";
import { documentText } from "./text.ts";

export const FORMAT_NAMES = ["text", "markdown", "json", "html", "brief"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** Every format of what `toBlocks` puts on a page and the schema describes. */
export function formatsOf<Subject, Options extends PageOptions = PageOptions>(
  schema: SchemaName,
  toBlocks: (subject: Subject, options: Options) => readonly Block[],
): Readonly<Record<FormatName, Format<Subject, Options>>> {
  return {
    text: (subject, options) => documentText(toBlocks(subject, options), options),
    markdown: (subject, options) => documentMarkdown(toBlocks(subject, options)),
    json: (subject) => jsonText(subject, schema),
    html: (subject, options) => documentHtml(toBlocks(subject, options)),
    brief: (subject, options) =>
      documentBrief(toBlocks(subject, options), options.maxBytes ?? DEFAULT_MAX_BYTES),
  };
}
