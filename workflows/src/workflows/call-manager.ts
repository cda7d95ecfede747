import {
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConversationActivities } from './activities';
import {
  type CallManagerStatus,
  type CallReport,
  type CallRequest,
  callFinished,
  callManagerStatus,
  closeCallManager,
  requestCall,
} from './messages';

const { placeCall } = proxyActivities<ConversationActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', maximumAttempts: 5 },
});

export interface CallManagerInput {
  /** Calls that may be under way together, 5 if absent. */
  capacity?: number;
  /** Calls that one run places before it continues as new, 50 if absent. */
  callsPerRun?: number;
  state?: CallManagerState;
}

interface CallManagerState {
  pending: CallRequest[];
  booked: number;
  voicemail: number;
  failed: number;
  runs: number;
  closing: boolean;
}

/** Takes call requests by signal, places them with bounded parallelism, and reports back to each conversation. */
export async function callManager(input: CallManagerInput = {}): Promise<CallManagerStatus> {
  const capacity = input.capacity ?? 5;
  const callsPerRun = input.callsPerRun ?? 50;
  const state: CallManagerState = input.state ?? {
    pending: [],
    booked: 0,
    voicemail: 0,
    failed: 0,
    runs: 1,
    closing: false,
  };
  let active = 0;
  let startedThisRun = 0;

  const status = (): CallManagerStatus => {
    const { booked, voicemail, failed, runs } = state;
    return { pending: state.pending.length, active, booked, voicemail, failed, runs };
  };
  setHandler(requestCall, (request) => void state.pending.push(request));
  setHandler(closeCallManager, () => void (state.closing = true));
  setHandler(callManagerStatus, status);

  const full = (): boolean => startedThisRun >= callsPerRun || workflowInfo().continueAsNewSuggested;
  const canStart = (): boolean => state.pending.length > 0 && active < capacity && !full();
  const idle = (): boolean => active === 0 && (full() || (state.closing && state.pending.length === 0));

  async function placeAndReport(request: CallRequest): Promise<void> {
    let outcome: CallReport['outcome'];
    try {
      ({ outcome } = await placeCall({ leadId: request.leadId, reason: request.reason }));
    } catch (err) {
      log.warn('the call was not placed', { leadId: request.leadId, error: String(err) });
      outcome = 'failed';
    }
    state[outcome] += 1;
    try {
      const conversation = getExternalWorkflowHandle(request.conversationId);
      await conversation.signal(callFinished, { step: request.step, outcome });
    } catch (err) {
      // The conversation ended meanwhile: nobody is left who would want the report.
      log.info('the conversation is gone', { conversationId: request.conversationId, error: String(err) });
    }
  }

  for (;;) {
    await condition(() => canStart() || idle());
    const request = canStart() ? state.pending.shift() : undefined;
    if (request !== undefined) {
      startedThisRun += 1;
      active += 1;
      void placeAndReport(request).finally(() => (active -= 1));
    } else if (state.closing && state.pending.length === 0) {
      return status();
    } else {
      await condition(allHandlersFinished);
      await continueAsNew<typeof callManager>({ ...input, state: { ...state, runs: state.runs + 1 } });
    }
  }
}
