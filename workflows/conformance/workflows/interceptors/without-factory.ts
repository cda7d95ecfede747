/** A module among the interceptors that has none: hosts pass over it. */
export const noInterceptors = true;
