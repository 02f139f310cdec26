import type { Block } from "../report/document/block.ts";
import { blocksHtml } from "../report/document/html.ts";

/** Blocks as every page draws them; whatever their texts hold is escaped there. */
export function BlocksView({ blocks }: { readonly blocks: readonly Block[] }) {
  return <div dangerouslySetInnerHTML={{ __html: blocksHtml(blocks) }} />;
}
