// Workflows that hold memory outside of V8's heap, in every way that JavaScript has. Each waits for `finish` when it holds.
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';

export const BUFFER_KINDS = [
  'array',
  'resizable',
  'resized',
  'shared',
  'growable',
  'memory',
  'grown',
  'sharedMemory',
  'instance',
] as const;
export type BufferKind = (typeof BUFFER_KINDS)[number];

export const held = defineQuery<number>('held');
export const finish = defineSignal('finish');

const PAGE_BYTES = 64 << 10;

// What `lib` of ES2023 does not know yet.
type Sized = new (
  length: number,
  options?: { maxByteLength: number }
) => ArrayBuffer & { resize(length: number): void; grow(length: number): void };
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
type Assembly = {
  Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, (value: number) => number> };
};
declare const WebAssembly: Assembly;
const Resizable = ArrayBuffer as unknown as Sized;
const Shared = SharedArrayBuffer as unknown as Sized;

/*
 * (module (memory 0)
 *   (func (export "grow") (param i32) (result i32) local.get 0 memory.grow)
 *   (func (export "fill") (param i32) (result i32) i32.const 0 i32.const 7 local.get 0 memory.fill memory.size))
 */
const MODULE = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
    [0x03, 0x03, 0x02, 0x00, 0x00],
    [0x05, 0x03, 0x01, 0x00, 0x00],
    [0x07, 0x0f, 0x02, 0x04, 0x67, 0x72, 0x6f, 0x77, 0x00, 0x00, 0x04, 0x66, 0x69, 0x6c, 0x6c, 0x00, 0x01],
    [
      0x0a, 0x16, 0x02, 0x06, 0x00, 0x20, 0x00, 0x40, 0x00, 0x0b, 0x0d, 0x00, 0x41, 0x00, 0x41, 0x07, 0x20, 0x00, 0xfc,
      0x0b, 0x00, 0x3f, 0x00, 0x0b,
    ],
  ].flat()
);

function grown(memory: Memory, bytes: number): Memory {
  if (memory.grow(bytes / PAGE_BYTES) < 0) throw new RangeError('the memory cannot grow');
  return memory;
}

/** An instance whose memory only its own code can reach. */
function instanceOf(bytes: number, touched: number): object {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
  const { grow, fill } = exports;
  if (grow === undefined || fill === undefined || grow(bytes / PAGE_BYTES) < 0)
    throw new RangeError('the memory cannot grow');
  fill(touched);
  return exports;
}

/** Something of `bytes`, a multiple of 64 KiB, of which the first `touched` are written. */
export function make(kind: BufferKind, bytes: number, touched: number): object {
  const written = (buffer: ArrayBuffer): ArrayBuffer => {
    new Uint8Array(buffer, 0, touched).fill(7);
    return buffer;
  };
  const pages = bytes / PAGE_BYTES;
  switch (kind) {
    case 'array':
      return written(new ArrayBuffer(bytes));
    case 'resizable':
      return written(new Resizable(bytes, { maxByteLength: 4 * bytes }));
    case 'resized': {
      const buffer = new Resizable(PAGE_BYTES, { maxByteLength: 4 * bytes });
      buffer.resize(bytes);
      return written(buffer);
    }
    case 'shared':
      return written(new Shared(bytes));
    case 'growable': {
      const buffer = new Shared(PAGE_BYTES, { maxByteLength: 4 * bytes });
      buffer.grow(bytes);
      return written(buffer);
    }
    case 'memory': {
      const memory = new WebAssembly.Memory({ initial: pages });
      written(memory.buffer);
      return memory;
    }
    case 'grown': {
      const memory = grown(new WebAssembly.Memory({ initial: 0 }), bytes);
      written(memory.buffer);
      return memory;
    }
    case 'sharedMemory': {
      const memory = new WebAssembly.Memory({ initial: pages, maximum: 2 * pages, shared: true });
      written(memory.buffer);
      return memory;
    }
    case 'instance':
      return instanceOf(bytes, touched);
  }
}

/** Holds one of a kind. */
export async function holdBuffer(kind: BufferKind, bytes: number, touched: number): Promise<number> {
  const state = make(kind, bytes, touched);
  let isDone = false;
  setHandler(held, () => (state === undefined ? 0 : bytes));
  setHandler(finish, () => void (isDone = true));
  await condition(() => isDone);
  return bytes;
}

/** Takes one after the other until it is refused; the answer is how many it got and what the refusal said. */
export async function takesUntilRefused(kind: BufferKind, bytes: number): Promise<{ got: number; refusal: string }> {
  const taken: object[] = [];
  for (;;) {
    try {
      taken.push(make(kind, bytes, 0));
    } catch (err) {
      return { got: taken.length, refusal: String(err) };
    }
  }
}
