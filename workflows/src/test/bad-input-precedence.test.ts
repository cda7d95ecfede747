/** `burdock config`: what the worker would go by, and where each value comes from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EXIT, burdock, group, says, useInputs } from './bad-input/command';

const inputs = useInputs();
const SECRETS = { TEMPORAL_API_KEY: 'hush-key', TEMPORAL_GRPC_META_X_TENANT: 'hush-tenant' };
const REQUIRED = ['--bundle=b.js', '--task-queue=q'];

interface Setting {
  value: unknown;
  unit?: string;
  source: { kind: string; name?: string; path?: string; line?: number };
}

/** What `burdock config` prints. */
async function report(flags: string[], variables: Record<string, string> = {}): Promise<string> {
  const child = burdock(['config', ...REQUIRED, ...flags], variables);
  assert.deepEqual(await child.wait(30_000), { code: EXIT.ok, signal: null }, child.tail());
  assert.equal(child.stderr, '');
  return child.output;
}

async function setting(name: string, flags: string[], variables: Record<string, string> = {}): Promise<Setting> {
  const parsed = JSON.parse(await report([...flags, '--output=json'], variables)) as {
    version: number;
    settings: Record<string, Setting>;
    warnings: string[];
  };
  assert.equal(parsed.version, 1);
  assert.deepEqual(parsed.warnings, []);
  const found = parsed.settings[name];
  assert.ok(found, name);
  return found;
}

describe('burdock config', group, () => {
  it('lets a flag win over a variable over the file over the default', async () => {
    const path = inputs.write('burdock.toml', '# sizes\nmax-cached-workflows = 30\n');
    const variables = { BURDOCK_MAX_CACHED_WORKFLOWS: '20' };
    const [flag, file] = ['--max-cached-workflows=10', `--config=${path}`];
    const resolved = (flags: string[], environment = {}): Promise<Setting> =>
      setting('max-cached-workflows', flags, environment);
    assert.deepEqual(await resolved([flag, file], variables), {
      value: 10,
      source: { kind: 'flag', name: '--max-cached-workflows' },
    });
    assert.deepEqual(await resolved([file], variables), {
      value: 20,
      source: { kind: 'env', name: 'BURDOCK_MAX_CACHED_WORKFLOWS' },
    });
    assert.deepEqual(await resolved([file]), { value: 30, source: { kind: 'file', path, line: 2 } });
    assert.equal((await resolved([])).source.kind, 'default');
  });

  it('puts temporal.toml below burdock.toml', async () => {
    const burdockToml = inputs.write('client.toml', 'namespace = "ours"\n');
    const temporalToml = inputs.write('temporal.toml', '[profile.default]\nnamespace = "theirs"\n');
    const environment = { TEMPORAL_CONFIG_FILE: temporalToml };
    const ours = await setting('namespace', [`--config=${burdockToml}`], environment);
    assert.deepEqual([ours.value, ours.source.kind], ['ours', 'file']);
    const theirs = await setting('namespace', [], environment);
    assert.deepEqual([theirs.value, theirs.source.kind, theirs.source.line], ['theirs', 'temporal-file', 2]);
    const both = { ...environment, TEMPORAL_NAMESPACE: 'v' };
    const variable = await setting('namespace', [`--config=${burdockToml}`], both);
    assert.deepEqual([variable.value, variable.source.name], ['v', 'TEMPORAL_NAMESPACE']);
  });

  it('prints a table for people', async () => {
    const text = await report(['--isolates=3'], { BURDOCK_LOG_FORMAT: 'json' });
    says(text, /^ +bundle +b\.js +--bundle$/m, /^ +isolates +3 +--isolates$/m);
    says(text, /^ +log-format +json +BURDOCK_LOG_FORMAT$/m, /^ +namespace +default +default$/m);
  });

  it('gives sizes and durations to machines with their unit', async () => {
    const { value, unit } = await setting('workflow-timeout', ['--workflow-timeout=2s']);
    assert.deepEqual({ value, unit }, { value: 2000, unit: 'ms' });
    const limit = await setting('memory-limit', ['--memory-limit=1GiB']);
    assert.deepEqual([limit.value, limit.unit], [1_073_741_824, 'bytes']);
  });

  it('shows how the memory limit is divided, as a table and for machines', async () => {
    const text = await report(['--memory-limit=512MiB', '--memory-reserve=20%']);
    says(text, /^ +reserve +102\.4 MiB +20\.0% +--memory-reserve$/m, /^ +V8 heaps .* default: the rest$/m);
    says(text, /^ +limit +512\.0 MiB +100\.0% +explicit /m, /^ +max-cached-workflows +\d+ +default: as many as fit/m);
    const json = JSON.parse(await report(['--memory-limit=512MiB', '--output=json'])) as {
      memoryPlan: { limitBytes: number; shares: { bytes: number }[] };
    };
    const { limitBytes, shares } = json.memoryPlan;
    assert.equal(
      shares.reduce((sum, { bytes }) => sum + bytes, 0),
      limitBytes
    );
  });

  for (const output of ['text', 'json']) {
    it(`keeps secrets to itself, as ${output}`, async () => {
      const text = await report([`--output=${output}`], SECRETS);
      says(text, /api-key/, /\[redacted\]/, 'x-tenant', 'TEMPORAL_API_KEY');
      for (const secret of Object.values(SECRETS)) assert.ok(!text.includes(secret), text);
    });
  }

  it('mentions what looks like a slip of the pen', async () => {
    const text = await report(['--output=json'], { TEMPORAL_ADRESS: '127.0.0.1:1' });
    const { warnings } = JSON.parse(text) as { warnings: string[] };
    assert.equal(warnings.length, 1);
    says(warnings[0] ?? '', 'TEMPORAL_ADRESS', 'did you mean TEMPORAL_ADDRESS?');
  });
});
