import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ConversationActivities, Lead } from './activities';
import {
  type AwaitReplyNode,
  type CallNode,
  type Campaign,
  type CampaignNode,
  type EmailNode,
  type Outcome,
  campaignMistakes,
} from './campaign';
import { campaignNamed } from './campaigns';
import {
  type ConversationInput,
  type ConversationResult,
  type ConversationState,
  applyEdit,
  composeEmail,
  editRefusal,
  enter,
  initialState,
} from './conversation-state';
import {
  type ConversationStatus,
  type EditedMessage,
  type MessageEdit,
  callFinished,
  conversationStatus,
  editNextMessage,
  replyReceived,
  requestCall,
  setReplyTimeout,
} from './messages';

const { loadLead, sendEmail, recordReply, leadHistory } = proxyActivities<ConversationActivities>({
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', maximumInterval: '10s', maximumAttempts: 20 },
});

const DEFAULT_STEPS_PER_RUN = 50;
const DEFAULT_CALL_MANAGER_ID = 'call-manager';

/** Walks one lead through its campaign until a `done` node; runs for as long as replies take. */
export async function conversation(input: ConversationInput): Promise<ConversationResult> {
  const run = new ConversationRun(input);
  // Before the first await: a message may come with the very first task.
  run.listen();
  const lead = await loadLead({ leadId: input.leadId });
  const campaign = input.campaign ?? campaignNamed(lead.campaign);
  const mistakes = campaignMistakes(campaign);
  if (mistakes.length > 0) throw invalidCampaign(`Campaign '${campaign.name}': ${mistakes.join(' ')}`);
  return run.walk(lead, campaign);
}

function invalidCampaign(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'InvalidCampaign');
}

/** One run: the state that it hands on when it continues as new, and what it does at each kind of node. */
class ConversationRun {
  private readonly state: ConversationState;
  private campaign: Campaign | undefined;
  private waiting = false;

  constructor(private readonly input: ConversationInput) {
    this.state = input.state ?? initialState();
  }

  listen(): void {
    const { state } = this;
    setHandler(replyReceived, ({ text }) => void state.inbox.push(text));
    setHandler(setReplyTimeout, ({ timeoutMs }) => void (state.replyTimeoutMs = timeoutMs));
    setHandler(callFinished, (report) => void (state.callReport = report));
    setHandler(conversationStatus, () => this.status());
    setHandler(editNextMessage, (edit) => this.edit(edit), {
      validator: (edit) => {
        const refusal = editRefusal(edit, this.campaign, state.node);
        if (refusal) throw ApplicationFailure.nonRetryable(refusal, 'EditRefused');
      },
    });
  }

  async walk(lead: Lead, campaign: Campaign): Promise<ConversationResult> {
    const { state } = this;
    this.campaign = campaign;
    if (state.node === '') enter(state, campaign.start);
    for (let steps = 0; ; steps += 1) {
      const node = campaign.nodes[state.node];
      if (node === undefined) throw invalidCampaign(`Campaign '${campaign.name}' has no node '${state.node}'.`);
      if (node.kind === 'done') return this.finish(lead, node.outcome);
      if (this.runIsFull(steps)) await this.goOnInNewRun();
      setCurrentDetails(`Step ${state.step}: **${state.node}** of campaign ${campaign.name}`);
      enter(state, await this.step(lead, node));
    }
  }

  private status(): ConversationStatus {
    const { node, step, runs, emailsSent, repliesSeen } = this.state;
    return { node, step, runs, waiting: this.waiting, emailsSent, repliesSeen };
  }

  private async edit(edit: MessageEdit): Promise<EditedMessage> {
    // The validator let an edit pass that came before the campaign was known.
    await condition(() => this.campaign !== undefined);
    const edited = this.campaign && applyEdit(this.state, this.campaign, edit);
    if (edited) return edited;
    throw ApplicationFailure.nonRetryable(`No e-mail follows the node '${this.state.node}'.`, 'NoNextMessage');
  }

  private runIsFull(steps: number): boolean {
    return steps >= (this.input.stepsPerRun ?? DEFAULT_STEPS_PER_RUN) || workflowInfo().continueAsNewSuggested;
  }

  private async goOnInNewRun(): Promise<never> {
    await condition(allHandlersFinished);
    const state = { ...this.state, runs: this.state.runs + 1 };
    return continueAsNew<typeof conversation>({ ...this.input, state });
  }

  /** Does what `node` says and returns the id of the next node. */
  private step(lead: Lead, node: Exclude<CampaignNode, { kind: 'done' }>): Promise<string> {
    switch (node.kind) {
      case 'email':
        return this.sendNext(lead, node);
      case 'awaitReply':
        return this.awaitReply(lead, node);
      case 'call':
        return this.handOver(lead, node);
    }
  }

  private async sendNext(lead: Lead, node: EmailNode): Promise<string> {
    const { state } = this;
    const { subject, body } = composeEmail(node, state.edits[state.node], lead.name);
    const { messageId } = await sendEmail({ leadId: lead.leadId, step: state.step, subject, body });
    state.lastMessageId = messageId;
    state.lastSubject = subject;
    state.emailsSent += 1;
    return node.next;
  }

  /** Waits as long as the node says, or as a signal says that may come at any time. */
  private async awaitReply(lead: Lead, node: AwaitReplyNode): Promise<string> {
    const { state } = this;
    const patienceMs = (): number => state.replyTimeoutMs ?? node.timeoutMs;
    for (;;) {
      const timeoutMs = patienceMs();
      this.waiting = true;
      const woken = await condition(() => state.inbox.length > 0 || patienceMs() !== timeoutMs, timeoutMs);
      this.waiting = false;
      const text = state.inbox.shift();
      if (text !== undefined) return this.branchOnReply(lead, node, text);
      if (!woken) return node.onTimeout;
    }
  }

  private async branchOnReply(lead: Lead, node: AwaitReplyNode, text: string): Promise<string> {
    const { leadId } = lead;
    const { sentiment } = await recordReply({ leadId, messageId: this.state.lastMessageId, text });
    this.state.repliesSeen += 1;
    return { positive: node.onPositive, negative: node.onNegative, unclear: node.onUnclear }[sentiment];
  }

  private async handOver(lead: Lead, node: CallNode): Promise<string> {
    const { state } = this;
    const { step } = state;
    const manager = getExternalWorkflowHandle(this.input.callManagerId ?? DEFAULT_CALL_MANAGER_ID);
    const { workflowId } = workflowInfo();
    try {
      await manager.signal(requestCall, { conversationId: workflowId, leadId: lead.leadId, reason: node.reason, step });
    } catch (err) {
      if (isCancellation(err)) throw err;
      log.warn('the call manager cannot be reached', { callManagerId: manager.workflowId });
      return node.onUnavailable;
    }
    const reported = await condition(() => state.callReport?.step === step, node.timeoutMs);
    const outcome = reported ? state.callReport?.outcome : undefined;
    if (outcome === 'booked') return node.onBooked;
    return outcome === 'voicemail' ? node.onVoicemail : node.onUnavailable;
  }

  private async finish(lead: Lead, outcome: Outcome): Promise<ConversationResult> {
    await condition(allHandlersFinished);
    const { leadId } = lead;
    const { path, runs, emailsSent, repliesSeen, lastSubject } = this.state;
    return {
      leadId,
      outcome,
      path,
      runs,
      emailsSent,
      repliesSeen,
      lastSubject,
      history: await leadHistory({ leadId }),
    };
  }
}
