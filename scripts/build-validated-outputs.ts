/** Writes the reports of the bundled examples again; look at the difference before committing it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  exampleNames,
  exampleReport,
  VALIDATED_OUTPUTS,
} from "../test/support/validated-outputs.ts";

for (const name of exampleNames()) {
  writeFileSync(join(VALIDATED_OUTPUTS, `${name}.md`), await exampleReport(name));
  console.log(join(VALIDATED_OUTPUTS, `${name}.md`));
}
