/** Which job and command variants of the protocol real executions have shown. */
import { type HistoryEvent, markersOf, typeOf } from '../history';

interface ProtoRoot {
  lookupType(name: string): { oneofs: Record<string, { oneof: string[] }> };
}
// The schema as data; the package has no types for it.
const schema = require('@temporalio/proto/protos/json-module.js') as ProtoRoot;

function variantsOf(kind: string, type: string): string[] {
  const names = schema.lookupType(type).oneofs['variant']?.oneof ?? [];
  return names.map((name) => `${kind}.${name}`);
}

/** Every variant that a worker may receive or send, read from the protocol's own schema. */
export const allVariants: string[] = [
  ...variantsOf('job', 'coresdk.workflow_activation.WorkflowActivationJob'),
  ...variantsOf('command', 'coresdk.workflow_commands.WorkflowCommand'),
];

/** The variants that an event of the history proves: it exists only if the worker sent or got them. */
const PROOFS: Record<string, string[]> = {
  WORKFLOW_EXECUTION_COMPLETED: ['command.completeWorkflowExecution', 'job.initializeWorkflow'],
  WORKFLOW_EXECUTION_FAILED: ['command.failWorkflowExecution'],
  WORKFLOW_EXECUTION_CANCELED: ['command.cancelWorkflowExecution', 'job.cancelWorkflow'],
  WORKFLOW_EXECUTION_CONTINUED_AS_NEW: ['command.continueAsNewWorkflowExecution'],
  TIMER_STARTED: ['command.startTimer'],
  TIMER_CANCELED: ['command.cancelTimer'],
  ACTIVITY_TASK_SCHEDULED: ['command.scheduleActivity'],
  ACTIVITY_TASK_CANCEL_REQUESTED: ['command.requestCancelActivity'],
  START_CHILD_WORKFLOW_EXECUTION_INITIATED: ['command.startChildWorkflowExecution'],
  SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: ['command.signalExternalWorkflowExecution'],
  UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: ['command.upsertWorkflowSearchAttributes'],
  WORKFLOW_PROPERTIES_MODIFIED: ['command.modifyWorkflowProperties'],
  WORKFLOW_EXECUTION_UPDATE_COMPLETED: ['command.updateResponse', 'job.doUpdate'],
  NEXUS_OPERATION_SCHEDULED: ['command.scheduleNexusOperation'],
  NEXUS_OPERATION_CANCEL_REQUESTED: ['command.requestCancelNexusOperation'],
};

function provenBy(event: HistoryEvent): string[] {
  const cancel = event.requestCancelExternalWorkflowExecutionInitiatedEventAttributes;
  if (cancel) {
    const command = cancel.childWorkflowOnly
      ? 'cancelChildWorkflowExecution'
      : 'requestCancelExternalWorkflowExecution';
    return [`command.${command}`];
  }
  return PROOFS[typeOf(event)] ?? [];
}

/** The union of what the tests of one file have seen. */
export class Coverage {
  private readonly seen = new Set<string>();

  /** Counts what the commands in a history prove. */
  addHistory(events: HistoryEvent[]): void {
    for (const event of events) for (const variant of provenBy(event)) this.seen.add(variant);
    const markers = markersOf(events);
    if (markers.includes('core_patch')) this.seen.add('command.setPatchMarker');
    if (markers.includes('core_local_activity')) this.seen.add('command.scheduleLocalActivity');
  }

  /** Counts variants that a test has proved by a result, where no event of the history does. */
  witness(...variants: string[]): void {
    for (const variant of variants) {
      if (!allVariants.includes(variant)) throw new Error(`The protocol has no variant '${variant}'.`);
      this.seen.add(variant);
    }
  }

  missing(): string[] {
    return allVariants.filter((variant) => !this.seen.has(variant));
  }
}
