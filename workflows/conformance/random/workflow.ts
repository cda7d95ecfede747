/** The workflow that executes a random program. */
import { ApplicationFailure } from '@temporalio/common';
import { continueAsNew, defineQuery, defineSignal, defineUpdate, setHandler } from '@temporalio/workflow';
import { Interpreter } from './interpreter';
import type { PointMessage, ProgramInput, ProgramResult, Progress, StepId } from './program';

const release = defineSignal<[PointMessage]>('release');
const releaseByUpdate = defineUpdate<number, [PointMessage]>('release');
const progress = defineQuery<Progress>('progress');
const fails = defineQuery<void, [StepId]>('fails');
const tell = defineSignal<[number]>('tell');

function setHandlers(interpreter: Interpreter): void {
  setHandler(progress, () => interpreter.progress());
  setHandler(fails, (point) => {
    throw ApplicationFailure.nonRetryable(`query of point ${point}`, 'Query');
  });
  setHandler(tell, (add) => interpreter.receive(add));
  setHandler(release, (message) => interpreter.release(message).then(() => undefined));
  setHandler(releaseByUpdate, (message) => interpreter.release(message), {
    validator({ point, add }) {
      if (add < 0) throw ApplicationFailure.nonRetryable(`point ${point} refuses ${add}`, 'Refused');
    },
  });
}

export async function runProgram(input: ProgramInput): Promise<ProgramResult> {
  const interpreter = new Interpreter(input);
  setHandlers(interpreter);
  for (const [index, step] of input.steps.entries()) {
    if (step.op === 'continueAsNew') {
      const { counter, trace } = interpreter;
      await continueAsNew<typeof runProgram>({ ...input, steps: input.steps.slice(index + 1), counter, trace });
    }
    await interpreter.run(step);
  }
  return { counter: interpreter.counter, trace: interpreter.trace };
}
