/** Mistakes in flags, variables and `burdock.toml`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { TEST_BUNDLE } from '../tools/bundles';
import { EXIT, burdock, complaintOf, group, says, useInputs, workerFlags } from './bad-input/command';

const inputs = useInputs();

/** The complaint about a worker with these flags and variables. */
function usage(flags: Record<string, string>, variables: Record<string, string> = {}): Promise<string> {
  return complaintOf(burdock(workerFlags({ bundle: TEST_BUNDLE, ...flags }), variables), EXIT.usage);
}

describe('the command line', group, () => {
  it('without a subcommand is answered with the help', async () => {
    const complaint = await complaintOf(burdock([]), EXIT.usage);
    says(complaint, 'Usage: burdock <COMMAND>', /^ +worker /m, /^ +dev /m, /^ +config /m);
  });

  it('with an unknown flag is answered with the flag that is meant', async () => {
    says(await usage({ 'max-cached-workflow': '5' }), "'--max-cached-workflow'", "'--max-cached-workflows'");
  });

  it('without what is required is told all of it', async () => {
    const complaint = await complaintOf(burdock(['worker']), EXIT.usage);
    says(complaint, '`bundle` is required', '--bundle', 'BURDOCK_BUNDLE', '`task-queue` is required', '--task-queue');
  });

  const values: Record<string, [string, ...string[]]> = {
    isolates: ['many', 'no whole number', 'from 1 to 64'],
    'workflow-timeout': ['5', 'no duration with a unit', '500ms, 10s'],
    'status-addr': ['here', 'no IP address with a port', '127.0.0.1:'],
    'memory-limit': ['plenty', '"plenty"', '512MiB'],
    'memory-reserve': ['110%', 'no percentage above 0 and up to 100', '20%'],
    'memory-heaps': ['most', '"most" is no size', 'a percentage such as 20%'],
    'workflow-memory-budget': ['1KiB', 'out of range', 'or off'],
    'workflow-memory-budget-policy': ['kill', 'no policy', 'warn, evict or fail-task'],
    'pressure-high': ['0.8', 'no percentage', '80%'],
    address: ['http://h:1:2', 'no valid host', 'HOST:PORT'],
    'task-queue': ['__temporal_sys', 'keeps for itself', 'choose a name'],
  };
  for (const [key, [value, ...parts]] of Object.entries(values)) {
    it(`with a wrong value for ${key}`, async () => {
      says(await usage({ [key]: value }), `--${key}: `, ...parts);
    });
  }

  it('with an API key for an address without TLS', async () => {
    const complaint = await usage({ address: 'http://127.0.0.1:7233' }, { TEMPORAL_API_KEY: 'hush-hush' });
    says(complaint, '`address` starts with http://', 'must not travel unencrypted', 'write `address` without http://');
    assert.ok(!complaint.includes('hush-hush'));
  });
});

describe('the environment', group, () => {
  it('with an unknown variable is answered with the one that is meant', async () => {
    const complaint = await usage({}, { BURDOCK_MAX_CACHED_WORKFLOW: '5' });
    says(complaint, '`BURDOCK_MAX_CACHED_WORKFLOW` is not', 'did you mean `BURDOCK_MAX_CACHED_WORKFLOWS`?');
  });

  it('with a variable of our own for a setting of the client', async () => {
    says(await usage({}, { BURDOCK_ADDRESS: '127.0.0.1:1' }), '`BURDOCK_ADDRESS` is not', 'TEMPORAL_ADDRESS');
  });

  it('with an empty variable', async () => {
    says(await usage({}, { BURDOCK_ISOLATES: '' }), 'BURDOCK_ISOLATES: ', 'set and empty', 'unset it');
  });
});

describe('burdock.toml', group, () => {
  it('that is missing', async () => {
    const config = inputs.missing('nowhere.toml');
    says(await usage({ config }), '--config: ', config, 'No such file', 'name a readable text file');
    says(await usage({}, { BURDOCK_CONFIG: config }), 'BURDOCK_CONFIG: ', config);
  });

  const mistakes: Record<string, { text: string; parts: string[] }> = {
    'an unknown key': {
      text: '\nmax-cached-workflow = 5\n',
      parts: [':2: `max-cached-workflow` is not', 'did you mean `max-cached-workflows`?'],
    },
    'a name of the Node worker': {
      text: 'maxConcurrentWorkflowTaskExecutions = 5\n',
      parts: [':1: `maxConcurrentWorkflowTaskExecutions` is not', 'did you mean `workflow-slots`?'],
    },
    'a section': { text: '[worker]\nisolates = 2\n', parts: [':1: `worker` is not', 'without a [section]'] },
    'a wrong type': { text: 'isolates = "2"\n', parts: [':1: isolates', 'write a whole number without quotes'] },
    'wrong TOML': { text: 'isolates = 2\nnamespace = n\n', parts: [':2: this is no TOML', 'correct the line'] },
  };
  for (const [what, { text, parts }] of Object.entries(mistakes)) {
    it(`with ${what}`, async () => {
      const config = inputs.write(`${what.replaceAll(' ', '-')}.toml`, text);
      says(await usage({ config }), config, ...parts);
    });
  }
});

describe('a configuration', group, () => {
  it('with mistakes in three places is told all of them at once', async () => {
    const config = inputs.write('three.toml', 'max-cached-workflow = 5\n');
    const complaint = await usage({ config, isolates: 'x' }, { BURDOCK_WORKFLOW_SLOTS: 'y', TEMPORAL_TLS: 'yes' });
    says(complaint, `${config}:1: `, '--isolates: "x"', 'BURDOCK_WORKFLOW_SLOTS: "y"', 'TEMPORAL_TLS: "yes"');
    assert.equal(complaint.split('\n').length, 4, complaint);
  });

  it('with an occupied status address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const taken = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = burdock(workerFlags({ bundle: TEST_BUNDLE, 'status-addr': taken }));
    const complaint = await complaintOf(child, EXIT.statusPort);
    server.close();
    says(complaint, taken, 'already in use', 'set `status-addr` to another address');
  });
});
