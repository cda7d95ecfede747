/** A failure converter that hides messages and stack traces from the server; both sides name this file. */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
