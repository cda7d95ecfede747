import type { Campaign } from './campaign';

const DAY_MS = 86_400_000;
const CALL_TIMEOUT_MS = 600_000;

/** Introduction, one reminder, then a call for those who are interested. */
export const introduction: Campaign = {
  name: 'introduction',
  start: 'hello',
  nodes: {
    hello: {
      kind: 'email',
      subject: 'A question about your mailbox',
      body: 'Dear {name}, would a quieter mailbox be worth a short talk to you?',
      next: 'firstReply',
    },
    firstReply: {
      kind: 'awaitReply',
      timeoutMs: 3 * DAY_MS,
      onPositive: 'call',
      onNegative: 'declined',
      onUnclear: 'reminder',
      onTimeout: 'reminder',
    },
    reminder: {
      kind: 'email',
      subject: 'Still interested?',
      body: 'Dear {name}, a word from you is enough and we call you.',
      next: 'secondReply',
    },
    secondReply: {
      kind: 'awaitReply',
      timeoutMs: 3 * DAY_MS,
      onPositive: 'call',
      onNegative: 'declined',
      onUnclear: 'human',
      onTimeout: 'silent',
    },
    call: {
      kind: 'call',
      reason: 'asked for a call',
      timeoutMs: CALL_TIMEOUT_MS,
      onBooked: 'booked',
      onVoicemail: 'missed',
      onUnavailable: 'human',
    },
    missed: {
      kind: 'email',
      subject: 'We missed you',
      body: 'Dear {name}, we left you a message. A colleague will be in touch.',
      next: 'human',
    },
    booked: { kind: 'done', outcome: 'booked' },
    declined: { kind: 'done', outcome: 'declined' },
    silent: { kind: 'done', outcome: 'noReply' },
    human: { kind: 'done', outcome: 'needsHuman' },
  },
};

const campaigns: Record<string, Campaign> = { [introduction.name]: introduction };

/** The campaign of that name; a name that nobody defined gets the introduction. */
export function campaignNamed(name: string): Campaign {
  return campaigns[name] ?? introduction;
}
