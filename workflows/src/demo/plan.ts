/** What happens to each conversation of the demo, and the result that it has to reach. Pure. */
import type { Outcome } from '../workflows/campaign';
import { introduction } from '../workflows/campaigns';
import type { ConversationInput, ConversationResult } from '../workflows/conversation-state';
import type { MessageEdit } from '../workflows/messages';

export const CALL_MANAGER_ID = 'call-manager';
/** Patience of those who get no reply, set once all conversations wait. */
const SHORT_TIMEOUT_MS = 2_000;

export interface Plan {
  leadId: string;
  workflowId: string;
  input: ConversationInput;
  edit?: MessageEdit;
  /** An edit that the workflow has to reject. */
  refusedEdit?: MessageEdit;
  replies: string[];
  replyTimeoutMs?: number;
  expected: Omit<ConversationResult, 'leadId'>;
}

interface Story {
  edit?: MessageEdit;
  refusedEdit?: MessageEdit;
  replies: string[];
  replyTimeoutMs?: number;
  stepsPerRun?: number;
  /** The nodes behind `hello` and `firstReply`; calls are filled in by the lead's last digit. */
  leadsTo: string[];
}

const YES = 'Yes, I am interested.';
const NO = 'No, thank you.';
const WHO = 'Who is this?';
const edit = { subject: 'One last question', body: 'Dear {name}, we keep it short.' };

/** By the last digit of the lead. */
const STORIES: Story[] = [
  { replies: [YES], leadsTo: ['call', 'booked'] },
  { replies: [YES], leadsTo: ['call', 'missed', 'human'] },
  { replies: ['Please call me.'], leadsTo: ['call', 'booked'] },
  { replies: ['Please call me.'], leadsTo: ['call', 'missed', 'human'], stepsPerRun: 3 },
  { replies: [NO], leadsTo: ['declined'] },
  { replies: ['Stop this.'], leadsTo: ['declined'] },
  { replies: [WHO, YES], leadsTo: ['reminder', 'secondReply', 'call', 'booked'] },
  { replies: [], replyTimeoutMs: SHORT_TIMEOUT_MS, leadsTo: ['reminder', 'secondReply', 'silent'] },
  { replies: [], replyTimeoutMs: SHORT_TIMEOUT_MS, edit, leadsTo: ['reminder', 'secondReply', 'silent'] },
  { replies: [WHO, NO], edit, refusedEdit: {}, stepsPerRun: 2, leadsTo: ['reminder', 'secondReply', 'declined'] },
];

function expectedOf(story: Story): Plan['expected'] {
  const path = ['hello', 'firstReply', ...story.leadsTo];
  const visited = path.map((id) => introduction.nodes[id]);
  const emails = visited.flatMap((node) => (node?.kind === 'email' ? [node] : []));
  const end = visited.at(-1);
  const outcome: Outcome = end?.kind === 'done' ? end.outcome : 'needsHuman';
  // The last node only ends the run that reaches it; it is no step that could fill the run up.
  const runs = story.stepsPerRun ? Math.ceil((path.length - 1) / story.stepsPerRun) : 1;
  const editedLast = story.edit?.subject !== undefined && path.includes('reminder');
  return {
    outcome,
    path,
    runs,
    emailsSent: emails.length,
    repliesSeen: story.replies.length,
    lastSubject: editedLast ? (story.edit?.subject ?? '') : (emails.at(-1)?.subject ?? ''),
    history: {
      messages: emails.length,
      replies: story.replies.length,
      calls: visited.filter((node) => node?.kind === 'call').length,
    },
  };
}

/** The plan of conversation number `index`; `run` tells one demo's leads from another's in the store. */
export function planOf(run: string, index: number): Plan {
  const story = STORIES[index % STORIES.length] as Story;
  const leadId = `${run}-${index}`;
  const { leadsTo: _, stepsPerRun, ...deeds } = story;
  return {
    ...deeds,
    leadId,
    workflowId: `conversation-${leadId}`,
    input: { leadId, callManagerId: `${CALL_MANAGER_ID}-${run}`, ...(stepsPerRun ? { stepsPerRun } : {}) },
    expected: expectedOf(story),
  };
}

/** The differences between a result and the plan, one line each. */
export function deviations(plan: Plan, result: ConversationResult): string[] {
  const wanted: ConversationResult = { leadId: plan.leadId, ...plan.expected };
  return (Object.keys(wanted) as (keyof ConversationResult)[]).flatMap((key) => {
    const [want, got] = [JSON.stringify(wanted[key]), JSON.stringify(result[key])];
    return want === got || sameFields(wanted[key], result[key])
      ? []
      : [`${plan.workflowId}: ${key} is ${got}, expected ${want}`];
  });
}

/** Whether two objects have the same values, whatever the order of their keys. */
function sameFields(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a)) return false;
  const sorted = (value: object): string => JSON.stringify(Object.entries(value).sort());
  return sorted(a) === sorted(b);
}
