/** `burdock activate`: the bridge from activations to completions, without a server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coresdk } from '@temporalio/proto';
import { endChildrenOnSignals } from '../support/child';
import { activation, commandsOf, evict, fireTimer, result, start, startedTimer } from './activate/activations';
import { ActivateProcess } from './activate/process';
import { flavour } from './harness';

endChildrenOnSignals();
const group = { concurrency: 2, skip: flavour === 'node' ? 'the Node worker has no such bridge' : false };

const encode = (...[message]: Parameters<typeof coresdk.workflow_activation.WorkflowActivation.encodeDelimited>) =>
  coresdk.workflow_activation.WorkflowActivation.encodeDelimited(message).finish();

describe('activations', group, () => {
  it('a run goes from its start over its timers to its result', async () => {
    const burdock = new ActivateProcess();
    const first = startedTimer(await burdock.answer(activation('run', [start('timerFires', 'w', 50)])));
    const second = startedTimer(await burdock.answer(activation('run', [fireTimer(first)], 60)));
    assert.deepEqual(result(await burdock.answer(activation('run', [fireTimer(second)], 130))), { passedMs: 130 });
    assert.deepEqual(await burdock.close(), { code: 0, lines: [] });
  });

  it('50 runs that take turns keep to themselves, and answers keep the order', async () => {
    const burdock = new ActivateProcess('--isolates', '2');
    const runs = Array.from({ length: 50 }, (_, index) => ({ runId: `run-${index}`, sleepMs: index + 1 }));
    const started = await burdock.answers(
      runs.map(({ runId, sleepMs }) => activation(runId, [start('timerFires', runId, sleepMs)]))
    );
    assert.deepEqual(
      started.map(({ runId }) => runId),
      runs.map(({ runId }) => runId)
    );
    const fired = await burdock.answers(
      runs.map(({ runId, sleepMs }, index) => activation(runId, [fireTimer(startedTimer(started[index]!))], sleepMs))
    );
    const reversed = [...runs.entries()].reverse();
    const ended = await burdock.answers(
      reversed.map(([index, { runId, sleepMs }]) =>
        activation(runId, [fireTimer(startedTimer(fired[index]!))], 2 * sleepMs)
      )
    );
    assert.deepEqual(
      ended.map(result),
      reversed.map(([, { sleepMs }]) => ({ passedMs: 2 * sleepMs }))
    );
    assert.equal((await burdock.close()).code, 0);
  });

  it('an eviction comes after the other jobs, and the id may begin again', async () => {
    const burdock = new ActivateProcess();
    const timer = startedTimer(await burdock.answer(activation('run', [start('timerFires', 'w', 50)])));
    const both = await burdock.answer(activation('run', [fireTimer(timer), evict], 50));
    assert.ok(commandsOf(both)[0]?.startTimer, 'the jobs beside an eviction run');
    const again = await burdock.answer(activation('run', [start('timerFires', 'w', 50)]));
    assert.equal(startedTimer(again), timer);
    for (const runId of ['run', 'nobody']) {
      assert.deepEqual(commandsOf(await burdock.answer(activation(runId, [evict]))), []);
    }
    assert.equal((await burdock.close()).code, 0);
  });

  it('a run that never began fails its activation and leaves nothing', async () => {
    const burdock = new ActivateProcess();
    const failed = await burdock.answer(activation('run', [fireTimer(1)]));
    assert.match(failed.failed?.failure?.message ?? '', /untracked workflow with no init workflow job/);
    startedTimer(await burdock.answer(activation('run', [start('timerFires', 'w', 50)])));
    const unknown = await burdock.answer(activation('other', [start('noSuchWorkflow', 'w')]));
    assert.match(unknown.failed?.failure?.message ?? '', /'noSuchWorkflow'.*exported workflows: .*timerFires/);
    assert.equal((await burdock.close()).code, 0);
  });

  it('code that does not return fails its activation', async () => {
    const burdock = new ActivateProcess('--workflow-timeout', '2s');
    const failed = await burdock.answer(activation('run', [start('spins', 'w')]));
    assert.match(failed.failed?.failure?.message ?? '', /TMPRL1101/);
    startedTimer(await burdock.answer(activation('other', [start('timerFires', 'w', 50)])));
    assert.equal((await burdock.close()).code, 0);
  });

  it('only activities that are named count as registered', async () => {
    const local = (flags: string[]) =>
      new ActivateProcess(...flags).answer(activation('run', [start('localActivityCompletes', 'w')]));
    assert.ok(commandsOf(await local(['--activity', 'echo']))[0]?.scheduleLocalActivity);
    const failed = await local([]);
    assert.match(JSON.stringify(failed), /not registered/);
  });

  it('replayed or not, the namespace and the task queue are those of the flags', async () => {
    const burdock = new ActivateProcess('--namespace', 'ns', '--task-queue', 'tq');
    const completion = await burdock.answer(activation('run', [start('describesItself', 'w')]));
    const { namespace, taskQueue } = result(completion) as Record<string, unknown>;
    assert.deepEqual({ namespace, taskQueue }, { namespace: 'ns', taskQueue: 'tq' });
  });
});

describe('what workflow code says', group, () => {
  it('console and sinks are lines of JSON with their run', async () => {
    const burdock = new ActivateProcess();
    const first = startedTimer(await burdock.answer(activation('r', [start('writesLines', 'w', 'm')])));
    const second = startedTimer(await burdock.answer(activation('r', [fireTimer(first)], 5)));
    await burdock.answer(activation('r', [fireTimer(second)], 10));
    const { code, lines } = await burdock.close();
    assert.equal(code, 0);
    const run = { runId: 'r', workflowId: 'w' };
    const consoleLines = lines.filter(({ origin }) => origin === 'console');
    assert.deepEqual(consoleLines, [
      { origin: 'console', ...run, level: 'log', args: ['m console before'] },
      { origin: 'console', ...run, level: 'error', args: ['m console after'] },
    ]);
    const logged = lines.filter(({ sink }) => sink === '__temporal_logger');
    assert.deepEqual(
      logged.map(({ level, runId, workflowId, args }) => [level, runId, workflowId, args[0]]),
      [
        ['info', 'r', 'w', 'm log before'],
        ['warn', 'r', 'w', 'm log after'],
      ]
    );
    assert.equal((logged[1]?.args[1] as { colour: string } | undefined)?.colour, 'green');
    const note = lines.find(({ sink }) => sink === 'nowhere');
    assert.deepEqual(note, {
      origin: 'sink',
      ...run,
      level: 'info',
      sink: 'nowhere',
      function: 'note',
      args: ['m sink'],
    });
  });

  it('nothing is said while history is replayed', async () => {
    const burdock = new ActivateProcess();
    const replaying = { isReplaying: true };
    await burdock.answer(activation('r', [start('writesLines', 'w', 'm')], 0, replaying));
    assert.deepEqual(await burdock.close(), { code: 0, lines: [] });
  });
});

describe('input that is no sequence of activations', group, () => {
  const whole = encode(activation('run', [start('timerFires', 'w', 50)]));
  const cases: { name: string; bytes: Uint8Array; says: RegExp }[] = [
    {
      name: 'an end inside of a message',
      bytes: Buffer.concat([whole, whole.subarray(0, 9)]),
      says: new RegExp(`message 2, which begins at byte ${whole.length}: \\d+ of its \\d+ bytes`),
    },
    { name: 'garbage', bytes: Buffer.concat([whole, Buffer.from([3, 255, 255, 255])]), says: /message 2 at byte \d+/ },
    {
      name: 'a length beyond all bounds',
      bytes: Buffer.from([255, 255, 255, 255, 15, 1]),
      says: /claims 4294967295 bytes/,
    },
    {
      name: 'a length without an end',
      bytes: Buffer.alloc(20, 255),
      says: /message 1 at byte 0 .* begins with no length/,
    },
  ];
  for (const { name, bytes, says } of cases) {
    it(`${name} ends with 66 and names its place`, async () => {
      const burdock = new ActivateProcess();
      burdock.write(bytes);
      const { code, lines } = await burdock.close();
      assert.equal(code, 66);
      const [line, ...others] = lines;
      assert.deepEqual(others, []);
      assert.deepEqual([line?.origin, line?.level], ['burdock', 'error']);
      assert.match(String(line?.args[0]), says);
    });
  }

  it('a reader that goes away is a clean end', async () => {
    const burdock = new ActivateProcess();
    await burdock.answer(activation('run', [start('timerFires', 'w', 50)]));
    burdock.child.stdout.destroy();
    // One is lost in the pipe that is being closed, the next finds nobody.
    for (let count = 0; count < 3; count += 1) burdock.write(encode(activation('run', [evict])));
    const { code, lines } = await burdock.end();
    assert.deepEqual({ code, lines }, { code: 0, lines: [] });
  });

  it('no input at all is a clean end', async () => {
    assert.deepEqual(await new ActivateProcess().close(), { code: 0, lines: [] });
  });
});
