// A workflow with a package that keeps a large buffer, which it never writes to as long as documents are small.
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import { BSON } from 'bson';

export const nameOf = defineQuery<string>('nameOf');
export const finish = defineSignal('finish');

/** Keeps a small document; takes it apart and puts it together whenever it is asked. */
export async function keepsDocument(name: string): Promise<string> {
  const document = BSON.serialize({ name });
  const read = (): string => BSON.deserialize(document)['name'] as string;
  let isDone = false;
  setHandler(nameOf, read);
  setHandler(finish, () => void (isDone = true));
  await condition(() => isDone);
  return read();
}
