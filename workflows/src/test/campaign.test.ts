/** The rules of campaign graphs and of edits, without a server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Campaign, campaignMistakes, nextEmail } from '../workflows/campaign';
import { introduction } from '../workflows/campaigns';
import { applyEdit, composeEmail, editRefusal, enter, initialState } from '../workflows/conversation-state';
import { callOutcomeOf, sentimentOf } from './node-worker/activities';

const withNodes = (nodes: Campaign['nodes'], start = 'a'): Campaign => ({ name: 'test', start, nodes });

describe('campaign graphs', () => {
  it('the built-in campaign has no mistakes', () => {
    assert.deepEqual(campaignMistakes(introduction), []);
  });

  it('a missing start is named', () => {
    const [mistake] = campaignMistakes(withNodes({ b: { kind: 'done', outcome: 'noReply' } }));
    assert.match(mistake ?? '', /start names the node 'a'/);
  });

  it('a dangling edge is named', () => {
    const mistakes = campaignMistakes(withNodes({ a: { kind: 'email', subject: 's', body: 'b', next: 'gone' } }));
    assert.match(mistakes[0] ?? '', /'a' leads to 'gone'/);
  });

  it('a circle without an end is named', () => {
    const email = (next: string) => ({ kind: 'email' as const, subject: 's', body: 'b', next });
    const mistakes = campaignMistakes(withNodes({ a: email('b'), b: email('a') }));
    assert.equal(mistakes.length, 2);
    assert.match(mistakes[0] ?? '', /'a' leads to no node of kind 'done'/);
  });

  it('a wait without patience is named', () => {
    const nodes: Campaign['nodes'] = {
      a: { kind: 'awaitReply', timeoutMs: 0, onPositive: 'b', onNegative: 'b', onUnclear: 'b', onTimeout: 'b' },
      b: { kind: 'done', outcome: 'noReply' },
    };
    assert.match(campaignMistakes(withNodes(nodes))[0] ?? '', /'a' has timeoutMs 0/);
  });

  it('the next e-mail is the nearest one', () => {
    assert.equal(nextEmail(introduction, 'hello')?.id, 'hello');
    assert.equal(nextEmail(introduction, 'firstReply')?.id, 'reminder');
    assert.equal(nextEmail(introduction, 'call')?.id, 'missed');
    assert.equal(nextEmail(introduction, 'booked'), undefined);
  });
});

describe('edits', () => {
  it('empty, overlong and pointless ones are refused', () => {
    assert.match(editRefusal({}, introduction, 'hello') ?? '', /neither/);
    assert.match(editRefusal({ subject: ' ' }, introduction, 'hello') ?? '', /empty/);
    assert.match(editRefusal({ subject: 'x'.repeat(201) }, introduction, 'hello') ?? '', /200/);
    assert.match(editRefusal({ body: 'x'.repeat(5_001) }, introduction, 'hello') ?? '', /5000/);
    assert.match(editRefusal({ subject: 'x' }, introduction, 'booked') ?? '', /No e-mail follows/);
    assert.equal(editRefusal({ subject: 'x' }, introduction, 'hello'), undefined);
  });

  it('later edits are laid over earlier ones', () => {
    const state = initialState();
    enter(state, 'firstReply');
    applyEdit(state, introduction, { subject: 'first' });
    const edited = applyEdit(state, introduction, { body: 'for {name}' });
    assert.deepEqual(edited, { node: 'reminder', subject: 'first', body: 'for {name}' });
    const node = introduction.nodes['reminder'];
    assert.ok(node?.kind === 'email');
    const composed = composeEmail(node, state.edits['reminder'], 'Ada');
    assert.deepEqual(composed, { subject: 'first', body: 'for Ada' });
  });

  it('the path keeps its last 50 nodes', () => {
    const state = initialState();
    for (let i = 0; i < 60; i += 1) enter(state, `n${i}`);
    assert.equal(state.step, 60);
    assert.equal(state.path.length, 50);
    assert.equal(state.path[0], 'n10');
  });
});

describe('the contract of the store', () => {
  it('replies are judged by their words', () => {
    assert.equal(sentimentOf('YES, please!'), 'positive');
    assert.equal(sentimentOf('no'), 'negative');
    assert.equal(sentimentOf('I know nothing'), 'unclear');
  });

  it('calls reach leads with even numbers', () => {
    assert.equal(callOutcomeOf('lead-12'), 'booked');
    assert.equal(callOutcomeOf('lead-13'), 'voicemail');
  });
});
