/** The activities of the contract in `workflows/activities.ts`, for the Node worker that validates the tests. */
import { ApplicationFailure } from '@temporalio/common';
import { activityInfo, Context } from '@temporalio/activity';
import type {
  CallOutcome,
  ConversationActivities,
  LeadHistory,
  ProbeActivities,
  Sentiment,
} from '../../workflows/activities';

const POSITIVE_WORDS = new Set(['yes', 'interested', 'call']);
const NEGATIVE_WORDS = new Set(['no', 'stop', 'unsubscribe']);

/** The rule of the Rust store: the first class with a word in the text. */
export function sentimentOf(text: string): Sentiment {
  const words = text.toLowerCase().split(/[^\p{Alphabetic}\p{Number}]+/u);
  if (words.some((word) => POSITIVE_WORDS.has(word))) return 'positive';
  return words.some((word) => NEGATIVE_WORDS.has(word)) ? 'negative' : 'unclear';
}

/** Calls reach a person when the lead id ends with an even digit. */
export function callOutcomeOf(leadId: string): CallOutcome {
  return /[02468]$/.test(leadId) ? 'booked' : 'voicemail';
}

interface Store {
  messages: Map<string, string>;
  replies: number;
  calls: number;
}

const leads = new Map<string, Store>();

function storeOf(leadId: string): Store {
  let store = leads.get(leadId);
  if (store === undefined) leads.set(leadId, (store = { messages: new Map(), replies: 0, calls: 0 }));
  return store;
}

export const conversationActivities: ConversationActivities = {
  async loadLead({ leadId }) {
    storeOf(leadId);
    return { leadId, name: `Lead ${leadId}`, email: `${leadId}@example.test`, phone: '0', campaign: 'introduction' };
  },

  async sendEmail({ leadId, step }) {
    const { messages } = storeOf(leadId);
    const key = `${leadId}-${step}`;
    const messageId = messages.get(key) ?? `message-${key}`;
    messages.set(key, messageId);
    return { messageId };
  },

  async recordReply({ leadId, text }) {
    const store = storeOf(leadId);
    store.replies += 1;
    return { replyId: `reply-${leadId}-${store.replies}`, sentiment: sentimentOf(text) };
  },

  async placeCall({ leadId }) {
    const store = storeOf(leadId);
    store.calls += 1;
    return { callId: `call-${leadId}-${store.calls}`, outcome: callOutcomeOf(leadId) };
  },

  async leadHistory({ leadId }): Promise<LeadHistory> {
    const store = storeOf(leadId);
    return { messages: store.messages.size, replies: store.replies, calls: store.calls };
  },
};

export const probeActivities: ProbeActivities = {
  async wait({ ms, heartbeatMs = 100 }) {
    const context = Context.current();
    const started = Date.now();
    while (Date.now() - started < ms) {
      if (!activityInfo().isLocal) context.heartbeat(Date.now() - started);
      await context.sleep(Math.min(heartbeatMs, ms - (Date.now() - started)));
    }
    return { waitedMs: Date.now() - started };
  },

  async failTimes({ key, times, type = 'Flaky', nonRetryable = false }) {
    const { attempt } = activityInfo();
    if (attempt <= times) {
      const message = `failure ${attempt} of ${times} of ${JSON.stringify(key)}`;
      throw ApplicationFailure.create({ message, type, nonRetryable, details: [attempt] });
    }
    return { attempts: attempt };
  },

  async echo(input) {
    return input;
  },
};
