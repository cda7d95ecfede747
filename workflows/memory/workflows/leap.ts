/** What the ways to fill a memory have in common. */

export type Kept = unknown[];

/** Takes some memory that is referenced from `kept`; called again and again until `room` bytes are full. */
export type Leap = (kept: Kept, room: number) => void;

/** The room that amounts are written for. */
export const PLAIN_ROOM_BYTES = 160 << 20;

/** An amount that is written for a plain room, for one of `room` bytes, so that any is full after about as many steps. */
export function sized(amount: number, room: number): number {
  return Math.round((amount * room) / PLAIN_ROOM_BYTES);
}

/** About `chars` characters of `part`, again and again. */
export function text(chars: number, part = 'burdock '): string {
  return part.repeat(Math.ceil(chars / part.length));
}

const BALLAST_BYTES = 16 << 20;

/** About so many bytes of the heap, which cost next to nothing to fill and to collect: a shape takes what is left of a large heap. */
export function ballast(bytes: number): string[] {
  return Array.from({ length: Math.max(0, Math.floor(bytes / BALLAST_BYTES)) }, (_, n) => {
    const flat = text(BALLAST_BYTES, `ballast ${n} `);
    Number(flat);
    return flat;
  });
}
