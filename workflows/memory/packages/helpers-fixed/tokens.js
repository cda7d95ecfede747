import { encodeChat } from 'gpt-tokenizer';

/** The tokens that a chat costs. No workflow calls it; importing it is what costs. */
export function tokensOfChat(messages) {
  return encodeChat(messages, 'gpt-4o').length;
}
