/** Files that are no workflow bundle at all. */
import { before, describe, it } from 'node:test';
import { freePort } from '../support/ports';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

const inputs = useInputs();
/** Nobody listens here: a bundle that is refused needs no server. */
let address: string;
before(async () => {
  address = `127.0.0.1:${await freePort()}`;
});

async function refusal(bundle: string): Promise<string> {
  const complaint = await complaintOf(burdock(workerFlags({ bundle, address })), EXIT.bundle);
  says(complaint, bundle);
  return complaint;
}

/** What the files look like, and what the sentence says of it and of the remedy. */
const lookalikes: Record<string, { content: string | Buffer; parts: string[] }> = {
  'some other script': {
    content: "console.log('hello');\n",
    parts: ['not a workflow bundle', 'some other script', 'bundleWorkflowCode'],
  },
  'a JSON document': {
    content: JSON.stringify({ code: 'var __TEMPORAL__; initRuntime; concludeActivation' }),
    parts: ['not a workflow bundle', 'a JSON document', 'write only the `code`'],
  },
  'a source map': {
    content: JSON.stringify({ version: 3, sources: [], mappings: 'AAAA' }),
    parts: ['not a workflow bundle', 'a source map file', 'name the .js file'],
  },
  'an ES module': {
    content: "import { sleep } from '@temporalio/workflow';\nexport async function waits() {\n  await sleep(1);\n}\n",
    parts: ['not a workflow bundle', 'an ES module or TypeScript source', 'workflowsPath'],
  },
  'an HTML page': {
    content: '<!doctype html>\n<title>404 Not Found</title>\n',
    parts: ['not a workflow bundle', 'an HTML page', 'download the bundle again'],
  },
  'another webpack bundle': {
    content: '(() => { // webpackBootstrap\n  function __webpack_require__() {}\n})();\n',
    parts: ['not a workflow bundle', 'a webpack bundle without the library __TEMPORAL__', 'output.library'],
  },
  'an empty file': { content: '', parts: ['is empty', 'bundle again'] },
  'white space': { content: '\n \n', parts: ['is empty', 'bundle again'] },
  'no UTF-8': {
    content: Buffer.concat([Buffer.from('var a = "'), Buffer.from([0xff, 0xfe]), Buffer.from('";')]),
    parts: ['is not UTF-8 text (byte 9)', 'bundle again'],
  },
};

describe('a bundle file', group, () => {
  it('that is missing', async () => {
    says(await refusal(inputs.missing('nowhere.js')), 'there is no workflow bundle at', 'correct the path');
  });

  it('that is a directory', async () => {
    says(await refusal(inputs.folder), 'is a directory', 'name the bundle file in it');
  });

  for (const [what, { content, parts }] of Object.entries(lookalikes)) {
    it(`that is ${what}`, async () => {
      const file = inputs.write(`${what.replaceAll(' ', '-')}.js`, content);
      says(await refusal(file), ...parts);
    });
  }
});
