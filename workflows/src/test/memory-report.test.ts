/** The parts of the memory proof that need neither a worker nor a control group. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { controllerMount, numbersOf } from '../../memory/cgroup';
import { report } from '../../memory/report';
import { sizesOf } from '../../memory/sampler';
import { blockFloors, blockMeans, leastSquares, quantile, studentT } from '../../memory/statistics';
import { parseSize, parseTime, sizeName } from '../../memory/units';
import { sumOfMetric, withDefaults, withoutPaths } from '../../memory/worker';

describe('the memory proof', () => {
  it('states what follows from its raw data', async () => {
    assert.ok(await report(true));
  });

  it('finds the memory controller among the mounts', () => {
    const version1 = '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory';
    const others =
      '34 31 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw';
    assert.equal(controllerMount(`${others}\n${version1}`), '/sys/fs/cgroup/memory');
    assert.equal(controllerMount(others), undefined);
  });

  it('reads the files of the kernel', () => {
    assert.equal(numbersOf('oom_kill_disable 0\nunder_oom 0\noom_kill 3').get('oom_kill'), 3);
    const sizes = sizesOf('Name:\tburdock\nVmHWM:\t    2048 kB\nVmRSS:\t  1024 kB\nThreads:\t12\n');
    assert.deepEqual([sizes.get('VmHWM'), sizes.get('VmRSS'), sizes.has('Threads')], [2 << 20, 1 << 20, false]);
  });

  it('sums a metric over its labels, whatever its prefix and suffix', () => {
    const text =
      '# TYPE temporal_sticky_cache_miss counter\ntemporal_sticky_cache_miss{a="x y"} 3\ntemporal_sticky_cache_miss_total{a="z"} 4\nother 9\n';
    assert.equal(sumOfMetric(text, 'sticky_cache_miss'), 7);
    assert.equal(sumOfMetric(text, 'sticky_cache_hit'), null);
  });

  it('lets given flags take the place of defaults', () => {
    const flags = withDefaults(['--isolates=1', '--x'], ['--isolates=2', '--workflow-timeout=1s']);
    assert.deepEqual(flags, ['--workflow-timeout=1s', '--isolates=1', '--x']);
  });

  it('takes folders out of what it keeps', () => {
    assert.equal(withoutPaths('at run (/a/b-c/lib/x.js:1:2) of /usr/bin/node, 1/2'), 'at run (x.js:1:2) of node, 1/2');
  });

  it('reads sizes and times, and refuses what has no unit', () => {
    assert.deepEqual([parseSize('1GiB'), parseSize('512MiB'), parseTime('30m')], [1 << 30, 512 << 20, 1_800_000]);
    assert.deepEqual([sizeName(1 << 30), sizeName(512 << 20)], ['1GiB', '512MiB']);
    assert.throws(() => parseSize('512'), /no size/);
  });
});

describe('statistics', () => {
  it('quantiles are values that were there', () => {
    const values = Array.from({ length: 200 }, (_, n) => 200 - n);
    assert.deepEqual([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)], [100, 198, 200]);
  });

  it('the quantiles of Student agree with the tables', () => {
    for (const [freedom, expected] of [
      [5, 2.571],
      [10, 2.228],
      [30, 2.042],
      [1_000, 1.962],
    ] as const) {
      assert.ok(Math.abs(studentT(freedom) - expected) < 0.01, `${freedom}: ${studentT(freedom)}`);
    }
  });

  it('least squares finds a slope and how sure it is', () => {
    // Worked by hand: slope 2, residuals 1, -1, 0, -1, 1 about it.
    const found = leastSquares(
      [
        [0, 2],
        [1, 2],
        [2, 5],
        [3, 6],
        [4, 10],
      ].map(([x, y]) => [x ?? 0, y ?? 0] as const)
    );
    assert.ok(found && Math.abs(found.slope - 2) < 1e-12);
    assert.ok(Math.abs(found.halfWidth - studentT(3) * Math.sqrt(4 / 3 / 10)) < 1e-12);
    assert.equal(
      leastSquares([
        [0, 1],
        [1, 2],
      ]),
      undefined
    );
  });

  it('means and lowest points of blocks', () => {
    assert.deepEqual(
      blockMeans(
        [
          [0, 1],
          [1, 3],
          [2, 10],
          [3, 20],
        ],
        2
      ),
      [
        [0.5, 2],
        [2.5, 15],
      ]
    );
    assert.deepEqual(
      blockFloors(
        [
          [0, 3],
          [1, 1],
          [2, 10],
          [3, 20],
        ],
        2
      ),
      [
        [1, 1],
        [2, 10],
      ]
    );
  });
});
