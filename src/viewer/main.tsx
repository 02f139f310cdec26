import { render } from "preact";
import { App } from "./app.tsx";
import type { Payload } from "./payload.ts";

/** What `--format html` embeds as inert text; nothing else is ever read. */
const payload = JSON.parse(document.getElementById("report")!.textContent!) as Payload;
const root = document.getElementById("app")!;
root.replaceChildren();
render(<App payload={payload} />, root);
