import { packageText } from "../../base/files/package-files.ts";
import { sha256 } from "../../base/sha256.ts";
import type { Block } from "./block.ts";
import { blocksHtml } from "./html.ts";
import { escapeHtml } from "./html-escape.ts";

interface PageParts {
  readonly title: string;
  /** Finished elements. */
  readonly body: string;
  /** The one script the page may run, null for none. */
  readonly script: string | null;
}

/** A page of blocks that loads nothing and runs nothing. */
export function documentHtml(blocks: readonly Block[]): string {
  const title = blocks.find((block) => block.kind === "title")?.text ?? "";
  return pageHtml({ title, body: `<main>\n${blocksHtml(blocks)}\n</main>`, script: null });
}

/**
 * One page that needs nothing besides itself: the policy lets the browser load nothing, draw with
 * this one style sheet and run at most this one script.
 *
 * @throws where the viewer was not built
 */
export function pageHtml({ title, body, script }: PageParts): string {
  const style = asset("page.css");
  const policy = [
    "default-src 'none'",
    ...(script === null ? [] : [`script-src '${digest(script)}'`]),
    `style-src '${digest(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}${script === null ? "" : `\n<script>${script}</script>`}
</body>
</html>
`;
}

function digest(text: string): string {
  return `sha256-${sha256(text, "base64")}`;
}

/** A file of the viewer, bundled by `npm run build`. */
export function asset(name: string): string {
  // "</" ends an element wherever it stands; in scripts and style sheets "<\/" means the same.
  return packageText(`dist/viewer/${name}`).trim().replaceAll("</", "<\\/");
}
