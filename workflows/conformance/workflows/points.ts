/** The values and errors that the custom converters know. */
import { ApplicationFailure } from '@temporalio/common';

/** Two coordinates; sixteen bytes as a payload. */
export class Point {
  constructor(
    readonly x: number,
    readonly y: number
  ) {}

  plus(other: Point): Point {
    return new Point(this.x + other.x, this.y + other.y);
  }
}

/** Becomes the kind of context that it was converted in. */
export class ContextProbe {
  constructor(readonly seen = 'not converted yet') {}
}

/** No converter can make a payload of it. */
export class Unconvertible {
  readonly reason = 'by design';
}

/** An error whose point the failure converter passes on. */
export class PointError extends ApplicationFailure {
  constructor(
    message: string,
    readonly point: Point
  ) {
    super(message, 'PointError', true, [point]);
  }
}
