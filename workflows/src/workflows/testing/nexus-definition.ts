/** The Nexus service that test workflows call; the tests' Node worker implements it. */
import * as nexus from 'nexus-rpc';

export const greetings = nexus.service('greetings', {
  /** Answers at once. */
  greet: nexus.operation<{ name: string }, { text: string }>(),
  /** Fails for good. */
  refuse: nexus.operation<{ name: string }, { text: string }>(),
  /** Backed by a workflow `waitForRelease`, which it names by the given id. */
  waitForWord: nexus.operation<{ workflowId: string; taskQueue: string }, string>(),
});
