import type { LeadHistory } from './activities';
import { type Campaign, type EmailNode, type Outcome, nextEmail } from './campaign';
import type { CallReport, EditedMessage, MessageEdit } from './messages';

/** Longest edited subject and body that an update may bring, in characters. */
export const MAX_SUBJECT_CHARS = 200;
export const MAX_BODY_CHARS = 5_000;

/** Nodes kept in `ConversationState.path`; older ones are dropped. */
const MAX_PATH_NODES = 50;

/** What a conversation carries over when it continues as new. */
export interface ConversationState {
  node: string;
  /** Counts the nodes walked over all runs; makes e-mails and calls idempotent. */
  step: number;
  runs: number;
  path: string[];
  inbox: string[];
  edits: Record<string, MessageEdit>;
  emailsSent: number;
  repliesSeen: number;
  lastMessageId: string;
  lastSubject: string;
  replyTimeoutMs?: number;
  callReport?: CallReport;
}

export interface ConversationInput {
  leadId: string;
  /** Defaults to the campaign named by the lead. */
  campaign?: Campaign;
  /** Workflow id of the call manager, `call-manager` if absent. */
  callManagerId?: string;
  /** Nodes that one run walks before it continues as new, 50 if absent. */
  stepsPerRun?: number;
  state?: ConversationState;
}

export interface ConversationResult {
  leadId: string;
  outcome: Outcome;
  path: string[];
  runs: number;
  emailsSent: number;
  repliesSeen: number;
  lastSubject: string;
  /** What the store holds for the lead at the end. */
  history: LeadHistory;
}

export function initialState(): ConversationState {
  return {
    node: '',
    step: 0,
    runs: 1,
    path: [],
    inbox: [],
    edits: {},
    emailsSent: 0,
    repliesSeen: 0,
    lastMessageId: '',
    lastSubject: '',
  };
}

/** Moves to node `id` and counts the step. */
export function enter(state: ConversationState, id: string): void {
  state.node = id;
  state.step += 1;
  state.path = [...state.path, id].slice(-MAX_PATH_NODES);
}

/** The e-mail with its edit applied and the lead's name filled in. */
export function composeEmail(node: EmailNode, edit: MessageEdit | undefined, name: string): Required<MessageEdit> {
  const subject = edit?.subject ?? node.subject;
  const body = edit?.body ?? node.body;
  return { subject, body: body.replaceAll('{name}', name) };
}

/** Why an edit is refused, as one sentence; undefined if it may be applied. */
export function editRefusal(edit: MessageEdit, campaign: Campaign | undefined, from: string): string | undefined {
  if (edit.subject === undefined && edit.body === undefined) return 'The edit has neither a subject nor a body.';
  if (edit.subject !== undefined && edit.subject.trim() === '') return 'The edited subject is empty.';
  if ((edit.subject?.length ?? 0) > MAX_SUBJECT_CHARS) return `The subject is over ${MAX_SUBJECT_CHARS} characters.`;
  if ((edit.body?.length ?? 0) > MAX_BODY_CHARS) return `The body is over ${MAX_BODY_CHARS} characters.`;
  if (campaign !== undefined && nextEmail(campaign, from) === undefined) {
    return `No e-mail follows the node '${from}'.`;
  }
  return undefined;
}

/** Remembers the edit for the next e-mail and returns that e-mail; the edit was accepted by `editRefusal`. */
export function applyEdit(state: ConversationState, campaign: Campaign, edit: MessageEdit): EditedMessage | undefined {
  const upcoming = nextEmail(campaign, state.node);
  if (upcoming === undefined) return undefined;
  const merged = { ...state.edits[upcoming.id], ...edit };
  state.edits[upcoming.id] = merged;
  return {
    node: upcoming.id,
    subject: merged.subject ?? upcoming.node.subject,
    body: merged.body ?? upcoming.node.body,
  };
}
