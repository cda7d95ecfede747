// AssertionError, and the message that it makes up from the compared values when none is given.
(function installAssertionError(native, host) {
  'use strict';
  const { inspect, invalidArgument } = host;

  const DEPTH_MAX = 50;
  const DIFF_LINES_MAX = 200; // the line comparison takes time and memory proportional to the square of this
  const CONTEXT_LINES = 2;
  const SHORT_CHARS = 12; // two values that together are this short, or shorter, are shown side by side

  const show = (value) => inspect(value, { depthMax: DEPTH_MAX, expand: true });
  const isPrimitive = (value) => value === null || (typeof value !== 'object' && typeof value !== 'function');

  const EXPECTATION = {
    strictEqual: 'Expected values to be strictly equal:',
    deepStrictEqual: 'Expected values to be strictly deep-equal:',
    deepEqual: 'Expected values to be loosely deep-equal:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  };

  // The comma after the last property of one value is no difference to the same property within the other.
  const sameLine = (left, right) => left === right || `${left},` === right || left === `${right},`;

  // Longest common subsequence by lines: [' ', line], ['+', line of actual] or ['-', line of expected].
  function compareLines(actual, expected) {
    const rows = actual.length + 1;
    const columns = expected.length + 1;
    const common = Array.from({ length: rows }, () => new Uint16Array(columns));
    for (let i = rows - 2; i >= 0; i--) {
      for (let j = columns - 2; j >= 0; j--) {
        common[i][j] = sameLine(actual[i], expected[j])
          ? common[i + 1][j + 1] + 1
          : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    const steps = [];
    for (let i = 0, j = 0; i < actual.length || j < expected.length; ) {
      if (i < actual.length && j < expected.length && sameLine(actual[i], expected[j])) {
        const [left, right] = [actual[i++], expected[j++]];
        steps.push([' ', left.length > right.length ? left : right]);
      } else if (j >= expected.length || (i < actual.length && common[i + 1][j] >= common[i][j + 1])) {
        steps.push(['+', actual[i++]]);
      } else steps.push(['-', expected[j++]]);
    }
    return steps;
  }

  // Equal lines far from any difference are left out, if there are enough of them.
  function abridge(steps) {
    const near = (index) =>
      steps.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(([mark]) => mark !== ' ');
    const lines = [];
    let far = [];
    const closeGap = () => {
      lines.push(...(far.length > CONTEXT_LINES ? ['...'] : far));
      far = [];
    };
    for (const [index, [mark, line]] of steps.entries()) {
      if (!near(index)) far.push(`  ${line}`);
      else {
        closeGap();
        lines.push(`${mark} ${line}`);
      }
    }
    closeGap();
    return lines.join('\n');
  }

  function difference(actual, expected, operator) {
    const [left, right] = [show(actual), show(expected)];
    const heading = EXPECTATION[operator];
    if (left === right && !isPrimitive(actual)) {
      const what =
        operator === 'strictEqual' ? 'Values have same structure but are not reference-equal' : heading.slice(0, -1);
      return `${what}:\n\n${left}\n`;
    }
    const oneLine = !left.includes('\n') && !right.includes('\n');
    if (oneLine && isPrimitive(actual) && isPrimitive(expected) && left.length + right.length <= SHORT_CHARS) {
      return `${heading}\n\n${left} !== ${right}\n`;
    }
    const leftLines = left.split('\n').slice(0, DIFF_LINES_MAX);
    const rightLines = right.split('\n').slice(0, DIFF_LINES_MAX);
    return `${heading}\n+ actual - expected\n\n${abridge(compareLines(leftLines, rightLines))}`;
  }

  function unwanted(actual, operator) {
    const text = show(actual);
    if (text.includes('\n')) return `${EXPECTATION[operator]}\n\n${text}\n`;
    return `${EXPECTATION[operator]}${operator === 'notDeepEqual' ? '\n\n' : ' '}${text}`;
  }

  function describe(actual, expected, operator) {
    if (operator === 'strictEqual' || operator === 'deepStrictEqual') return difference(actual, expected, operator);
    if (operator.startsWith('not') && operator in EXPECTATION) return unwanted(actual, operator);
    if (operator === 'deepEqual') {
      return `${EXPECTATION.deepEqual}\n\n${show(actual)}\n\nshould loosely deep-equal\n\n${show(expected)}`;
    }
    return `${inspect(actual)} ${operator} ${inspect(expected)}`;
  }

  class AssertionError extends Error {
    constructor(options) {
      if (options === null || typeof options !== 'object') throw invalidArgument('options', 'of type object', options);
      const { message, actual, expected, operator, stackStartFn } = options;
      super(message === undefined || message === null ? describe(actual, expected, `${operator}`) : `${message}`);
      this.generatedMessage = !message;
      Object.defineProperty(this, 'name', {
        value: 'AssertionError [ERR_ASSERTION]',
        writable: true,
        configurable: true,
      });
      this.code = 'ERR_ASSERTION';
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
      Error.captureStackTrace?.(this, typeof stackStartFn === 'function' ? stackStartFn : AssertionError);
      void this.stack; // the header, which carries the code, is fixed when the stack is first read
      this.name = 'AssertionError';
    }
    toString() {
      return `${this.name} [${this.code}]: ${this.message}`;
    }
  }

  return { AssertionError };
});
