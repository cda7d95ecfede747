/** Signals, queries and updates of the workflows, and the shapes they carry. Clients import this file too. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CallOutcome } from './activities';

/** A reply arrived in the lead's mailbox. */
export const replyReceived = defineSignal<[{ text: string }]>('replyReceived');

/** Replaces the patience of the wait that runs now and of all later ones. */
export const setReplyTimeout = defineSignal<[{ timeoutMs: number }]>('setReplyTimeout');

/** The call manager's answer to `requestCall`; `step` is the request's. */
export const callFinished = defineSignal<[CallReport]>('callFinished');

export const conversationStatus = defineQuery<ConversationStatus>('conversationStatus');

/** Edits the next e-mail that the conversation may send; returns the e-mail as it will go out. */
export const editNextMessage = defineUpdate<EditedMessage, [MessageEdit]>('editNextMessage');

export const requestCall = defineSignal<[CallRequest]>('requestCall');

/** The call manager ends when it has made all calls requested so far. */
export const closeCallManager = defineSignal('closeCallManager');

export const callManagerStatus = defineQuery<CallManagerStatus>('callManagerStatus');

export interface CallRequest {
  conversationId: string;
  leadId: string;
  reason: string;
  step: number;
}

export interface CallReport {
  step: number;
  outcome: CallOutcome | 'failed';
}

export interface MessageEdit {
  subject?: string;
  body?: string;
}

export interface EditedMessage {
  node: string;
  subject: string;
  body: string;
}

export interface ConversationStatus {
  node: string;
  step: number;
  runs: number;
  waiting: boolean;
  emailsSent: number;
  repliesSeen: number;
}

export interface CallManagerStatus {
  pending: number;
  active: number;
  booked: number;
  voicemail: number;
  failed: number;
  runs: number;
}
