import { GLUE } from "../numbers.ts";
import { inert } from "./inert.ts";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  [GLUE]: "&nbsp;",
};

/** Text for an element's content or a quoted attribute, without invisible characters. */
export function escapeHtml(text: string): string {
  return inert(text).replace(/[&<>"'\u00a0]/g, (char) => ENTITIES[char]!);
}
