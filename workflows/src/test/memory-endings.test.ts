/** What it costs to end runs, in its short form; `npm run memory -- endings` is the full one, whose figures are in the memory proof. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cpuMsOf, endingsTroubles, runEndings } from '../../memory/endings';
import { endingsLines } from '../../memory/endings-report';
import { flavour, useSuite } from './harness';

const skip = flavour === 'node' ? 'this is about burdock' : false;
const suite = useSuite();

describe('what it costs to end runs', { skip }, () => {
  it('the time of a process is read from its own line, whatever its name', () => {
    const after = 'S 1 1 1 0 -1 4194304 900 0 3 0 123 45 0 0 20 0 7 0 5000 33554432 900';
    assert.equal(cpuMsOf(`77 (a (b) c d) ${after}`), 1_680);
  });

  it('all runs wait in the cache of both workers, and all return what they should', { timeout: 240_000 }, async () => {
    const options = { workflows: 12, rounds: 1, restMs: 0, flags: ['--isolates=2'], nodeOptions: {} };
    const told: string[] = [];
    const result = await runEndings(
      options,
      (body) => body(suite),
      (round, kind) => told.push(`${kind} ${round}`)
    );
    assert.deepEqual(told, ['burdock 1', 'node 1']);
    assert.deepEqual(endingsTroubles(result), []);
    const [round] = result.rounds;
    assert.ok(round && round.burdock.startCpuMs > 0 && round.node.startCpuMs > 0, JSON.stringify(round));
    assert.match(endingsLines(result).join('\n'), /\| CPU until all wait \| [\d.]+ \| [\d.]+ \| [\d.]+ to [\d.]+ \|/);
    const lost = { ...result, rounds: [{ ...round, node: { ...round.node, cached: 11, wrong: 2 } }] };
    assert.deepEqual(endingsTroubles(lost), [
      'round 1, node: 11 of 12 runs were cached',
      'round 1, node: 2 runs completed with a wrong result',
    ]);
  });
});
