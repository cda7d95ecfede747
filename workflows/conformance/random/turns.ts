/**
 * Lets one thing that ends by itself be under way at a time, in the order in which the workflow's code asked. Part of
 * the workflow: it waits by the SDK's own conditions.
 */
import { CancellationScope, condition } from '@temporalio/workflow';

/** Rounds of microtasks after which cancellations of the same moment have reached every operation. */
const SETTLING_ROUNDS = 20;

export class Turns {
  private holder: number | undefined;
  private readonly queue: number[] = [];
  /** Operations that were cancelled and whose end comes from outside. */
  private ending = 0;

  get isBusy(): boolean {
    return this.holder !== undefined || this.queue.length > 0 || this.ending > 0;
  }

  /** Runs `work` when its turn comes. Where the scope is cancelled already, `work` is to find that out by itself. */
  async hold<T>(id: number, work: () => Promise<T>): Promise<T> {
    if (CancellationScope.current().consideredCancelled) return work();
    for (let round = 0; round < SETTLING_ROUNDS; round += 1) await undefined;
    this.queue.push(id);
    await this.admit(id);
    try {
      return await work();
    } finally {
      this.holder = undefined;
    }
  }

  /**
   * Awaits something that only a cancellation ends. Once it is cancelled, nothing else has a turn until it is over and
   * `afterwards` is done; those that end together go on in the order in which they were cancelled.
   */
  async held<T>(id: number, promise: Promise<T>, afterwards: () => Promise<void>): Promise<T> {
    const scope = CancellationScope.current();
    let isEnding = false;
    scope.cancelRequested.catch(() => {
      if (!scope.consideredCancelled) return;
      isEnding = true;
      this.ending += 1;
      this.queue.push(id);
    });
    try {
      return await promise;
    } finally {
      if (isEnding) await CancellationScope.nonCancellable(() => this.finish(id, afterwards));
    }
  }

  private async finish(id: number, afterwards: () => Promise<void>): Promise<void> {
    try {
      await afterwards();
    } finally {
      this.ending -= 1;
      await this.admit(id);
      this.holder = undefined;
    }
  }

  private async admit(id: number): Promise<void> {
    try {
      await condition(() => this.holder === undefined && this.ending === 0 && this.queue[0] === id);
      this.holder = id;
    } finally {
      this.queue.splice(this.queue.indexOf(id), 1);
    }
  }
}
