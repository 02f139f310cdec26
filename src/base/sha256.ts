import { createHash } from "node:crypto";

/** SHA-256 of a text, or of parts one after the other as if they were one text. */
export function sha256(
  text: string | Iterable<string>,
  encoding: "hex" | "base64" = "hex",
): string {
  const hash = createHash("sha256");
  // Putting parts together first would take longer than hashing them.
  for (const part of typeof text === "string" ? [text] : text) hash.update(part);
  return hash.digest(encoding);
}
