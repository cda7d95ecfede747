export declare function initials(name: string): string;
export declare function titleCase(text: string): string;
export declare function tokensOfChat(messages: { role: 'user' | 'assistant'; content: string }[]): number;
