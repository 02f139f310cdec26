import type { Renderer } from "../renderer.ts";
import { renderHtml } from "./html.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

/** Every output format by its name on the command line: a new one is its file and a line here. */
export const FORMATS = {
  text: renderText,
  markdown: renderMarkdown,
  json: renderJson,
  html: renderHtml,
} as const satisfies Record<string, Renderer>;
export type FormatName = keyof typeof FORMATS;
