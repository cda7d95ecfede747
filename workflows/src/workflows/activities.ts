/**
 * The activities that conversations call, by name. They are implemented by the crate `burdock-activities`; this file is
 * their contract: one JSON object in, one JSON object out.
 */

export interface Lead {
  leadId: string;
  name: string;
  email: string;
  phone: string;
  /** Name of the campaign the lead belongs to, see `campaigns.ts`. */
  campaign: string;
}

export type Sentiment = 'positive' | 'negative' | 'unclear';

export type CallOutcome = 'booked' | 'voicemail';

/** Counts of what the store holds for one lead. */
export interface LeadHistory {
  messages: number;
  replies: number;
  calls: number;
}

export interface ConversationActivities {
  /** Creates a lead derived from the id if the store has none. */
  loadLead(input: { leadId: string }): Promise<Lead>;
  /** Idempotent on lead and step. */
  sendEmail(input: { leadId: string; step: number; subject: string; body: string }): Promise<{ messageId: string }>;
  recordReply(input: {
    leadId: string;
    messageId: string;
    text: string;
  }): Promise<{ replyId: string; sentiment: Sentiment }>;
  /** Books when the lead id ends with an even digit, else reaches the voicemail. */
  placeCall(input: { leadId: string; reason: string }): Promise<{ callId: string; outcome: CallOutcome }>;
  leadHistory(input: { leadId: string }): Promise<LeadHistory>;
}

/** Activities that exist for tests: they wait, fail and echo on demand. */
export interface ProbeActivities {
  /** Heartbeats every `heartbeatMs` and honours cancellation. */
  wait(input: { ms: number; heartbeatMs?: number }): Promise<{ waitedMs: number }>;
  /** Fails `times` times per `key` with an application failure (details: the attempt), then succeeds. */
  failTimes(input: {
    key: string;
    times: number;
    type?: string;
    nonRetryable?: boolean;
  }): Promise<{ attempts: number }>;
  echo<T>(input: T): Promise<T>;
}
