/** The campaign graph: what a conversation does next, as data. */

export interface EmailNode {
  kind: 'email';
  subject: string;
  /** `{name}` is replaced by the lead's name. */
  body: string;
  next: string;
}

export interface AwaitReplyNode {
  kind: 'awaitReply';
  timeoutMs: number;
  onPositive: string;
  onNegative: string;
  onUnclear: string;
  onTimeout: string;
}

export interface CallNode {
  kind: 'call';
  reason: string;
  timeoutMs: number;
  onBooked: string;
  onVoicemail: string;
  /** Taken when no call manager runs, or it does not answer in time. */
  onUnavailable: string;
}

export interface DoneNode {
  kind: 'done';
  outcome: Outcome;
}

export type Outcome = 'booked' | 'declined' | 'noReply' | 'needsHuman';

export type CampaignNode = EmailNode | AwaitReplyNode | CallNode | DoneNode;

export interface Campaign {
  name: string;
  start: string;
  nodes: Record<string, CampaignNode>;
}

/** The ids of the nodes that may follow `node`. */
export function successors(node: CampaignNode): string[] {
  switch (node.kind) {
    case 'email':
      return [node.next];
    case 'awaitReply':
      return [node.onPositive, node.onNegative, node.onUnclear, node.onTimeout];
    case 'call':
      return [node.onBooked, node.onVoicemail, node.onUnavailable];
    case 'done':
      return [];
  }
}

/** The ids of the nodes from which some path ends, found backwards from the `done` nodes. */
function nodesThatEnd(nodes: Record<string, CampaignNode>): Set<string> {
  const ending = new Set<string>();
  let before = -1;
  while (ending.size > before) {
    before = ending.size;
    for (const [id, node] of Object.entries(nodes)) {
      if (node.kind === 'done' || successors(node).some((next) => ending.has(next))) ending.add(id);
    }
  }
  return ending;
}

/** One sentence per mistake in the graph; an empty list for a graph that a conversation can walk. */
export function campaignMistakes(campaign: Campaign): string[] {
  const mistakes: string[] = [];
  const { nodes } = campaign;
  if (!(campaign.start in nodes)) mistakes.push(`start names the node '${campaign.start}', which does not exist.`);
  for (const [id, node] of Object.entries(nodes)) {
    for (const next of successors(node)) {
      if (!(next in nodes)) mistakes.push(`node '${id}' leads to '${next}', which does not exist.`);
    }
    if ((node.kind === 'awaitReply' || node.kind === 'call') && !(node.timeoutMs > 0)) {
      mistakes.push(`node '${id}' has timeoutMs ${node.timeoutMs}, which must be above 0.`);
    }
  }
  const ending = nodesThatEnd(nodes);
  for (const id of Object.keys(nodes)) {
    if (!ending.has(id)) mistakes.push(`node '${id}' leads to no node of kind 'done'.`);
  }
  return mistakes;
}

/** The first e-mail that a walk from `from` would send next, on the path of least resistance (replies time out). */
export function nextEmail(campaign: Campaign, from: string): { id: string; node: EmailNode } | undefined {
  const seen = new Set<string>();
  const queue = [from];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const node = campaign.nodes[id];
    if (node === undefined || seen.has(id)) continue;
    if (node.kind === 'email') return { id, node };
    seen.add(id);
    queue.push(...successors(node));
  }
  return undefined;
}
