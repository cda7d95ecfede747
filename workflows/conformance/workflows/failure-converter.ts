/** The failure converter of the bundle `converters`: messages and stacks as payloads, points of errors kept. */
import {
  ApplicationFailure,
  DefaultFailureConverter,
  type PayloadConverter,
  type ProtoFailure,
} from '@temporalio/common';
import { Point, PointError } from './points';

class PointFailureConverter extends DefaultFailureConverter {
  constructor() {
    super({ encodeCommonAttributes: true });
  }

  override failureToError(failure: ProtoFailure, payloadConverter: PayloadConverter): Error {
    const error = super.failureToError(failure, payloadConverter);
    const [point] = error instanceof ApplicationFailure ? (error.details ?? []) : [];
    if (!(error instanceof ApplicationFailure) || error.type !== 'PointError' || !(point instanceof Point))
      return error;
    const restored = new PointError(error.message, point);
    restored.failure = failure;
    return restored;
  }

  override errorToFailure(error: unknown, payloadConverter: PayloadConverter): ProtoFailure {
    // By the time that it comes here the runtime has made an application failure of any other error.
    const isRange = error instanceof ApplicationFailure && error.type === 'RangeError';
    const changed = isRange ? ApplicationFailure.nonRetryable(error.message, 'OutOfRange') : error;
    return super.errorToFailure(changed, payloadConverter);
  }
}

export const failureConverter = new PointFailureConverter();
