import path from 'node:path';
import { WORKFLOW_BUNDLE, writeWorkflowBundle } from './bundles';

async function main(): Promise<void> {
  const bytes = await writeWorkflowBundle();
  console.log(`wrote ${path.relative(process.cwd(), WORKFLOW_BUNDLE)} (${bytes} bytes)`);
}

main().catch((err: unknown) => {
  console.error(err);
  process.exitCode = 1;
});
